package sqlscan

import "bytes"

// postgresToken is the tokenizer of PostgreSQL, with strings as they are read
// when standard_conforming_strings is on, which it has been since 9.1. A token
// is the server's, but that two strings with only a line's end between them
// are two, unless the second goes on with the backslashes of the first.
func postgresToken(text []byte, eof bool) (Kind, int) {
	if len(text) == 0 {
		return Illegal, 0
	}
	kind, size, seen := postgresTokenAt(text)
	if !eof && len(text)-max(size, seen) < postgresAhead {
		return Illegal, 0
	}
	return kind, size
}

// postgresAhead is how many bytes behind a token can change what it is: U&'
// goes on behind U, and 1e+5 behind 1.
const postgresAhead = 3

// postgresTokenAt is postgresToken for a text that does not go on. What comes
// before seen has been looked at to tell where the token ends.
func postgresTokenAt(text []byte) (kind Kind, size, seen int) {
	c := text[0]
	switch class := postgresClass[c]; {
	case class&identStart != 0:
		return postgresWord(text)
	case class&space != 0:
		return blank, postgresRun(text, 1, space), 0
	case class&digit != 0:
		kind, size = postgresNumber(text)
		return kind, size, 0
	case class&operator != 0:
		return postgresOperator(text)
	}
	switch c {
	case '\'', '"':
		size, closed := quoted(text)
		switch {
		case !closed:
			return Illegal, size, 0
		case c == '"':
			return Quoted, size, 0
		}
		return String, size, 0
	case '$':
		return postgresDollar(text)
	case '.':
		if len(text) > 1 && postgresClass[text[1]]&digit != 0 {
			kind, size = postgresNumber(text)
			return kind, size, 0
		}
		return Punct, 1, 0
	case ':':
		if len(text) > 1 && (text[1] == ':' || text[1] == '=') {
			return Punct, 2, 0
		}
		return Punct, 1, 0
	case '(', ')', '[', ']', ',', ';':
		return Punct, 1, 0
	case '\\':
		if found, _ := skippedCommand(text, true); found {
			return comment, lineEnd(text), 0
		}
		return Illegal, 1, len(skippedCommands[1])
	}
	return Illegal, 1, 0
}

// postgresWord reads a keyword or an identifier, or a string with a letter
// before it that says how it is to be read.
func postgresWord(text []byte) (kind Kind, size, seen int) {
	prefix, mark := postgresPrefix(text)
	if prefix == 0 {
		return Word, postgresRun(text, 1, ident), 0
	}
	closed := false
	if mark == 'e' {
		size, seen, closed = escapedString(text)
	} else {
		size, closed = quoted(text[prefix:])
		size += prefix
	}
	switch {
	case !closed:
		return Illegal, size, seen
	case mark == 'b' || mark == 'x':
		return Blob, size, seen
	case text[prefix] == '"':
		return Quoted, size, seen
	}
	return String, size, seen
}

// postgresPrefix returns the size of what stands before the quote of a string
// or a name at the beginning of text, and its first letter in lower case. The
// size is 0 if text begins with a word.
func postgresPrefix(text []byte) (size int, mark byte) {
	mark = lower(text[0])
	switch mark {
	case 'e', 'b', 'x', 'n':
		if len(text) > 1 && text[1] == '\'' {
			return 1, mark
		}
	case 'u':
		if len(text) > 2 && text[1] == '&' && (text[2] == '\'' || text[2] == '"') {
			return 2, mark
		}
	}
	return 0, mark
}

// escapedString reads a string in which a backslash makes the next character
// one of the string. It goes on in a quote on a later line if there is nothing
// but blanks and line comments in between.
func escapedString(text []byte) (size, seen int, closed bool) {
	at := 1
	for {
		end, closed := backslashed(text[at:])
		at += end
		if !closed {
			return at, 0, false
		}
		next, found := continued(text, at)
		if !found {
			return at, next, true
		}
		at = next
	}
}

// backslashed returns the size of the quoted token at the beginning of text, in
// which its quote stands doubled or behind a backslash, and whether it is
// closed.
func backslashed(text []byte) (size int, closed bool) {
	quote, at := text[0], 1
	next := -1 // the next quote, once it is known
	for {
		if next < at {
			if next = bytes.IndexByte(text[at:], quote); next < 0 {
				return len(text), false
			}
			next += at
		}
		if backslash := bytes.IndexByte(text[at:next], '\\'); backslash >= 0 {
			if at += backslash + 2; at > len(text) {
				return len(text), false
			}
			continue
		}
		if at = next + 1; at == len(text) || text[at] != quote {
			return at, true
		}
		at++
	}
}

