package sqlscan

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var kindNames = map[Kind]string{
	Illegal: "illegal", Word: "word", Quoted: "quoted", String: "string",
	Blob: "blob", Number: "number", Variable: "variable", Punct: "punct",
}

// TestTokens holds how a text is divided and what its parts are.
func TestTokens(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"", nil},
		{" -- a\n/* b */ \f", nil},
		{"SELECT a,b.*;", []string{"word SELECT", "word a", "punct ,", "word b", "punct .", "punct *", "punct ;"}},
		{"_a$1 ünï x xy", []string{"word _a$1", "word ünï", "word x", "word xy"}},
		{`'it''s' "a""b" [c d] ` + "`e``f`", []string{"string 'it''s'", `quoted "a""b"`, "quoted [c d]", "quoted `e``f`"}},
		{"x'00fF' X'' x'0' x'0g' x 'a'", []string{"blob x'00fF'", "blob X''", "illegal x'0'", "illegal x'0g'", "word x", "string 'a'"}},
		{"1 1.5 .5 1. 1e5 1E-5 1.e+5 0x1F 1_000 0x_1 0xA_b", []string{"number 1", "number 1.5", "number .5", "number 1.", "number 1e5",
			"number 1E-5", "number 1.e+5", "number 0x1F", "number 1_000", "illegal 0x_1", "number 0xA_b"}},
		{"1a 0x 1e 1e+ 1..5 a.5", []string{"illegal 1a", "illegal 0x", "illegal 1e", "illegal 1e", "punct +", "number 1.", "number .5", "word a", "number .5"}},
		{"? ?1 ?1a :a @a $a #a $a::b(c) :a::b $::a", []string{"variable ?", "variable ?1", "variable ?1", "word a", "variable :a", "variable @a",
			"variable $a", "variable #a", "variable $a::b(c)", "variable :a::b", "variable $::a"}},
		{"$ : $a( b) ::", []string{"illegal $", "illegal :", "illegal $a(", "word b", "punct )", "illegal :", "illegal :"}},
		{"a->b->>c||d|e==f=g<>h!=i<=j>=k<<l>>m<n>o&~p%q", []string{"word a", "punct ->", "word b", "punct ->>", "word c", "punct ||", "word d",
			"punct |", "word e", "punct ==", "word f", "punct =", "word g", "punct <>", "word h", "punct !=", "word i", "punct <=", "word j",
			"punct >=", "word k", "punct <<", "word l", "punct >>", "word m", "punct <", "word n", "punct >", "word o", "punct &", "punct ~",
			"word p", "punct %", "word q"}},
		{"(1+2)/3-4", []string{"punct (", "number 1", "punct +", "number 2", "punct )", "punct /", "number 3", "punct -", "number 4"}},
		{"! { } \\ ^ \v \x01", []string{"illegal !", "illegal {", "illegal }", "illegal \\", "illegal ^", "illegal \x01"}},
		{"\v'a", []string{"illegal \v", "illegal 'a"}},
		{"a /* b", []string{"word a"}},
		{"a /*", []string{"word a", "punct /", "punct *"}},
		{"\uFEFFa\uFEFFb \uFEFF\uFEFFc", []string{"word a\uFEFFb", "word c"}},
		{"[a", []string{"illegal [a"}},
	}
	for _, test := range tests {
		var got []string
		for token := range Tokens([]byte(test.text), SQLite) {
			got = append(got, kindNames[token.Kind]+" "+string(token.Text))
			if at := test.text[token.Offset:][:len(token.Text)]; at != string(token.Text) {
				t.Errorf("token %q of %q: at its offset stands %q", token.Text, test.text, at)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("tokens of %q (-want +got):\n%s", test.text, diff)
		}
	}
}

// TestTokensStop holds that a caller can stop after the tokens it wants.
func TestTokensStop(t *testing.T) {
	for token := range Tokens([]byte("a b c"), SQLite) {
		if token.Is("b") {
			break
		}
		if token.Is("c") {
			t.Error("goes on")
		}
	}
}

// TestIs holds that words are compared without regard to case, names in quotes
// are no words, and nothing is allocated.
func TestIs(t *testing.T) {
	tokens := slices.Collect(Tokens([]byte(`Create "create" 'create' create_ É`), SQLite))
	got := []bool{tokens[0].Is("CREATE"), tokens[0].Is("create"), tokens[0].Is("creat"), tokens[1].Is("create"),
		tokens[2].Is("create"), tokens[3].Is("create"), tokens[4].Is("é"), tokens[4].Is("É"), tokens[1].Is(`"create"`)}
	if diff := cmp.Diff([]bool{true, true, false, false, false, false, false, true, false}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := testing.AllocsPerRun(10, func() { tokens[0].Is("CREATE") }); n != 0 {
		t.Errorf("allocates %v times", n)
	}
}

// TestUnquote holds the names behind the quotes.
func TestUnquote(t *testing.T) {
	names := map[string]string{
		"plain": "plain", `"a""b"`: `a"b`, "`a``b`": "a`b", "[a\"\"b]": `a""b`, "'it''s'": "it's",
		`""""`: `"`, `""`: "", "[]": "", "''": "", "[a[[b]": "a[[b", "12": "12", "x'00'": "x'00'", `"a`: `"a`,
	}
	for text, want := range names {
		for token := range Tokens([]byte(text), SQLite) {
			if got := Unquote(token); got != want {
				t.Errorf("name of %s is %q, want %q", text, got, want)
			}
		}
	}
}

// TestPosition holds places within a statement, alone and in the script.
func TestPosition(t *testing.T) {
	text := []byte("SELECT 'é',\n  b\n")
	st := &Statement{Text: text, Line: 7, Column: 5}
	tests := []struct{ offset, line, column, inLine, inColumn int }{
		{0, 0, 0, 7, 5}, {7, 0, 7, 7, 12}, {11, 0, 10, 7, 15}, {12, 0, 11, 7, 16},
		{13, 1, 0, 8, 1}, {15, 1, 2, 8, 3}, {17, 2, 0, 9, 1}, {99, 2, 0, 9, 1}, {-1, 0, 0, 7, 5},
	}
	for _, test := range tests {
		if line, column := Position(text, test.offset); line != test.line || column != test.column {
			t.Errorf("Position(%d) = %d, %d, want %d, %d", test.offset, line, column, test.line, test.column)
		}
		if line, column := st.Position(test.offset); line != test.inLine || column != test.inColumn {
			t.Errorf("Statement.Position(%d) = %d, %d, want %d, %d", test.offset, line, column, test.inLine, test.inColumn)
		}
	}
}
