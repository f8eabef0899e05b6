package sqlscan

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// scrambler makes scripts for a client out of the statements of a real one.
type scrambler struct {
	rng        *rand.Rand
	dialect    Dialect
	statements [][]string // of tokens, with the blanks and comments
	blanks     []string   // can stand between any two tokens
	gaps       []string   // can stand between two statements
	words      []string   // have a meaning for the splitter
	delimiters []string   // that a script may set, if the dialect has that
	avoided    []string   // what the client makes something else of
}

// readScript returns a script of testdata.
func readScript(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// newScrambler divides the statements of a script. Those with data behind them
// are left out, because they must succeed for the data to be taken as such.
func newScrambler(t testing.TB, script string, d Dialect) *scrambler {
	g := &scrambler{rng: rand.New(rand.NewPCG(1, 0)), dialect: d}
	s := New(strings.NewReader(script), d)
	for s.Scan() {
		if s.Data() != nil {
			continue
		}
		text := strings.TrimSuffix(string(s.Statement().Text), ";")
		next := d.syntax().tokenizer(0)
		var tokens []string
		for text != "" {
			_, size := next([]byte(text), true)
			tokens, text = append(tokens, text[:size]), text[size:]
		}
		g.statements = append(g.statements, tokens)
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	return g
}

func (g *scrambler) pick(list []string) string { return list[g.rng.IntN(len(list))] }

// script returns a few statements with changes, and now and then only a part of
// them.
func (g *scrambler) script() string {
	var b strings.Builder
	delimiter := ";"
	for range 1 + g.rng.IntN(4) {
		b.WriteString(g.pick(g.gaps))
		if g.delimiters != nil && g.rng.IntN(3) == 0 {
			argument := g.pick(g.delimiters)
			b.WriteString("\n" + g.pick([]string{"DELIMITER ", "delimiter  ", "  Delimiter "}) + argument + "\n")
			delimiter = strings.Trim(strings.Fields(argument)[0], "'")
		}
		statement := slices.Clone(g.statements[g.rng.IntN(len(g.statements))])
		for g.rng.IntN(3) > 0 {
			if executable(statement) {
				statement = slices.Insert(statement, g.rng.IntN(len(statement)), " ")
			} else {
				statement = g.change(statement)
			}
		}
		text := strings.Join(statement, "")
		if strings.HasSuffix(text, "*/") {
			text += " " // the client takes the slash for a part of a delimiter //
		}
		b.WriteString(text + delimiter)
		if g.rng.IntN(2) == 0 {
			b.WriteString("\n")
		}
	}
	b.WriteString(g.pick(g.gaps))
	text := b.String()
	if g.rng.IntN(20) == 0 {
		text = text[:g.rng.IntN(len(text)+1)]
		for !utf8.ValidString(text) {
			text = text[:len(text)-1]
		}
	}
	return text
}

// executable reports whether a statement has an executable comment. The client
// loses its way in those with comments in them, and cuts them.
func executable(statement []string) bool {
	return slices.ContainsFunc(statement, func(token string) bool {
		return strings.HasPrefix(token, "/*!") || strings.HasPrefix(token, "/*M!")
	})
}

// change makes one change, often without a thought of the meaning.
func (g *scrambler) change(statement []string) []string {
	at, other := g.rng.IntN(len(statement)), g.rng.IntN(len(statement))
	switch g.rng.IntN(9) {
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
		second := g.statements[g.rng.IntN(len(g.statements))]
		if executable(second) {
			return statement
		}
		return append(statement[:at:at], second[g.rng.IntN(len(second)):]...)
	case 4:
		return slices.Insert(statement, at, g.pick(g.words))
	case 5:
		statement[at] = g.pick([]string{strings.ToLower(statement[at]), strings.ToUpper(statement[at])})
		return statement
	}
	return slices.Insert(statement, at, g.pick(g.blanks))
}

// compare holds that the scanner and the client agree on what the scrambler
// makes, which it does in lots that one run of the client can take.
func (g *scrambler) compare(t *testing.T, c client, count int) {
	const lot = 500
	compared := 0
	for done := 0; done < count; done += lot {
		var scripts []string
		for len(scripts) < min(lot, count-done) {
			script := g.script()
			if !slices.ContainsFunc(g.avoided, func(s string) bool { return strings.Contains(script, s) }) {
				scripts = append(scripts, script)
			}
		}
		problems, n := c.disagreements(t, scripts)
		for i, problem := range problems {
			t.Error(problem)
			if i == 3 {
				t.FailNow()
			}
		}
		compared += n
	}
	t.Logf("%d scripts, %d statements", count, compared)
	if compared < count {
		t.Errorf("too few statements were compared to mean much")
	}
}