// continued looks from at, behind a string, for a quote with which it goes on.
// It returns the index of that quote, or how far it has looked.
func continued(text []byte, at int) (next int, found bool) {
	newline := false
	for at < len(text) {
		switch c := text[at]; {
		case c == '\n':
			newline = true
			at++
		case postgresClass[c]&space != 0:
			at++
		case bytes.HasPrefix(text[at:], []byte("--")):
			at += lineEnd(text[at:])
		default:
			return at, newline && c == '\''
		}
	}
	return at, false
}

// postgresDollar reads $1, or a string between two $tag$.
func postgresDollar(text []byte) (kind Kind, size, seen int) {
	if len(text) > 1 && postgresClass[text[1]]&digit != 0 {
		return Variable, postgresRun(text, 1, digit), 0
	}
	end := 1
	if end < len(text) && postgresClass[text[end]]&identStart != 0 {
		for end < len(text) && text[end] != '$' && postgresClass[text[end]]&ident != 0 {
			end++
		}
	}
	if end == len(text) || text[end] != '$' {
		return Illegal, 1, end
	}
	end++
	if close := bytes.Index(text[end:], text[:end]); close >= 0 {
		return String, 2*end + close, 0
	}
	return Illegal, len(text), 0
}

// postgresNumber reads a numeric literal. Letters that follow belong to the
// token and make it illegal.
func postgresNumber(text []byte) (Kind, int) {
	at := 0
	if len(text) > 2 && text[0] == '0' && bytes.IndexByte([]byte("xob"), lower(text[1])) >= 0 && (postgresClass[text[2]]&hex != 0 || text[2] == '_') {
		at = postgresDigits(text, 2, hex)
	} else {
		at = postgresDigits(text, 0, digit)
		if at < len(text) && text[at] == '.' && (at+1 == len(text) || text[at+1] != '.') {
			at = postgresDigits(text, at+1, digit)
		}
		if at < len(text) && lower(text[at]) == 'e' {
			exponent := at + 1
			if exponent < len(text) && (text[exponent] == '+' || text[exponent] == '-') {
				exponent++
			}
			if exponent < len(text) && postgresClass[text[exponent]]&digit != 0 {
				at = postgresDigits(text, exponent, digit)
			}
		}
	}
	if at < len(text) && postgresClass[text[at]]&identStart != 0 {
		return Illegal, postgresRun(text, at, ident)
	}
	return Number, at
}

// postgresDigits passes over digits of the class and underscores.
func postgresDigits(text []byte, at int, c class) int {
	for at < len(text) && (postgresClass[text[at]]&c != 0 || text[at] == '_') {
		at++
	}
	return at
}

// postgresOperator reads an operator or a comment. A comment ends the operator
// before it. An operator of several characters does not end in + or -, which
// then are signs, unless it holds one of those that SQL's own operators lack.
func postgresOperator(text []byte) (kind Kind, size, seen int) {
	for size < len(text) && postgresClass[text[size]]&operator != 0 {
		if size+1 < len(text) && (text[size] == '-' && text[size+1] == '-' || text[size] == '/' && text[size+1] == '*') {
			break
		}
		size++
	}
	switch {
	case size == 0 && text[0] == '-':
		return comment, lineEnd(text), 0
	case size == 0:
		size, closed := nestedComment(text)
		if !closed {
			return Illegal, size, 0
		}
		return comment, size, 0
	}
	seen = size
	if !bytes.ContainsAny(text[:size], "~!@#^&|`?%") {
		for size > 1 && (text[size-1] == '+' || text[size-1] == '-') {
			size--
		}
	}
	return Punct, size, seen
}

// nestedComment returns the size of the comment at the beginning of text, in
// which further ones may stand, and whether it is closed.
func nestedComment(text []byte) (size int, closed bool) {
	depth, at := 1, 2
	for {
		next := bytes.IndexAny(text[at:], "*/")
		if next < 0 || at+next+1 >= len(text) {
			return len(text), false
		}
		at += next
		switch pair := string(text[at : at+2]); pair {
		case "*/":
			at += 2
			if depth--; depth == 0 {
				return at, true
			}
		case "/*":
			at += 2
			depth++
		default:
			at++
		}
	}
}

// postgresUnclosed returns what is wrong with an illegal token that goes to the
// end of the text for want of its end.
func postgresUnclosed(kind Kind, text []byte) string {
	if kind != Illegal {
		return ""
	}
	if prefix, _ := postgresPrefix(text); prefix > 0 {
		text = text[prefix:]
	}
	switch {
	case text[0] == '\'':
		return "has a string that is not closed"
	case text[0] == '"':
		return "has a quoted name that is not closed"
	case text[0] == '$' && len(text) > 1:
		return "has a dollar-quoted string that is not closed"
	case text[0] == '/':
		return unclosedComment
	}
	return ""
}
