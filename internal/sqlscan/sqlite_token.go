package sqlscan

import "bytes"

// sqliteToken is the tokenizer of SQLite. It divides a text exactly as
// sqlite3GetToken does, of which it keeps some oddities on purpose: see the
// comments below.
func sqliteToken(text []byte, eof bool) (Kind, int) {
	if len(text) == 0 {
		return Illegal, 0
	}
	kind, size := sqliteTokenAt(text)
	if !eof && mayGoOn(text, size) {
		return Illegal, 0
	}
	return kind, size
}

// mayGoOn reports whether the token of the given size could be larger if more
// stood behind text. Most tokens end where something else begins. But / before
// * may begin a comment, : stand in the middle of a variable's name, and + or -
// in the middle of a number, and only the byte after them shows which.
func mayGoOn(text []byte, size int) bool {
	first, last := text[0], text[size-1]
	switch len(text) - size {
	case 0:
		return first != ';'
	case 1:
		switch text[size] {
		case '*':
			return first == '/'
		case ':':
			return first == '$' || first == '@' || first == '#' || first == ':'
		case '+', '-':
			return lower(last) == 'e'
		}
	}
	return false
}

// sqliteTokenAt is sqliteToken for a text that does not go on.
func sqliteTokenAt(text []byte) (Kind, int) {
	c := text[0]
	switch class := sqliteClass[c]; {
	case class&identStart != 0:
		return sqliteWord(text)
	case class&blankStart != 0:
		return blank, run(text, 1, space)
	case class&digit != 0:
		return sqliteNumber(text)
	}
	switch c {
	case '\'', '"', '`':
		size, closed := quoted(text)
		switch {
		case !closed:
			return Illegal, size
		case c == '\'':
			return String, size
		}
		return Quoted, size
	case '[':
		if end := bytes.IndexByte(text, ']'); end >= 0 {
			return Quoted, end + 1
		}
		return Illegal, len(text)
	case '?':
		return Variable, run(text, 1, digit)
	case '$', '@', ':', '#':
		return sqliteVariable(text)
	case '.':
		if len(text) > 1 && sqliteClass[text[1]]&digit != 0 {
			return sqliteNumber(text)
		}
	}
	return sqlitePunct(text)
}

// sqliteWord reads a keyword, an identifier or a blob literal. A byte order
// mark is a blank where a token can begin, though it is part of an identifier
// further on.
func sqliteWord(text []byte) (Kind, int) {
	if text[0] == byteOrderMark[0] && bytes.HasPrefix(text, []byte(byteOrderMark)) {
		return blank, len(byteOrderMark)
	}
	if lower(text[0]) != 'x' || len(text) < 2 || text[1] != '\'' {
		return Word, run(text, 1, ident)
	}
	end := run(text, 2, hex)
	if end < len(text) && text[end] == '\'' && end%2 == 0 {
		return Blob, end + 1
	}
	if quote := bytes.IndexByte(text[end:], '\''); quote >= 0 {
		return Illegal, end + quote + 1
	}
	return Illegal, len(text)
}

// quoted returns the size of the quoted token at the beginning of text, in
// which its quote stands doubled, and whether it is closed.
func quoted(text []byte) (size int, closed bool) {
	quote := text[0]
	for at := 1; ; {
		next := bytes.IndexByte(text[at:], quote)
		if next < 0 {
			return len(text), false
		}
		at += next + 1
		if at == len(text) || text[at] != quote {
			return at, true
		}
		at++
	}
}

// sqliteNumber reads a numeric literal. Underscores are taken anywhere among
// the digits, the parser objects to wrong ones later. Letters that follow
// belong to the token and make it illegal.
func sqliteNumber(text []byte) (Kind, int) {
	at := 0
	if len(text) > 2 && text[0] == '0' && lower(text[1]) == 'x' && sqliteClass[text[2]]&hex != 0 {
		at = digits(text, 2, hex)
	} else {
		at = digits(text, 0, digit)
		if at < len(text) && text[at] == '.' {
			at = digits(text, at+1, digit)
		}
		if at < len(text) && lower(text[at]) == 'e' {
			exponent := at + 1
			if exponent < len(text) && (text[exponent] == '+' || text[exponent] == '-') {
				exponent++
			}
			if exponent < len(text) && sqliteClass[text[exponent]]&digit != 0 {
				at = digits(text, exponent, digit)
			}
		}
	}
	if end := run(text, at, ident); end > at {
		return Illegal, end
	}
	return Number, at
}

// digits passes over digits of the class and underscores.
func digits(text []byte, at int, c class) int {
	for at < len(text) && (sqliteClass[text[at]]&c != 0 || text[at] == '_') {
		at++
	}
	return at
}

// sqliteVariable reads a parameter. Names may have the form of a variable of
// Tcl, with :: in them and a suffix in parentheses, which may hold anything
// but blanks, even a semicolon.
func sqliteVariable(text []byte) (Kind, int) {
	kind, at := Illegal, 1
	for at < len(text) {
		switch c := text[at]; {
		case sqliteClass[c]&ident != 0:
			kind = Variable
			at++
		case c == '(' && kind == Variable:
			for at++; at < len(text) && text[at] != ')' && sqliteClass[text[at]]&space == 0; {
				at++
			}
			if at < len(text) && text[at] == ')' {
				return Variable, at + 1
			}
			return Illegal, at
		case c == ':' && at+1 < len(text) && text[at+1] == ':':
			at += 2
		default:
			return kind, at
		}
	}
	return kind, at
}

// sqlitePunct reads an operator, a separator or a comment, or one illegal byte.
func sqlitePunct(text []byte) (Kind, int) {
	var next byte
	if len(text) > 1 {
		next = text[1]
	}
	switch c := text[0]; c {
	case '-':
		switch {
		case next == '-':
			return comment, lineEnd(text)
		case next == '>' && len(text) > 2 && text[2] == '>':
			return Punct, 3
		case next == '>':
			return Punct, 2
		}
	case '/':
		// What follows the last comment of a text need not be closed; but /*
		// as the very last is two operators.
		if next == '*' && len(text) > 2 {
			if end := bytes.Index(text[2:], []byte("*/")); end >= 0 {
				return comment, end + 4
			}
			return comment, len(text)
		}
	case '=':
		if next == '=' {
			return Punct, 2
		}
	case '<':
		if next == '=' || next == '>' || next == '<' {
			return Punct, 2
		}
	case '>':
		if next == '=' || next == '>' {
			return Punct, 2
		}
	case '!':
		if next == '=' {
			return Punct, 2
		}
		return Illegal, 1
	case '|':
		if next == '|' {
			return Punct, 2
		}
	case '(', ')', ';', '+', '*', '%', ',', '&', '~', '.':
	default:
		return Illegal, 1
	}
	return Punct, 1
}

// lineEnd returns the index of the end of the line, without its LF.
func lineEnd(text []byte) int {
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		return end
	}
	return len(text)
}

// unclosed returns what is wrong with an illegal token that goes to the end of
// the text for want of a closing quote.
func unclosed(kind Kind, text []byte) string {
	if kind != Illegal {
		return ""
	}
	switch lower(text[0]) {
	case '\'':
		return "has a string that is not closed"
	case '"', '`', '[':
		return "has a quoted name that is not closed"
	case 'x':
		if last := len(text) - 1; last == 1 || text[last] != '\'' {
			return "has a blob literal that is not closed"
		}
	}
	return ""
}
