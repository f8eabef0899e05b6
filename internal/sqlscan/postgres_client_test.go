package sqlscan

import "testing"

// usualPsql is how many scripts psql gets in the time that a test may take
// every time.
const usualPsql = 500

// newPostgresScrambler knows what PostgreSQL's lexer treats like nothing else.
// No backslash is among it: outside of quotes, psql would obey it.
func newPostgresScrambler(t testing.TB) *scrambler {
	g := newScrambler(t, readScript(t, "postgres/schema.sql"), PostgreSQL)
	g.blanks = []string{" ", "\n", "\t ", "\f", "\n\n", "/**/", "/* ; */", "/* 'a */", "-- ;\n", "--\n", "--it's\n", "/* /* ; */ ; */",
		"/***/", "/*/**/*/", "/* $$ */", "-- /*\n", "/* -- */", "/*/ ; /*/ */ */"}
	g.gaps = []string{"", "", "\n", " ", ";", ";;\n", "-- done; '\n", "/* ; */", "/* /* */ ; */", "\n-- a\n/* b */\n", ";/**/;", "\n-- $$\n",
		"COPY d FROM STDIN;\none;\n'two\n\\.\n", "copy d (a) from STDIN csv;\n\"a;\n\"\n\\.\n", "\nCOPY /* ; */ d FROM stdin ; -- c\n$$\n\\.\n"}
	g.words = []string{";", ";", "'", "\"", "--", "/*", "*/", "-", "/", "*", "(", ")", "(;)", "$", "$$", "$a$", "$a", "$1", "$1$", "a$b$", "é$$", "$é$",
		"E'", "e'\\';'", "E'\\\\'", "U&'", "u&\";\"", "n';'", "x'", "B';'", "'it''s;'", "$$;$$", "$a$;$$;$a$", "END", "CASE", "CASE 1 WHEN 2 THEN 3 END",
		"CREATE", "FUNCTION", "OR", "CREATE FUNCTION f() BEGIN ATOMIC", "create or replace procedure p() begin atomic", "+", "@", "@-- ;\n", "+/* ; */",
		":", "::", ".", "1", "1e5", ".5", "[", "]", "#", "?", "é", "_", "{", "}", "%", "ü$$;$$"}
	return g
}

// TestPsql holds that the scanner ends PostgreSQL's statements where psql does,
// on a real script and on what can be made of it.
func TestPsql(t *testing.T) {
	c := newPsql(t)
	script := readScript(t, "postgres/schema.sql")
	problems, compared := c.disagreements(t, []string{script})
	if len(problems) > 0 || compared < 25 {
		t.Fatalf("%d statements, %v", compared, problems)
	}
	newPostgresScrambler(t).compare(t, c, scriptCount(t, usualPsql))
}
