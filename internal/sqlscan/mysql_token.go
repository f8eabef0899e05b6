package sqlscan

import "bytes"

// mysqlLexer is the tokenizer of MySQL and MariaDB.
type mysqlLexer struct {
	mode Mode
	// start is set as long as there has been no token yet. There the mysql
	// client takes every -- for a comment, whatever follows it.
	start bool
	// executable is set inside of an executable comment: what stands there is
	// read as if the marks around it were not there, whatever version of the
	// server it is meant for.
	executable bool
}

// mysqlAhead is how many bytes behind a token can change what it is: 1e+5 goes
// on behind 1.
const mysqlAhead = 3

func (l *mysqlLexer) token(text []byte, eof bool) (Kind, int) {
	if len(text) == 0 || !eof && text[0] == '/' && len(text) < longestMarker {
		return Illegal, 0
	}
	kind, size := l.tokenAt(text)
	ahead := size
	if kind == Punct && text[0] == '.' && len(text) > 1 && mysqlClass[text[1]]&digit != 0 {
		_, ahead = mysqlNumber(text) // .1e+ is not a number yet, and .1e+5 is one
	}
	if !eof && len(text)-ahead < mysqlAhead {
		return Illegal, 0
	}
	if kind < blank || kind == marker {
		l.start = false
	}
	if kind == marker {
		l.executable = text[0] == '/'
	}
	return kind, size
}

// tokenAt is token for a text that does not go on, without the changes that
// the token makes to the lexer.
func (l *mysqlLexer) tokenAt(text []byte) (Kind, int) {
	c := text[0]
	switch class := mysqlClass[c]; {
	case class&identStart != 0:
		return l.word(text)
	case class&space != 0:
		return blank, mysqlRun(text, 1, space)
	case class&digit != 0:
		return mysqlNumber(text)
	}
	switch c {
	case '\'', '"', '`':
		size, closed := l.quoted(text)
		switch {
		case !closed:
			return Illegal, size
		case c == '`' || c == '"' && l.mode&ANSIQuotes != 0:
			return Quoted, size
		}
		return String, size
	case '@':
		return l.variable(text)
	case '?':
		return Variable, 1
	case '#':
		return comment, lineEnd(text)
	case '.':
		if len(text) > 1 && mysqlClass[text[1]]&digit != 0 {
			if kind, size := mysqlNumber(text); kind == Number {
				return kind, size
			}
		}
		return Punct, 1
	case '\\':
		if len(text) > 1 && text[1] == 'N' {
			return Word, 2 // NULL
		}
		return Illegal, 1
	}
	return l.punct(text)
}

// word reads a keyword or an identifier, or a string with a letter before it
// that says how it is to be read.
func (l *mysqlLexer) word(text []byte) (Kind, int) {
	if len(text) > 1 && text[1] == '\'' {
		kind, size, closed := String, 0, false
		switch lower(text[0]) {
		case 'n':
			size, closed = l.quoted(text[1:])
		case 'x', 'b':
			kind = Blob
			size, closed = quoted(text[1:])
		}
		switch {
		case size > 0 && !closed:
			return Illegal, size + 1
		case size > 0:
			return kind, size + 1
		}
	}
	return Word, mysqlRun(text, 1, ident)
}

// quoted returns the size of the quoted token at the beginning of text and
// whether it is closed. Only strings have backslashes that mean something.
func (l *mysqlLexer) quoted(text []byte) (size int, closed bool) {
	if text[0] == '`' || l.mode&NoBackslashEscapes != 0 || text[0] == '"' && l.mode&ANSIQuotes != 0 {
		return quoted(text)
	}
	return backslashed(text)
}

// variable reads @name, @@name with the dots in it, or either in quotes.
func (l *mysqlLexer) variable(text []byte) (Kind, int) {
	at := 1
	if len(text) > 1 && text[1] == '@' {
		at++
	}
	if at < len(text) && (text[at] == '`' || at == 1 && (text[at] == '\'' || text[at] == '"')) {
		size, closed := l.quoted(text[at:])
		if !closed {
			return Illegal, at + size
		}
		return Variable, at + size
	}
	end := at
	for end < len(text) && (mysqlClass[text[end]]&ident != 0 || text[end] == '.') {
		end++
	}
	if end == at {
		return Punct, at
	}
	return Variable, end
}

