package sqlscan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// kinds spells the tokens of a text with a letter for each kind.
func kinds(text string, d Dialect, m Mode) string {
	var all []string
	for t := range TokensMode([]byte(text), d, m) {
		all = append(all, fmt.Sprintf("%c:%s", "?wQSBNVp"[t.Kind], t.Text))
	}
	return strings.Join(all, " ")
}

// TestPostgresTokens holds how PostgreSQL's statements are taken apart.
func TestPostgresTokens(t *testing.T) {
	tests := []struct{ text, want string }{
		{"SELECT a$1, é_ FROM b.c;", "w:SELECT w:a$1 p:, w:é_ w:FROM w:b p:. w:c p:;"},
		{`"a""b" U&"c" u&'d' 'e' E'\'' N'f' x'1f' B'01'`, `Q:"a""b" Q:U&"c" S:u&'d' S:'e' S:E'\'' S:N'f' B:x'1f' B:B'01'`},
		{"u & 'a' ue'b' e", "w:u p:& S:'a' w:ue S:'b' w:e"},
		{"$$a$$ $b$;$$;$b$ $1 $2a", "S:$$a$$ S:$b$;$$;$b$ V:$1 V:$2 w:a"},
		{"1 1.5 .5 1. 1e5 1e-5 1_000 0x1F 0o7 0b1 1..2 1a 1e", "N:1 N:1.5 N:.5 N:1. N:1e5 N:1e-5 N:1_000 N:0x1F N:0o7 N:0b1 N:1 p:. N:.2 ?:1a ?:1e"},
		{"a::b c:=d e=>f g[1:2] h->>'i' j<>k", "w:a p::: w:b w:c p::= w:d w:e p:=> w:f w:g p:[ N:1 p:: N:2 p:] w:h p:->> S:'i' w:j p:<> w:k"},
		{"a=-1 b@-1 c<-1 +- d*/**/e !=-- f", "w:a p:= p:- N:1 w:b p:@- N:1 w:c p:< p:- N:1 p:+ p:- w:d p:* w:e p:!="},
		{"E'a'\n'b\\'c' 'd'\n'e'", "S:E'a'\n'b\\'c' S:'d' S:'e'"},
		{"/* /* */ */a-- b\n\\restrict c\nd", "w:a w:d"},
		{`{ } \ 'a`, `?:{ ?:} ?:\ ?:'a`},
		{"$a $", "?:$ w:a ?:$"},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, kinds(test.text, PostgreSQL, 0)); diff != "" {
			t.Errorf("tokens of %q (-want +got):\n%s", test.text, diff)
		}
	}
}

// TestMySQLTokens holds how MySQL's statements are taken apart.
func TestMySQLTokens(t *testing.T) {
	tests := []struct {
		mode       Mode
		text, want string
	}{
		{0, "SELECT a$1, 1a, é, $b FROM b.`c``d`;", "w:SELECT w:a$1 p:, w:1a p:, w:é p:, w:$b w:FROM w:b p:. Q:`c``d` p:;"},
		{0, `'a\'b' "c""d" N'e' _utf8'f' x'1f' X'1F' b'01' n 'g'`, `S:'a\'b' S:"c""d" S:N'e' w:_utf8 S:'f' B:x'1f' B:X'1F' B:b'01' w:n S:'g'`},
		{ANSIQuotes, `"c\" 'd\''`, `Q:"c\" S:'d\''`},
		{NoBackslashEscapes, `"c\" 'd\'`, `S:"c\" S:'d\'`},
		{0, "@a @`b c` @'d' @@e @@global.f @@`g` u@localhost 'v'@`%` @ ?", "V:@a V:@`b c` V:@'d' V:@@e V:@@global.f V:@@`g` w:u V:@localhost S:'v' V:@`%` p:@ V:?"},
		{0, "1 1.5 .5 1. 1e5 1e-5 0x1F 0b01 0xg 1e", "N:1 N:1.5 N:.5 N:1. N:1e5 N:1e-5 N:0x1F N:0b01 w:0xg w:1e"},
		{0, `a<=>b c:=d e->>'$.f' g||h i--1 j-- k`, `w:a p:<=> w:b w:c p::= w:d w:e p:->> S:'$.f' w:g p:|| w:h w:i p:- p:- N:1 w:j`},
		{0, "/*!40101 SET NAMES utf8 */;", "w:SET w:NAMES w:utf8 p:;"},
		{0, "/*!SET*/ a*/*b*/c /*M!100100 d /* e */ */ f */ g", "w:SET w:a p:* w:c w:d w:f p:* p:/ w:g"},
		{0, "a /*!999999 b */ /*+ c */ # d\n", "w:a"},
		{0, `\N \G { ~ 'a`, `w:\N ?:\ w:G p:{ p:~ ?:'a`},
		{0, "--a\nb --a\n", "w:b p:- p:- w:a"},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, kinds(test.text, MySQL, test.mode)); diff != "" {
			t.Errorf("tokens of %q (-want +got):\n%s", test.text, diff)
		}
	}
}

// TestUnquoteDialects holds what the quotings of the dialects on a server spell.
func TestUnquoteDialects(t *testing.T) {
	tests := []struct {
		dialect Dialect
		text    string
		want    string
	}{
		{PostgreSQL, `"a""b"`, `a"b`},
		{PostgreSQL, `U&"a"`, "a"},
		{PostgreSQL, `E'it''s'`, "it's"},
		{PostgreSQL, "$$a'b$$", "a'b"},
		{PostgreSQL, "$t$a$$b$t$", "a$$b"},
		{PostgreSQL, "$$$$", ""},
		{MySQL, "`a``b`", "a`b"},
		{MySQL, `"a""b"`, `a"b`},
		{MySQL, `N'a'`, "a"},
		{MySQL, `'a\'b'`, `a\'b`},
		{MySQL, "@`a`", "@`a`"},
	}
	for _, test := range tests {
		for token := range Tokens([]byte(test.text), test.dialect) {
			if got := Unquote(token); got != test.want {
				t.Errorf("%s spells %q, want %q", test.text, got, test.want)
			}
		}
	}
}
