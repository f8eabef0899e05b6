package sqlscan

import "testing"

// usualMySQL is how many scripts the mysql client gets in the time that a test
// may take every time.
const usualMySQL = 500

// newMySQLScrambler knows what the lexers of MySQL and of its client treat like
// nothing else. No backslash is among it: outside of quotes, the client would
// obey it.
func newMySQLScrambler(t testing.TB) *scrambler {
	g := newScrambler(t, readScript(t, "mysql/schema.sql"), MySQL)
	g.blanks = []string{" ", "\n", "\t ", "\f", "\n\n", "/**/", "/* ; */", "/* 'a */", "-- ;\n", "--\n", "-- it's\n", "#;\n", "# '\n", "/* /* ; */",
		"/***/", "/* ` */", "-- /*\n", "/* -- */", "# /*\n", "/* # */", "/* // $$*/", " -- // $$\n"}
	g.gaps = []string{"", "", "\n", " ", "-- done; '\n", "/* ; */", "\n-- a\n/* b */\n", "\n# it's;\n", "\n--it's\n", "/* // */"}
	g.words = []string{";", ";", "'", "\"", "`", "--", "-- ", "*/", "-", "/", "*", "(", ")", "#", "//", "$$", "$", "N'", "x'", "b'0'", "@", "@'", "@`;`",
		"'it''s;'", "'it\\'s;'", "'\\\\'", "\"a;\"\"b\"", "\"\\\";\"", "`;``;`", "END", "CASE", "IF", "BEGIN", "WHILE", "END$$", "a//b", "1", "1e5", ".5", "é", "_utf8';'",
		"--1", "- -1", "5--3;", ":=", ",", "."}
	g.delimiters = []string{";", ";;", "//", "$$", "|", "END_OF", "';'", "~ x"}
	// Where the client leaves out a comment behind --, the rest becomes one. In a
	// comment, it does not see the end in /*/, and sees that of an executable one.
	// Behind one, it puts a blank in the wrong place where no ASCII follows.
	g.avoided = []string{"--/*", "--#", "---", "/*/", "*/é"}
	return g
}

// TestMySQLClient holds that the scanner ends MySQL's statements where the
// mysql client does, on a real script and on what can be made of it.
func TestMySQLClient(t *testing.T) {
	c := newMySQLClient(t, "--skip-comments")
	script := readScript(t, "mysql/schema.sql")
	problems, compared := c.disagreements(t, []string{script})
	if len(problems) > 0 || compared < 17 {
		t.Fatalf("%d statements, %v", compared, problems)
	}
	newMySQLScrambler(t).compare(t, c, scriptCount(t, usualMySQL))
}