// mysqlNumber reads a numeric literal, or a name that begins with a digit.
func mysqlNumber(text []byte) (Kind, int) {
	if len(text) > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'b') {
		if end := mysqlRun(text, 2, hex); end > 2 && mysqlRun(text, end, ident) == end {
			return Number, end
		}
	}
	at := mysqlRun(text, 0, digit)
	if at < len(text) && text[at] == '.' {
		at = mysqlRun(text, at+1, digit)
	}
	if at < len(text) && lower(text[at]) == 'e' {
		exponent := at + 1
		if exponent < len(text) && (text[exponent] == '+' || text[exponent] == '-') {
			exponent++
		}
		if end := mysqlRun(text, exponent, digit); end > exponent {
			at = end
		}
	}
	if end := mysqlRun(text, at, ident); end > at {
		return Word, end
	}
	return Number, at
}

// mysqlOperators are those of more than one character, longer ones first.
var mysqlOperators = [...]string{"<=>", "->>", "->", "<=", ">=", "<>", "!=", "<<", ">>", "||", "&&", ":="}

// punct reads an operator, a separator, a comment or a mark of an executable
// one, or one illegal byte.
func (l *mysqlLexer) punct(text []byte) (Kind, int) {
	switch {
	case bytes.HasPrefix(text, []byte("--")):
		if l.start || len(text) == 2 || text[2] <= ' ' || text[2] == 0x7f {
			return comment, lineEnd(text)
		}
	case bytes.HasPrefix(text, []byte("/*")):
		return longComment(text)
	case l.executable && bytes.HasPrefix(text, []byte("*/")):
		return marker, 2
	}
	for _, operator := range mysqlOperators {
		if bytes.HasPrefix(text, []byte(operator)) {
			return Punct, len(operator)
		}
	}
	if bytes.IndexByte([]byte("()[]{},;+-*/%<>=!&|^~:"), text[0]) >= 0 {
		return Punct, 1
	}
	return Illegal, 1
}

// longestMarker is the size of the longest mark that begins an executable
// comment, and one byte more, which shows that its number has ended.
const longestMarker = len("/*M!999999") + 1

// longComment reads a comment, or the mark at the beginning of an executable
// one, /*! or MariaDB's /*M!, with the version that it is meant for. The version
// 999999 will never be: mariadb-dump begins dumps with a comment for it, which
// tells the client of MariaDB something.
func longComment(text []byte) (Kind, int) {
	at := 2
	if at < len(text) && text[at] == 'M' {
		at++
	}
	if at == len(text) || text[at] != '!' {
		if end := bytes.Index(text[2:], []byte("*/")); end >= 0 {
			return comment, end + 4
		}
		return Illegal, len(text)
	}
	at++
	end := mysqlRun(text[:min(len(text), at+6)], at, digit)
	switch {
	case string(text[at:end]) == "999999":
		return neverExecuted(text, end)
	case end-at < 5:
		return marker, at
	}
	return marker, end
}

// neverExecuted reads an executable comment that no server executes. Comments
// may stand in it, but not in those.
func neverExecuted(text []byte, at int) (Kind, int) {
	for {
		end := bytes.Index(text[at:], []byte("*/"))
		if end < 0 {
			return Illegal, len(text)
		}
		inner := bytes.Index(text[at:at+end], []byte("/*"))
		at += end + 2
		if inner < 0 {
			return comment, at
		}
	}
}

// mysqlUnclosed returns what is wrong with an illegal token that goes to the
// end of the text for want of its end.
func mysqlUnclosed(kind Kind, text []byte) string {
	if kind != Illegal {
		return ""
	}
	switch lower(text[0]) {
	case '\'', '"', 'n':
		return "has a string that is not closed"
	case '`', '@':
		return "has a quoted name that is not closed"
	case 'x', 'b':
		return "has a blob literal that is not closed"
	case '/':
		return unclosedComment
	}
	return ""
}
