package sqlscan

import "bytes"

func (p *mysqlSplitter) gap(text []byte, eof bool) (size int, found bool, opened int) {
	at, start := 0, 0
	for at < len(text) {
		c := text[at]
		rest := text[at:]
		switch {
		case p.inside == '-':
			end := bytes.IndexByte(rest, '\n')
			if end < 0 {
				return len(text), false, -1
			}
			p.inside = 0
			at += end
		case p.inside == '*':
			if at += p.leave(rest); p.inside != 0 {
				return at, false, start
			}
		case mysqlClass[c]&space != 0:
			at++
		case bytes.HasPrefix(rest, p.delimiter):
			at += len(p.delimiter)
		case !eof && (bytes.HasPrefix(p.delimiter, rest) || undecided(rest)):
			return at, false, -1
		case c == ';': // an empty statement to the server, which refuses it
			at++
		case c == '#' || bytes.HasPrefix(rest, []byte("--")):
			p.inside = '-'
		case c == '/':
			kind, size := longCommentOrMarker(rest)
			if kind != comment {
				return at, true, -1
			}
			p.inside, p.nested, start = '*', size > 2, at
			at += size
		case isDelimiter(rest):
			end := bytes.IndexByte(rest, '\n')
			if end < 0 && !eof {
				return at, false, -1
			}
			if end < 0 {
				end = len(rest)
			}
			if p.problem = p.setDelimiter(rest[len(delimiterCommand):end]); p.problem != "" {
				return at, true, -1
			}
			at += end
		default:
			return at, true, -1
		}
	}
	if p.inside == '*' {
		return at, false, start
	}
	return at, false, -1
}

// undecided reports whether text is too short to tell what begins there.
func undecided(text []byte) bool {
	switch lower(text[0]) {
	case '-':
		return len(text) < 2
	case '/':
		return len(text) < longestMarker
	case 'd':
		return len(text) <= len(delimiterCommand)
	}
	return false
}

// longCommentOrMarker tells what begins at a slash: a comment, whose opening
// mark then has the given size, or something else.
func longCommentOrMarker(text []byte) (kind Kind, size int) {
	for _, never := range [...]string{"/*!999999", "/*M!999999"} {
		if bytes.HasPrefix(text, []byte(never)) {
			return comment, len(never)
		}
	}
	if !bytes.HasPrefix(text, []byte("/*")) || bytes.HasPrefix(text, []byte("/*!")) || bytes.HasPrefix(text, []byte("/*M!")) {
		return marker, 0
	}
	return comment, 2
}

// leave returns how much of text belongs to the comment in which it begins, and
// clears inside if it ends there. The last byte is kept back where it may be
// half of an end or a beginning.
func (p *mysqlSplitter) leave(text []byte) int {
	at := 0
	for {
		next := bytes.IndexByte(text[at:], '*')
		if next < 0 {
			next = len(text) - at
		}
		if slash := bytes.IndexByte(text[at:at+next], '/'); p.nested && slash >= 0 {
			next = slash
		}
		if at += next; at+1 >= len(text) {
			return at
		}
		switch string(text[at : at+2]) {
		case "*/":
			if !p.innermost {
				p.inside = 0
				return at + 2
			}
			p.innermost = false
			at += 2
		case "/*":
			p.innermost = true
			at += 2
		default:
			at++
		}
	}
}

// delimiterCommand is the only command of the mysql client that is obeyed. It
// goes to the end of its line.
const delimiterCommand = "delimiter"

// isDelimiter reports whether text begins with it.
func isDelimiter(text []byte) bool {
	size := len(delimiterCommand)
	return len(text) >= size && equalFold(text[:size], delimiterCommand) &&
		(len(text) == size || mysqlClass[text[size]]&space != 0)
}

// setDelimiter takes the first word behind the command, which may be in quotes.
// It returns what is wrong with it.
func (p *mysqlSplitter) setDelimiter(argument []byte) (problem string) {
	argument = bytes.TrimSpace(argument)
	if len(argument) > 0 && bytes.IndexByte([]byte("'\"`"), argument[0]) >= 0 {
		argument, _, _ = bytes.Cut(argument[1:], argument[:1])
	} else if end := bytes.IndexAny(argument, " \t\v\f"); end >= 0 {
		argument = argument[:end]
	}
	switch {
	case len(argument) == 0:
		return "has DELIMITER without a delimiter behind it"
	case bytes.IndexByte(argument, '\\') >= 0:
		return "has a backslash in the delimiter"
	}
	p.delimiter = bytes.Clone(argument)
	return ""
}
