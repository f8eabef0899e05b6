package sqlscan

import "bytes"

// postgresGap passes over what stands between two statements of PostgreSQL.
type postgresGap struct {
	// inside is what only the beginning of has been passed over: '-' for a
	// comment up to the end of its line, or a line of psql's, 0 for nothing.
	inside byte
	depth  int // of comments in a comment that are open
}

func (g *postgresGap) pass(text []byte, eof bool) (size int, found bool, opened int) {
	at, start := 0, 0
	for at < len(text) {
		c := text[at]
		switch {
		case g.depth > 0:
			if at += g.leave(text[at:]); g.depth > 0 {
				return at, false, start
			}
		case g.inside != 0:
			end := bytes.IndexByte(text[at:], '\n')
			if end < 0 {
				return len(text), false, -1
			}
			g.inside = 0
			at += end
		case postgresClass[c]&space != 0 || c == ';':
			at++
		case c == '\\':
			skipped, known := skippedCommand(text[at:], eof)
			if !skipped || !known {
				return at, known, -1
			}
			g.inside = '-'
		case c != '-' && c != '/':
			return at, true, -1
		case at+1 == len(text):
			return at, eof, -1
		case c == '-' && text[at+1] == '-':
			g.inside = '-'
			at += 2
		case c == '/' && text[at+1] == '*':
			g.depth, start = 1, at
			at += 2
		default:
			return at, true, -1
		}
	}
	if g.depth > 0 {
		return at, false, start
	}
	return at, false, -1
}

// leave returns how much of text belongs to the comment in which it begins.
// The last byte is kept back where it may be half of an end or a beginning.
func (g *postgresGap) leave(text []byte) int {
	at := 0
	for g.depth > 0 {
		next := bytes.IndexAny(text[at:], "*/")
		if next < 0 {
			return len(text)
		}
		if at += next; at+1 == len(text) {
			return at
		}
		switch string(text[at : at+2]) {
		case "*/":
			g.depth--
			at += 2
		case "/*":
			g.depth++
			at += 2
		default:
			at++
		}
	}
	return at
}
