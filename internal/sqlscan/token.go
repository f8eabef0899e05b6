package sqlscan

import (
	"bytes"
	"iter"
)

// Kind is the sort of a token.
type Kind uint8

// The kinds of tokens. Blanks and comments are tokens only inside the package.
const (
	Illegal  Kind = iota // what the engine refuses, such as a string that is not closed
	Word                 // a keyword or a bare identifier
	Quoted               // an identifier in any of the dialect's quotings
	String               // a string literal
	Blob                 // a blob literal: x'00ff'
	Number               // a numeric literal
	Variable             // a parameter: ?, ?1, :name, @name, $name
	Punct                // an operator or a separator, such as ( or ->> or ;
	blank
	comment
	marker // of MySQL's executable comments: no token, but part of the statement
)

// Token is one token of a statement. Its text is a part of the statement's and
// valid as long as that.
type Token struct {
	Kind   Kind
	Text   []byte
	Offset int // of its first byte in the statement's text
}

// Tokens goes through the tokens of a statement and skips blanks and comments.
// Every byte of the text is in a token, a blank or a comment: what the engine
// would refuse comes as Illegal, and the tokens after it follow.
func Tokens(text []byte, d Dialect) iter.Seq[Token] { return TokensMode(text, d, 0) }

// TokensMode is Tokens for a statement that is read in another mode than the
// usual one.
func TokensMode(text []byte, d Dialect, m Mode) iter.Seq[Token] {
	rules := d.syntax()
	return func(yield func(Token) bool) {
		l := Lexer{text: text, next: rules.tokenizer(m)}
		for l.Next() {
			if !yield(l.Token) {
				return
			}
		}
	}
}

// Lexer goes through the same tokens as [Tokens], for those who do so for every
// statement of a long script: it costs no memory.
type Lexer struct {
	Token Token // the current one
	text  []byte
	at    int // behind it
	next  tokenizer
}

// Lex returns a Lexer that stands before the first token.
func Lex(text []byte, d Dialect) Lexer { return Lexer{text: text, next: d.syntax().tokenizer(0)} }

// Next goes to the next token, and says whether there is one.
func (l *Lexer) Next() bool {
	for l.at < len(l.text) {
		start := l.at
		kind, size := l.next(l.text[start:], true)
		l.at += size
		if kind < blank {
			l.Token = Token{kind, l.text[start:l.at:l.at], start}
			return true
		}
	}
	return false
}

// Is reports whether the token is one of the given keywords, bare identifiers or
// variables such as @@identity, in any mix of upper and lower case ASCII letters. A
// quoted identifier is never one: "end" is a name, not the end of anything.
func (t Token) Is(words ...string) bool {
	if t.Kind != Word && t.Kind != Variable {
		return false
	}
	for _, word := range words {
		if equalFold(t.Text, word) {
			return true
		}
	}
	return false
}

// equalFold compares as SQL does, where only ASCII letters have two cases.
func equalFold(text []byte, word string) bool {
	if len(text) != len(word) {
		return false
	}
	for i, c := range text {
		if c != word[i] && lower(c) != lower(word[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// Unquote returns the name that a token spells: the text between the quotes of
// a Quoted token, doubled quotes being one, and the text of a Word as it is. A
// String is unquoted likewise, because SQLite takes one for a name where only
// a name can stand, and so is PostgreSQL's $tag$…$tag$. Backslashes stay as
// they are. Every other token is returned as it is.
func Unquote(t Token) string {
	if t.Kind != Quoted && t.Kind != String || len(t.Text) < 2 {
		return string(t.Text)
	}
	text := t.Text
	if text[0] == '$' {
		tag := bytes.IndexByte(text[1:], '$') + 2
		return string(text[tag : len(text)-tag])
	}
	if start := bytes.IndexAny(text, "'\"`["); start > 0 {
		text = text[start:] // behind the letter that says what sort of string it is
	}
	quote, inner := text[0], text[1:len(text)-1]
	if quote == '[' || bytes.IndexByte(inner, quote) < 0 {
		return string(inner)
	}
	name := make([]byte, 0, len(inner))
	for i := 0; i < len(inner); i++ {
		name = append(name, inner[i])
		if inner[i] == quote && i+1 < len(inner) && inner[i+1] == quote {
			i++
		}
	}
	return string(name)
}
