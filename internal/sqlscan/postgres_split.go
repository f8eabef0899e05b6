package sqlscan

import "bytes"

// postgresSplitter finds the ends of PostgreSQL's statements as psql does: at
// semicolons that stand neither in parentheses, as those of CREATE RULE may,
// nor in the body of a function that is written in SQL itself.
type postgresSplitter struct {
	gapState postgresGap
	state    postgresState
	parens   int  // that are open
	blocks   int  // BEGIN ATOMIC and CASE that are open
	last     byte // the word before, if it matters: 'a' for AS, 'b' for BEGIN, 'f' for FROM, or '.'
}

// postgresState is what the words of a statement have shown it to be.
type postgresState uint8

const (
	postgresStart    postgresState = iota
	postgresOrdinary               // ends at the next semicolon outside of parentheses
	postgresCreate                 // after CREATE
	postgresOr                     // after CREATE OR
	postgresReplace                // after CREATE OR REPLACE
	postgresRoutine                // CREATE FUNCTION or CREATE PROCEDURE
	postgresCopy                   // COPY
	postgresStdin                  // COPY … FROM STDIN, whose data follows
)

func (p *postgresSplitter) setMode(Mode) {}

func (p *postgresSplitter) ending() (cut int, data bool) { return 0, p.state == postgresStdin }

func (p *postgresSplitter) gap(text []byte, eof bool) (size int, found bool, comment int) {
	return p.gapState.pass(text, eof)
}

func (p *postgresSplitter) statement(text []byte, from int, eof bool) (size int, done bool, problem string) {
	if from == 0 {
		p.state, p.parens, p.blocks, p.last = postgresStart, 0, 0, 0
	}
	at := from
	for at < len(text) {
		c := text[at]
		switch class := postgresClass[c]; {
		case class&identStart != 0:
			end := postgresRun(text, at+1, ident)
			if !eof && len(text)-end < postgresAhead {
				return at, false, ""
			}
			if prefix, _ := postgresPrefix(text[at:]); prefix == 0 {
				p.word(text[at:end])
				at = end
				continue
			}
		case class&digit != 0:
			// What follows the digits without a blank is no word, and must not
			// be taken for the prefix of a string.
			end := postgresRun(text, at+1, digit)
			if end < len(text) && postgresClass[text[end]]&identStart != 0 {
				end = postgresRun(text, end, ident)
			}
			if !eof && end == len(text) {
				return at, false, ""
			}
			p.last = 0
			at = end
			continue
		case class&space != 0:
			at++
			continue
		case c == '-' || c == '/':
			if at+1 == len(text) && !eof {
				return at, false, ""
			}
			if at+1 == len(text) || text[at+1] != '-' && text[at+1] != '*' || text[at+1] == '-' != (c == '-') {
				p.last = 0
				at++
				continue
			}
		case c == '\'' || c == '"' || c == '$':
		case c == '\\':
			return p.command(text, at, eof)
		default:
			if c == ';' && p.parens == 0 && p.blocks == 0 {
				return at + 1, true, ""
			}
			p.punct(c)
			at++
			continue
		}
		kind, n := postgresToken(text[at:], eof)
		if n == 0 {
			return at, false, ""
		}
		if problem := postgresUnclosed(kind, text[at:at+n]); problem != "" {
			return at, false, problem
		}
		if kind < blank {
			p.last = 0
		}
		at += n
	}
	return at, false, ""
}

// punct takes notice of a character that is a token by itself.
func (p *postgresSplitter) punct(c byte) {
	p.last = 0
	switch c {
	case '(':
		p.parens++
	case ')':
		p.parens = max(0, p.parens-1)
	case '.':
		p.last = '.'
	}
}

// word takes notice of a keyword or a bare identifier.
func (p *postgresSplitter) word(text []byte) {
	last := p.last
	p.last = 0
	switch p.state {
	case postgresStart:
		switch {
		case equalFold(text, "create"):
			p.state = postgresCreate
		case equalFold(text, "copy"):
			p.state = postgresCopy
		default:
			p.state = postgresOrdinary
		}
	case postgresCreate, postgresReplace:
		switch {
		case equalFold(text, "function"), equalFold(text, "procedure"):
			p.state = postgresRoutine
		case p.state == postgresCreate && equalFold(text, "or"):
			p.state = postgresOr
		default:
			p.state = postgresOrdinary
		}
	case postgresOr:
		p.state = postgresOrdinary
		if equalFold(text, "replace") {
			p.state = postgresReplace
		}
	case postgresRoutine:
		if p.parens == 0 {
			p.routineWord(text, last)
		}
	case postgresCopy:
		switch {
		case p.parens > 0:
		case equalFold(text, "from"):
			p.last = 'f'
		case last == 'f' && (equalFold(text, "stdin") || equalFold(text, "stdout")):
			p.state = postgresStdin // the grammar takes either for the other
		}
	}
}

// routineWord counts what is open in the body of a routine. psql counts every
// BEGIN, CASE and END; here those that can only be names are left out, as the
// server does: BEGIN without ATOMIC, and what stands behind AS or a dot.
func (p *postgresSplitter) routineWord(text []byte, last byte) {
	name := last == 'a' || last == '.'
	switch {
	case equalFold(text, "begin"):
		p.last = 'b'
	case equalFold(text, "as"):
		p.last = 'a'
	case equalFold(text, "atomic"):
		if last == 'b' {
			p.blocks++
		}
	case equalFold(text, "case"):
		if p.blocks > 0 && !name {
			p.blocks++
		}
	case equalFold(text, "end"):
		if p.blocks > 0 && !name {
			p.blocks--
		}
	}
}

// command is the problem of a command of psql at index at.
func (p *postgresSplitter) command(text []byte, at int, eof bool) (size int, done bool, problem string) {
	if !eof && bytes.IndexByte(text[at:], '\n') < 0 && len(text)-at < 64 {
		return at, false, ""
	}
	return at, false, "has " + psqlCommand(text[at:]) + ", a command of psql, which only psql understands"
}
