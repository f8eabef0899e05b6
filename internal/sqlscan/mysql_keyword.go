package sqlscan

// mysqlKeyword is a token as far as mysqlCompound tells it from others: a word
// below, or the character that a token of punctuation is.
type mysqlKeyword uint8

const (
	kwNone mysqlKeyword = 0

	kwOther mysqlKeyword = iota + 0x7f
	kwAggregate
	kwAlter
	kwAs
	kwAtomic
	kwBegin
	kwCase
	kwCharacter
	kwCreate
	kwDeclare
	kwDefiner
	kwDo
	kwEach
	kwElse
	kwEnd
	kwEvent
	kwFor
	kwFunction
	kwHandler
	kwIf
	kwLabel // <<, before a label in Oracle mode
	kwLoop
	kwNot
	kwNull
	kwOr
	kwOrder
	kwPackage
	kwProcedure
	kwRepeat
	kwReplace
	kwReturn
	kwReturns
	kwRow
	kwSet
	kwSQL
	kwSQLState
	kwStatement
	kwThen
	kwTrigger
	kwUntil
	kwValue
	kwView
	kwWhile
)

// mysqlKeywords are the keywords that matter.
var mysqlKeywords = map[string]mysqlKeyword{
	"aggregate": kwAggregate, "alter": kwAlter, "as": kwAs, "is": kwAs, "atomic": kwAtomic,
	"begin": kwBegin, "case": kwCase, "character": kwCharacter, "char": kwCharacter,
	"create": kwCreate, "declare": kwDeclare, "definer": kwDefiner, "do": kwDo,
	"each": kwEach, "else": kwElse, "end": kwEnd, "event": kwEvent, "for": kwFor,
	"function": kwFunction, "handler": kwHandler, "if": kwIf, "loop": kwLoop, "not": kwNot, "null": kwNull, "true": kwNull, "false": kwNull, "unknown": kwNull,
	"or": kwOr, "follows": kwOrder, "precedes": kwOrder, "package": kwPackage,
	"procedure": kwProcedure, "repeat": kwRepeat, "replace": kwReplace, "return": kwReturn,
	"returns": kwReturns, "row": kwRow, "set": kwSet, "sql": kwSQL, "sqlstate": kwSQLState,
	"then": kwThen, "trigger": kwTrigger, "until": kwUntil, "value": kwValue,
	"view": kwView, "while": kwWhile,

	"call": kwStatement, "delete": kwStatement, "execute": kwStatement, "insert": kwStatement,
	"select": kwStatement, "update": kwStatement, "values": kwStatement, "with": kwStatement,
}

// longestKeyword is the size of the longest of them.
const longestKeyword = len("procedure")

// mysqlKeywordOf returns which word a token is.
func mysqlKeywordOf(text []byte) mysqlKeyword {
	if len(text) > longestKeyword {
		return kwOther
	}
	var small [longestKeyword]byte
	for i, c := range text {
		small[i] = lower(c)
	}
	if word, found := mysqlKeywords[string(small[:len(text)])]; found {
		return word
	}
	return kwOther
}

// opens reports whether a statement in a body that begins with the keyword goes
// on to an END.
func (k mysqlKeyword) opens() bool {
	switch k {
	case kwBegin, kwIf, kwCase, kwLoop, kwRepeat, kwWhile, kwFor:
		return true
	}
	return false
}
