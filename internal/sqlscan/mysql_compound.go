package sqlscan

// mysqlCompound knows, after each token of a statement, whether a semicolon
// would end it. It follows the nesting of the blocks in the body of a stored
// program. BEGIN, END and the like may be names, and IF and REPEAT functions;
// what tells them apart is that a statement begins where they stand, or not.
type mysqlCompound struct {
	state mysqlState
	// frames are what is open: 'b' a block, 'd' the declarations before one, as
	// in MariaDB's Oracle mode, 'i' IF, 'c' CASE, 'l' LOOP, 'r' REPEAT, 'w' WHILE
	// or FOR, 'e' a CASE that is part of an expression.
	frames  []byte
	begins  bool         // a statement begins at the next token
	last    mysqlKeyword // the token before, as far as it matters
	first   mysqlKeyword // the first word of the statement in the body
	handler byte         // how far the conditions of DECLARE … HANDLER have come
	parens  int          // that are open in a header
	params  bool         // the parameters of a routine have been read
	returns bool         // RETURN has come in its header: of a value, or, in Oracle mode, of a type
}

// mysqlState is where in a statement we are.
type mysqlState uint8

const (
	mysqlStart   mysqlState = iota
	mysqlSimple             // ends at the next delimiter
	mysqlBegin              // after BEGIN, maybe of BEGIN NOT ATOMIC
	mysqlCreate             // after CREATE or ALTER
	mysqlDefiner            // after CREATE DEFINER
	mysqlRoutine            // in the header of a procedure, function or package
	mysqlTrigger            // in the header of a trigger
	mysqlEvent              // in the header of an event
	mysqlBody               // in a body
)

func (m *mysqlCompound) reset() { *m = mysqlCompound{frames: m.frames[:0]} }

// ordinary reports whether the next delimiter ends the statement.
func (m *mysqlCompound) ordinary() bool { return m.state == mysqlSimple }

// complete reports whether the semicolon just read ends the statement.
func (m *mysqlCompound) complete() bool { return len(m.frames) == 0 }

// step takes notice of a token that is neither a blank nor a comment.
func (m *mysqlCompound) step(kind Kind, text []byte) {
	word := kwNone
	if kind == Word {
		word = mysqlKeywordOf(text)
	} else if kind == Punct && len(text) == 1 {
		word = mysqlKeyword(text[0])
	} else if kind == Quoted {
		word = kwOther
	} else if string(text) == "<<" {
		word = kwLabel
	}
	if m.state == mysqlBody {
		m.body(word)
	} else {
		m.head(word, kind == String)
	}
	m.last = word
}

// head takes notice of a token before a body.
func (m *mysqlCompound) head(word mysqlKeyword, isString bool) {
	switch m.state {
	case mysqlStart:
		switch {
		case word == kwCreate || word == kwAlter:
			m.state = mysqlCreate
		case word == kwBegin:
			m.state = mysqlBegin
		case word.opens():
			m.enter(word) // MariaDB takes these outside of stored programs, too
		default:
			m.state = mysqlSimple
		}
	case mysqlBegin:
		switch {
		case word == kwAtomic && m.last == kwNot:
			m.enter(kwBegin)
		case word != kwNot:
			m.state = mysqlSimple
		}
	case mysqlCreate, mysqlDefiner:
		m.kindOf(word)
	case mysqlRoutine:
		m.routine(word, isString)
	case mysqlTrigger:
		if word == kwRow && m.last == kwEach {
			m.state, m.begins = mysqlBody, true
		}
	case mysqlEvent:
		if word == kwDo && m.parens == 0 {
			m.state, m.begins = mysqlBody, true
		}
		m.paren(word)
	}
}

// enter begins a body with the word that is its first.
func (m *mysqlCompound) enter(word mysqlKeyword) {
	m.state, m.begins = mysqlBody, true
	m.body(word)
}

// kindOf takes notice of a word between CREATE and what is created.
func (m *mysqlCompound) kindOf(word mysqlKeyword) {
	switch word {
	case kwProcedure, kwFunction, kwPackage:
		m.state = mysqlRoutine
	case kwTrigger:
		m.state = mysqlTrigger
	case kwEvent:
		m.state = mysqlEvent
	case kwDefiner:
		m.state = mysqlDefiner
	case kwOr, kwReplace, kwAggregate:
	case ';', kwView, kwSQL:
		m.state = mysqlSimple
	default:
		if m.state == mysqlCreate {
			m.state = mysqlSimple
		}
	}
}

// paren counts the parentheses of a header.
func (m *mysqlCompound) paren(word mysqlKeyword) {
	switch word {
	case '(':
		m.parens++
	case ')':
		if m.parens--; m.parens == 0 {
			m.params = true
		}
	}
}

// routine takes notice of a token in the header of a procedure, a function or
// a package. Where the header ends and the body begins can only be told by the
// first word of the body.
func (m *mysqlCompound) routine(word mysqlKeyword, isString bool) {
	m.paren(word)
	if m.parens > 0 {
		return
	}
	switch {
	case word == ';':
		if len(m.frames) > 0 { // a declaration in a package
			m.state, m.begins = mysqlBody, true
		}
	case word == kwAs:
	case m.last == kwAs:
		// What follows is a body in Oracle mode, a string with a body in another
		// language, or the rest of IS NULL behind RETURN.
		if !isString && (!m.returns || word != kwNot && word != kwNull) {
			m.declarations()
			m.body(word)
		}
	case !m.params || m.returns:
	case word == kwReturn:
		m.returns = true
	case word.opens():
		m.enter(word)
	case word == kwSet && (m.last == kwCharacter || m.last == kwReturns): // of a type
	case word == kwDo || word == kwReplace || word == kwSet || word == kwStatement:
		m.state, m.begins = mysqlBody, false
	}
}

// declarations begins the body behind AS, in Oracle mode.
func (m *mysqlCompound) declarations() {
	m.frames = append(m.frames, 'd')
	m.state, m.begins = mysqlBody, true
}
