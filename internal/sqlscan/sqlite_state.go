package sqlscan

// sqliteMachine knows, after each token of a statement, whether it was the last
// one. A statement ends at a semicolon but for two kinds. A trigger ends at a
// semicolon after an END after a semicolon. The arguments of a virtual table's
// module are any tokens with balanced parentheses, and for SQLite's grammar a
// semicolon is a token.
type sqliteMachine struct {
	state sqliteState
	depth int // of parentheses, in a virtual table's statement
}

// sqliteState is how much of the beginning or of the end of such a statement
// has been seen.
type sqliteState uint8

const (
	atStart   sqliteState = iota // nothing yet
	ordinary                     // ends at the next semicolon
	explained                    // after EXPLAIN, and QUERY PLAN
	created                      // after CREATE, and TEMP
	inTrigger                    // in a trigger
	afterSemi                    // in a trigger, after a semicolon
	afterEnd                     // in a trigger, after a semicolon and END
	inVirtual                    // in a virtual table's statement
	ended                        // after the semicolon that ends the statement
)

// sqliteInput is what a token means for the state.
type sqliteInput uint8

const (
	anything sqliteInput = iota
	semi
	wordExplain
	wordCreate
	wordTemp
	wordTrigger
	wordVirtual
	wordEnd
)

// sqliteNext gives the state after a token, as the table of sqlite3_complete
// does, which knows nothing of virtual tables. That every word keeps the state
// after EXPLAIN is its simplification: only QUERY PLAN can stand between EXPLAIN
// and CREATE.
var sqliteNext = [ended][wordEnd + 1]sqliteState{
	//           anything   semi       EXPLAIN    CREATE     TEMP       TRIGGER    VIRTUAL    END
	atStart:   {ordinary, ended, explained, created, ordinary, ordinary, ordinary, ordinary},
	ordinary:  {ordinary, ended, ordinary, ordinary, ordinary, ordinary, ordinary, ordinary},
	explained: {explained, ended, ordinary, created, ordinary, ordinary, explained, ordinary},
	created:   {ordinary, ended, ordinary, ordinary, created, inTrigger, inVirtual, ordinary},
	inTrigger: {inTrigger, afterSemi, inTrigger, inTrigger, inTrigger, inTrigger, inTrigger, inTrigger},
	afterSemi: {inTrigger, afterSemi, inTrigger, inTrigger, inTrigger, inTrigger, inTrigger, afterEnd},
	afterEnd:  {inTrigger, ended, inTrigger, inTrigger, inTrigger, inTrigger, inTrigger, inTrigger},
	inVirtual: {inVirtual, ended, inVirtual, inVirtual, inVirtual, inVirtual, inVirtual, inVirtual},
}

// step takes notice of a token that is neither a blank nor a comment.
func (m *sqliteMachine) step(kind Kind, text []byte) {
	if m.state == inVirtual {
		switch text[0] {
		case '(':
			m.depth++
		case ')':
			m.depth--
		case ';':
			if m.depth > 0 {
				return
			}
		}
	}
	m.state = sqliteNext[m.state][meaning(kind, text)]
}

// meaning tells the words that matter from all others.
func meaning(kind Kind, text []byte) sqliteInput {
	if kind != Word {
		if text[0] == ';' {
			return semi
		}
		return anything
	}
	switch lower(text[0]) {
	case 'c':
		if equalFold(text, "create") {
			return wordCreate
		}
	case 'e':
		if equalFold(text, "end") {
			return wordEnd
		}
		if equalFold(text, "explain") {
			return wordExplain
		}
	case 't':
		if equalFold(text, "temp") || equalFold(text, "temporary") {
			return wordTemp
		}
		if equalFold(text, "trigger") {
			return wordTrigger
		}
	case 'v':
		if equalFold(text, "virtual") {
			return wordVirtual
		}
	}
	return anything
}
