package sqlscan

import "bytes"

// mysqlSplitter finds the ends of MySQL's statements as the mysql client does,
// with two differences. Where the delimiter is the semicolon, the body of a
// stored program is not cut, so that a script needs no DELIMITER. And no
// executable comment is cut.
type mysqlSplitter struct {
	lexer     mysqlLexer
	delimiter []byte
	inside    byte // what stands between two statements, see gap
	nested    bool // the comment there may have comments in it
	innermost bool // the text is in one of those

	compound mysqlCompound
	plain    bool // the next delimiter ends the statement
	opened   int  // index of the executable comment
	// The comments before index behind, with nothing but blanks between them,
	// begin at index comments. They may be the last of the statement.
	comments, behind int
	cut              int    // what the statement that has just ended has behind its last token
	problem          string // of a DELIMITER
}

func newMySQLSplitter() *mysqlSplitter { return &mysqlSplitter{delimiter: []byte(";")} }

func (p *mysqlSplitter) setMode(m Mode) { p.lexer.mode = m }

func (p *mysqlSplitter) ending() (cut int, data bool) { return p.cut, false }

// usual reports whether the delimiter is the one that a script begins with.
func (p *mysqlSplitter) usual() bool { return string(p.delimiter) == ";" }

func (p *mysqlSplitter) statement(text []byte, from int, eof bool) (size int, done bool, problem string) {
	if p.problem != "" {
		return 0, false, p.problem
	}
	if from == 0 {
		p.lexer.executable = false
		p.compound.reset()
		p.plain = !p.usual()
		p.comments, p.behind, p.cut = 0, 0, 0
	}
	at := from
	for !p.plain {
		kind, n := p.lexer.token(text[at:], eof)
		if n == 0 {
			return p.atEnd(at, eof)
		}
		token := text[at : at+n]
		switch problem := mysqlUnclosed(kind, token); {
		case problem != "":
			return at, false, problem
		case kind == Illegal && token[0] == '\\':
			return at, false, clientCommand(text[at:])
		case kind == marker && p.lexer.executable:
			p.opened = at
		}
		at += n
		if kind < blank {
			p.compound.step(kind, token)
			if token[0] == ';' && !p.lexer.executable && p.compound.complete() {
				return at, true, ""
			}
			p.plain = p.compound.ordinary()
		}
	}
	return p.delimited(text, at, eof)
}

// delimited looks from at on for the delimiter. The mysql client knows no
// words, and so END$$ ends where the delimiter is $$, though it could be one
// name.
func (p *mysqlSplitter) delimited(text []byte, at int, eof bool) (size int, done bool, problem string) {
	first := p.delimiter[0]
	for at < len(text) {
		c := text[at]
		if c == first && !p.lexer.executable {
			if bytes.HasPrefix(text[at:], p.delimiter) {
				if !p.usual() {
					p.cut = at + len(p.delimiter) - p.lastToken(text[:at])
				}
				return at + len(p.delimiter), true, ""
			}
			if !eof && bytes.HasPrefix(p.delimiter, text[at:]) {
				return at, false, ""
			}
		}
		if mysqlClass[c]&special == 0 {
			at++
			continue
		}
		var next byte
		if at+1 < len(text) {
			next = text[at+1]
		} else if !eof {
			return at, false, ""
		}
		switch {
		case c == '-' && next != '-', c == '/' && next != '*', c == '*' && (next != '/' || !p.lexer.executable):
			at++
			continue
		case c == '\\':
			if next != 'N' {
				return at, false, clientCommand(text[at:])
			}
			at += 2
			continue
		}
		kind, n := p.lexer.token(text[at:], eof)
		if n == 0 {
			return at, false, ""
		}
		if problem := mysqlUnclosed(kind, text[at:at+n]); problem != "" {
			return at, false, problem
		}
		switch {
		case kind == marker && p.lexer.executable:
			p.opened = at
		case kind == comment && (p.behind == 0 || mysqlRun(text[:at], p.behind, space) < at):
			p.comments, p.behind = at, at+n
		case kind == comment:
			p.behind = at + n
		}
		at += n
	}
	return p.atEnd(at, eof)
}

// lastToken returns the index behind the last token of text, which ends where a
// delimiter begins.
func (p *mysqlSplitter) lastToken(text []byte) int {
	end := trimBlanks(text)
	if end == p.behind {
		end = trimBlanks(text[:p.comments])
	}
	return end
}

// trimBlanks returns the size of text without the blanks at its end.
func trimBlanks(text []byte) int {
	end := len(text)
	for end > 0 && mysqlClass[text[end-1]]&space != 0 {
		end--
	}
	return end
}

// atEnd is what there is to say when the text has been read up to index at, its
// end or the beginning of what may go on behind it.
func (p *mysqlSplitter) atEnd(at int, eof bool) (size int, done bool, problem string) {
	if eof && p.lexer.executable {
		return p.opened, false, unclosedComment
	}
	return at, false, ""
}

// clientCommand is the problem of a backslash outside of a string.
func clientCommand(text []byte) string {
	command := bytes.ToValidUTF8(text[:min(2, len(text))], nil)
	return "has " + string(command) + ", a command of the mysql client, which only that client understands"
}
