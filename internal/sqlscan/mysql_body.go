package sqlscan

// top returns what has been opened last.
func (m *mysqlCompound) top() byte {
	if len(m.frames) == 0 {
		return 0
	}
	return m.frames[len(m.frames)-1]
}

func (m *mysqlCompound) push(frame byte) { m.frames = append(m.frames, frame) }

// pop closes what has been opened last, or nothing, where an END is too much.
func (m *mysqlCompound) pop() {
	if len(m.frames) > 0 {
		m.frames = m.frames[:len(m.frames)-1]
	}
}

// body takes notice of a token in a body.
func (m *mysqlCompound) body(word mysqlKeyword) {
	if word == ';' {
		for m.top() == 'e' {
			m.pop() // the server will refuse it
		}
		m.begins, m.first, m.handler = true, kwNone, 0
		return
	}
	if m.handler != 0 && !m.condition(word) {
		return
	}
	if m.begins {
		m.first = word
		m.begins = m.begin(word)
		return
	}
	switch word {
	case ':':
		m.begins = m.last == kwOther && m.first == kwOther // a label
	case kwThen:
		m.begins = m.top() != 'e'
	case kwDo, kwLoop:
		m.begins = m.top() == 'w' && m.first != kwEnd
	case kwCase:
		if m.last != '.' && m.first != kwEnd {
			m.push('e')
		}
	case kwEnd:
		switch {
		case m.last == '.':
		case m.top() == 'e':
			m.pop()
		case m.top() == 'r' && m.first == kwUntil:
			m.pop()
			m.first = kwEnd
		}
	case kwHandler:
		if m.first == kwDeclare {
			m.handler = 'h'
		}
	}
}

// begin takes notice of the first word of a statement in a body, and reports
// whether a further statement begins behind it.
func (m *mysqlCompound) begin(word mysqlKeyword) bool {
	switch word {
	case kwBegin:
		if m.top() == 'd' {
			m.pop()
		}
		m.push('b')
		return true
	case kwNot, kwAtomic: // BEGIN NOT ATOMIC
		return true
	case kwIf:
		m.push('i')
	case kwCase:
		m.push('c')
	case kwWhile, kwFor:
		m.push('w')
	case kwLoop:
		m.push('l')
		return true
	case kwRepeat:
		m.push('r')
		return true
	case kwElse:
		return true
	case kwEnd:
		m.pop()
	case kwProcedure, kwFunction:
		if m.top() == 'd' { // in a package, or local in Oracle mode
			m.state, m.params, m.returns, m.parens = mysqlRoutine, false, false, 0
		}
	case kwOrder: // FOLLOWS or PRECEDES another trigger
		m.handler = 'o'
	case kwLabel:
		m.handler = 'l'
	}
	return false
}

// condition takes notice of a token where DECLARE … HANDLER FOR lists what it
// handles, or a trigger names another. It reports whether the list has ended
// before the token, with which a statement then begins.
func (m *mysqlCompound) condition(word mysqlKeyword) (ended bool) {
	switch m.handler {
	case 'h': // after HANDLER
		m.handler = 'f'
	case 'f': // after FOR or a comma
		switch word {
		case kwNot:
			m.handler = 'o'
		case kwSQLState:
			m.handler = 's'
		default:
			m.handler = 'c'
		}
	case 's': // after SQLSTATE
		if word != kwValue {
			m.handler = 'c'
		}
	case 'l': // after <<
		m.handler = 'o'
	case 'o': // one more token
		m.handler = 'c'
	case 'c': // after a condition
		if word == ',' {
			m.handler = 'f'
			return false
		}
		m.handler, m.begins = 0, true
		return true
	}
	return false
}
