package configparser

import (
	"math/rand/v2"
	"strings"
)

// handWritten are the texts that a rule turns on, one or more for each.
func handWritten() [][]byte {
	var texts [][]byte
	for _, text := range []string{
		"", "\n", "  \n\t\n", "# only a comment", "[paths]", "[paths]\n", "[other]\ndb = x\n",
		"[paths]\ndb = a.db\nmigrations = m\n", "[paths]\nDB: a.db\n", "[Paths]\ndb = a.db\n", "[paths]\r\ndb = a\r\n b\r\n", "[paths]\rdb = a\r",
		"[paths]\ndb = \"quoted\"\n", "[paths]\ndb = a # no comment\n", "[paths]\ndb = a ; no comment\n", "[paths]\n  # comment\n; comment\ndb=a\n",
		"[paths]\ndb = a=b:c\n", "[paths]\ndb : a=b\n", "[paths]\ndb =\n", "[paths]\ndb =\n  a\n", "[paths]\ndb = a\n\n  b\n\n\n", "[paths]\ndb = a\n # c\n b\n",
		"[paths]\ndb = a\n [not a header]\n x = y\n", "[paths]\n  db = a\n  x = b\n c = d\n", "[paths]\n\tdb = a\n  deeper = b\n", "[paths]\n db = a\n\u00a0\u00a0c\n",
		"[ paths ]\ndb=a\n", "[paths] trailing\ndb=a\n", "[a]b]\ndb=a\n", "[]\n", "[paths]\n[]\n", "[paths]\n[x = y\n", "[]]\nx=y\n",
		"db = a\n", "nonsense", "[paths]\nnonsense\n", "[paths]\n= a\n", "[paths]\n : a\n",
		"[paths]\ndb=a\nDB=b\n", "[paths]\ndb=a\n[paths]\nx=b\n", "[DEFAULT]\na=1\n[x]\n[DEFAULT]\nb=2\n", "[DEFAULT]\na=1\n[DEFAULT]\na=2\n",
		"[DEFAULT]\ndb=d\n[paths]\n", "[default]\ndb=d\n[paths]\n", "[DEFAULT]\nroot=/r\ndb=%(root)s/d\n[paths]\nroot=/p\n", "[DEFAULT]\ndb=d\n",
		"[paths]\na=%(b)s\nb=%(A)s\n", "[paths]\na=%(a)s\n", "[paths]\na=100%%\nb=%(a)s\n", "[paths]\na=%%(b)s\nb=x\n", "[paths]\na=%(nope)s\n", "[paths]\na=%(b\nb=x",
		"[paths]\na=%()s\n", "[paths]\na=%(b)d\nb=x\n", "[paths]\na=%(b)\nb=x\n", "[paths]\na=%\n", "[paths]\na=50% off\n", "[paths]\na=%s%\n", "[paths]\na=%(b)s%%%\nb=%", "[paths]\na=%\n %\n", "[paths]\na=%(b\n c)s\n",
		"\ufeff[paths]\ndb=a\n", "\ufeff", "\ufeff\ufeff[paths]\n", "[paths]\n\ufeffdb=a\n", "[paths]\ndb=\xff\n", "\xff\xfe[\x00", "# \xe9\n[paths]\n", "[paths\xed\xa0\x80]\n", "\xc3", "\x89PNG\r\n\x1a\n\x00",
		"[paths]\x1c\ndb\x1d=\x1ea\x1f\n\x1cb\n", "[paths]\ndb = a\x0bb\x0cc\u2028d\u0085e\n", "[paths]\ndb = a\x85\n", "[päths]\nÄb=ü\n", "[paths]\ndb = a\x00b\n",
		"[paths]\nkey with spaces = v\n", "[paths]\n[header] = v\n", "[paths]\na = 1\n   b = 2\n  c = 3\nd = 4\n", "[paths]\n# c\n  a = 1\n  b = 2\n\n  c = 3",
	} {
		texts = append(texts, []byte(text))
	}
	for links := 8; links <= 12; links++ { // around the limit of ten
		for _, last := range []string{"end", "100%%", "%(missing)s"} {
			texts = append(texts, []byte(chain(links, last)))
		}
	}
	return texts
}

// chain is a text whose first option refers to the last one over that many links.
func chain(links int, last string) string {
	var b strings.Builder
	b.WriteString("[paths]\n")
	for i := range links {
		b.WriteString("a" + string(rune('a'+i)) + " = <%(a" + string(rune('b'+i)) + ")s>\n")
	}
	b.WriteString("a" + string(rune('a'+links)) + " = " + last + "\n")
	return b.String()
}

// randomText puts lines together that are mostly right and sometimes just
// beside it. The names are few, so that they meet: doubled options, references
// that hold, options that [DEFAULT] has too.
func randomText(random *rand.Rand) []byte {
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	often := func(common string, rare ...string) string {
		if random.IntN(12) > 0 {
			return common
		}
		return pick(rare...)
	}
	letters := []string{"a", "b", "c", "d", "e", "f", "db", "migrations", "Root", "x y", "é"}
	name := func() string { return pick(letters...) }
	piece := func() string {
		switch random.IntN(12) {
		case 0, 1, 2:
			return "%(" + often(name(), "", "nope", "x)s", "\n ") + ")" + often("s", "d", "", "S")
		case 3:
			return pick("%%", "%%%%", "%", "% ", "%(", "%x")
		case 4:
			return pick(" # c", "; c", "=", ":", "[s]", "\"q\"", "'", "#", "\\", "~")
		default:
			return pick("data/", "a.db", "v", " ", "x", "ü", "\t", "1")
		}
	}
	value := func() string {
		var b strings.Builder
		for range random.IntN(4) {
			b.WriteString(piece())
		}
		return b.String()
	}
	indent := func() string { return often("", " ", "  ", "\t", "    ", "\u00a0", "\x1f", "\u3000 ") }

	var b strings.Builder
	b.WriteString(often("", "\ufeff", "# first\n", "x = 1\n", " \n"))
	b.WriteString(often("[paths]", "[DEFAULT]", "[Paths]", "", "[]") + "\n")
	titles := []string{"DEFAULT", "paths", "other", "Other", " s ", "a]b", "t:u=v"}
	for range random.IntN(9) {
		line := ""
		switch random.IntN(15) {
		case 0:
			line = indent() + "[" + pick(titles...) + "]" + often("", " x", "]", ":")
		case 1:
			line = pick("", " ", "\t", "   ") + pick("#", ";") + value()
		case 2, 3, 4:
			line = pick(" ", "  ", "\t", "   ", "\u2003") + value()
		case 5, 6:
			line = pick("", "", " ", "\t")
		default:
			line = indent() + often(name(), "", strings.ToUpper(name()), "=") + pick("", " ", "\t") + often("=", ":", "", "==", "-") + pick("", " ") + value()
		}
		b.WriteString(line + often("\n", "\r\n", "\r", "\n\n"))
	}
	text := []byte(b.String())
	if len(text) > 0 && random.IntN(40) == 0 {
		text[random.IntN(len(text))] = byte(random.IntN(256))
	}
	return text
}
