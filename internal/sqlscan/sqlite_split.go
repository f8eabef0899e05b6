package sqlscan

import "bytes"

// sqliteSplitter finds the ends of SQLite's statements.
type sqliteSplitter struct {
	machine sqliteMachine
	// inside is what stands between two statements and of which only the
	// beginning has been passed over: ' ' for blanks, '-' or '*' for a comment,
	// 0 for nothing.
	inside byte
	// border is the index in the statement behind the last token that has been
	// read as such.
	border int
}

func (p *sqliteSplitter) ending() (cut int, data bool) { return 0, false }

func (p *sqliteSplitter) setMode(Mode) {}

// gap lets a comment go on to the end of the script, as SQLite does.
func (p *sqliteSplitter) gap(text []byte, eof bool) (size int, found bool, comment int) {
	at := 0
	for at < len(text) {
		c := text[at]
		switch {
		case p.inside != 0:
			at += p.leave(text[at:], eof)
			if p.inside != 0 {
				return at, false, -1
			}
		case sqliteClass[c]&blankStart != 0:
			p.inside = ' '
			at++
		case c == ';':
			at++
		case bytes.HasPrefix(text[at:], []byte(byteOrderMark)):
			at += len(byteOrderMark)
		case bytes.HasPrefix(text[at:], []byte("--")):
			p.inside = '-'
			at += 2
		case bytes.HasPrefix(text[at:], []byte("/*")) && len(text) > at+2:
			p.inside = '*'
			at += 2
		case !eof && (string(text[at:]) == "-" || string(text[at:]) == "/" || string(text[at:]) == "/*"):
			return at, false, -1 // may become a comment
		default:
			return at, true, -1
		}
	}
	return at, false, -1
}

// leave returns how much of text belongs to the blanks or the comment in which
// it begins, and clears inside if they end there. The last byte is kept back
// where it may be half of the comment's end.
func (p *sqliteSplitter) leave(text []byte, eof bool) int {
	size, end := len(text), -1
	switch p.inside {
	case ' ':
		if end = run(text, 0, space); end == size {
			end = -1
		}
	case '-':
		end = bytes.IndexByte(text, '\n')
	case '*':
		if end = bytes.Index(text, []byte("*/")); end >= 0 {
			end += 2
		} else if !eof && text[size-1] == '*' {
			size--
		}
	}
	if end >= 0 {
		p.inside = 0
		return end
	}
	return size
}

func (p *sqliteSplitter) statement(text []byte, from int, eof bool) (size int, done bool, problem string) {
	if from == 0 {
		p.machine = sqliteMachine{}
	}
	at := from
	for p.machine.state != ordinary {
		kind, n := sqliteToken(text[at:], eof)
		if n == 0 {
			return at, false, ""
		}
		if kind < blank {
			if problem := unclosed(kind, text[at:at+n]); problem != "" {
				return at, false, problem
			}
			p.machine.step(kind, text[at:at+n])
		}
		at += n
		p.border = at
		if p.machine.state == ended {
			return at, true, ""
		}
	}
	return p.semicolon(text, at, eof)
}

// semicolon looks from at on for the semicolon that ends an ordinary
// statement. Nearly all of a script is read here, and therefore not token by
// token: only what can hide a semicolon is recognised, and passed over with
// the vector instructions behind bytes.IndexByte.
func (p *sqliteSplitter) semicolon(text []byte, at int, eof bool) (size int, done bool, problem string) {
	for at < len(text) {
		c := text[at]
		if sqliteClass[c]&special == 0 {
			at++
			continue
		}
		switch c {
		case ';':
			return at + 1, true, ""
		case '-', '/':
			if at+1 < len(text) && text[at+1] != '-' && text[at+1] != '*' {
				at++
				continue
			}
		case '$':
			if !p.catchUp(text, at, eof) {
				return at, false, ""
			}
			if p.border > at { // inside of an identifier or a number
				at = p.border
				continue
			}
		}
		kind, n := sqliteToken(text[at:], eof)
		if n == 0 {
			return at, false, ""
		}
		if unclosed(kind, text[at:at+n]) != "" {
			return p.unclosed(text)
		}
		at += n
		p.border = at
	}
	return at, false, ""
}

// catchUp reads the tokens from border up to index at, so that border is there,
// or behind it if nothing begins there. It returns false if the end of text
// keeps it from telling.
func (p *sqliteSplitter) catchUp(text []byte, at int, eof bool) bool {
	for p.border < at {
		_, n := sqliteToken(text[p.border:], eof)
		if n == 0 {
			return false
		}
		p.border += n
	}
	return true
}

// unclosed returns the place and the name of the token from border on that is
// not closed, of which it is known that there is one. The x before a string
// belongs to it, and x'00' is never followed by a doubled quote, which makes
// no difference until one of them is missing.
func (p *sqliteSplitter) unclosed(text []byte) (size int, done bool, problem string) {
	for at := p.border; at < len(text); {
		kind, n := sqliteToken(text[at:], true)
		if problem := unclosed(kind, text[at:at+n]); problem != "" {
			return at, false, problem
		}
		at += n
	}
	panic("sqlscan: every token is closed")
}
