package sqlscan

import (
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"
)

// mutator makes scripts out of the statements of real ones.
type mutator struct {
	rng        *rand.Rand
	statements [][]string // of tokens, with the blanks and comments
}

func newMutator(scripts []string, seed uint64) *mutator {
	m := &mutator{rng: rand.New(rand.NewPCG(seed, 0))}
	for _, script := range scripts {
		for s := New(strings.NewReader(script), SQLite); s.Scan(); {
			m.statements = append(m.statements, divide(string(s.Statement().Text)))
		}
	}
	return m
}

// divide returns all tokens of a text.
func divide(text string) (tokens []string) {
	for text != "" {
		_, size := sqliteToken([]byte(text), true)
		tokens, text = append(tokens, text[:size]), text[size:]
	}
	return tokens
}

var (
	// blanks can stand between any two tokens without a change of meaning.
	blanks = []string{" ", "\n", "\t ", "\f", " \v", " \uFEFF ", "\n\n", "/**/", "/* ; */", "/* 'a */", "-- ;\n", "--\n", "--it's\n",
		"/* END; */", " /* CREATE TRIGGER */ ", "/***/", "/*/ */", "-- \uFEFF$a(\n"}

	// gaps can stand between two statements.
	gaps = []string{"", "", "\n", " ", ";", ";;\n", "-- done; '\n", "/* ; */", "\uFEFF", " \v", "\n-- a\n/* b */\n", ";/**/;"}

	// literals and names can stand where others stand.
	literals = []string{"';'", "'it''s;'", "'END;'", "'--'", "'/*'", "'\\'", "'\n;\n'", "''''", "x'3b'", "X''", "1.5e-3", "0x3B", ".5", "1_0", "NULL",
		"$a(;)", "$a::b(';)", ":end", "@create", "?1", "?", "#e", "$x(\")"}

	// words are what the scanner treats like no others, and what hides
	// semicolons when it is not expected.
	words = []string{"END", "end", "CASE", "TRIGGER", "CREATE", "BEGIN", "TEMP", "temporary", "EXPLAIN", ";", ";", "; END", "; END;", "'", "\"", "`", "[", "]",
		"--", "/*", "*/", "-", "/", "*", "(", ")", "$", "$a(", "@", ":", "x'", "\uFEFF", "\v", "\\", "CREATE TRIGGER", "VIRTUAL", "CREATE VIRTUAL", "CASE 1 WHEN 2 THEN 3 END", "é", "ï", "1a"}
)

func pick[T any](m *mutator, list []T) T { return list[m.rng.IntN(len(list))] }

// script returns up to four statements, changed in ways that the engine mostly
// accepts, and now and then in ways that it mostly does not.
func (m *mutator) script() string {
	var b strings.Builder
	for range 1 + m.rng.IntN(4) {
		b.WriteString(pick(m, gaps))
		statement := slices.Clone(pick(m, m.statements))
		for m.rng.IntN(3) > 0 {
			statement = m.gently(statement)
		}
		for m.rng.IntN(5) == 0 {
			statement = m.roughly(statement)
		}
		b.WriteString(strings.Join(statement, ""))
	}
	b.WriteString(pick(m, gaps))
	text := b.String()
	if m.rng.IntN(20) == 0 {
		text = text[:m.rng.IntN(len(text)+1)]
		for !utf8.ValidString(text) {
			text = text[:len(text)-1]
		}
	}
	return text
}

// gently makes one change after which a statement is a statement still.
func (m *mutator) gently(statement []string) []string {
	at := m.rng.IntN(len(statement))
	token := statement[at]
	switch m.rng.IntN(6) {
	case 0:
		if m.rng.IntN(2) == 0 {
			return append([]string{"EXPLAIN", pick(m, blanks), "QUERY PLAN "}, statement...)
		}
		return append([]string{"explain "}, statement...)
	case 1:
		for i, token := range statement {
			kind, _ := sqliteToken([]byte(token), true)
			if (kind == String || kind == Number) && m.rng.IntN(2) == 0 {
				statement[i] = pick(m, literals)
			}
		}
		return statement
	case 2:
		if kind, _ := sqliteToken([]byte(token), true); kind == Word {
			statement[at] = pick(m, []string{strings.ToLower(token), strings.ToUpper(token)})
		}
		return statement
	}
	return slices.Insert(statement, at, pick(m, blanks))
}

// roughly makes one change without a thought of the meaning.
func (m *mutator) roughly(statement []string) []string {
	at, other := m.rng.IntN(len(statement)), m.rng.IntN(len(statement))
	switch m.rng.IntN(7) {
	case 0:
		statement[at], statement[other] = statement[other], statement[at]
		return statement
	case 1:
		if len(statement) > 1 {
			return slices.Delete(statement, at, at+1)
		}
	case 2:
		return slices.Insert(statement, other, statement[at])
	case 3:
		second := pick(m, m.statements)
		return append(statement[:at:at], second[m.rng.IntN(len(second)):]...)
	case 4:
		statement[at] = pick(m, pick(m, m.statements))
		return statement
	}
	return slices.Insert(statement, at, pick(m, words))
}
