package sqlscan

import (
	"database/sql"
	"net/url"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// TestMySQLStatements holds where MySQL's statements end.
func TestMySQLStatements(t *testing.T) {
	tests := []struct {
		name   string
		script string
		want   []string
	}{
		{"two", "SELECT 1; SELECT 2", []string{"SELECT 1;", "SELECT 2"}},
		{"empty statements", ";; a;;\n;b;", []string{"a;", "b;"}},
		{"strings", `SELECT 'it''s; \';\\', "a"";\";"; x`, []string{`SELECT 'it''s; \';\\', "a"";\";";`, "x"}},
		{"one kind in another", "SELECT '\"`', \"'`\", `'\"`; x", []string{"SELECT '\"`', \"'`\", `'\"`;", "x"}},
		{"names", "SELECT `a;``b\\`; x", []string{"SELECT `a;``b\\`;", "x"}},
		{"strings of other sorts", `SELECT N'\';', _utf8'\';', x'3b', b'1', X'3B'; x`, []string{`SELECT N'\';', _utf8'\';', x'3b', b'1', X'3B';`, "x"}},
		{"variables", "SELECT @a, @@b, @`;`, @';', @\";\", 'u'@`h;`; x", []string{"SELECT @a, @@b, @`;`, @';', @\";\", 'u'@`h;`;", "x"}},
		{"comments", "a -- ; '\n# ; '\n/* ; ' */; b # ;", []string{"a -- ; '\n# ; '\n/* ; ' */;", "b"}},
		{"comments do not nest", "a /* /* ; */; */ b; c", []string{"a /* /* ; */;", "*/ b;", "c"}},
		{"dashes", "SELECT 1--1; SELECT 2 --\n;a --\t;\n;b --", []string{"SELECT 1--1;", "SELECT 2 --\n;", "a --\t;\n;", "b"}},
		{"dashes first", "--it's;\na;--b", []string{"a;"}},
		{"hints", "SELECT /*+ a(';) */ 1; x", []string{"SELECT /*+ a(';) */ 1;", "x"}},
		{"NULL", `SELECT \N; x`, []string{`SELECT \N;`, "x"}},

		{"executable comments", "/*!40101 SET a='*/;' */;/*!40000 a; b*/; /*!a*/; c /*M!100100 ; */;",
			[]string{"/*!40101 SET a='*/;' */;", "/*!40000 a; b*/;", "/*!a*/;", "c /*M!100100 ; */;"}},
		{"comments in them", "/*!50003 a /* it's; */ ; -- */\n # '\n b */ ;c", []string{"/*!50003 a /* it's; */ ; -- */\n # '\n b */ ;", "c"}},
		{"one never executed", "/*!999999 ; /* ' */ ; */ a /*M!999999 ; */;b", []string{"a /*M!999999 ; */;", "b"}},
		{"the first line of mariadb-dump", "/*M!999999\\- enable the sandbox mode */ \n-- a\na;", []string{"a;"}},

		{"DELIMITER", "a;\nDELIMITER //\na; b; //\nc //d//\ndelimiter ;\ne; f", []string{"a;", "a; b;", "c", "d", "e;", "f"}},
		{"blanks around it", "  Delimiter \t $$ \t\na;$$ $$$$\nb$$\n", []string{"a;", "b"}},
		{"a comment behind it", "DELIMITER ~ -- a\nb;~c~", []string{"b;", "c"}},
		{"in quotes", "DELIMITER ';;'\na;b;;\nDELIMITER `;`\nc;d", []string{"a;b", "c;", "d"}},
		{"in a name", "DELIMITER $$\nCREATE a END$$ b$$", []string{"CREATE a END", "b"}},
		{"in a comment or a string", "DELIMITER //\na /* // */ '//' -- //\n `//`//b", []string{"a /* // */ '//' -- //\n `//`", "b"}},
		{"comments before it", "DELIMITER |\na; -- b\n/* c */ |", []string{"a;"}},
		{"case", "DELIMITER End\na end b End c", []string{"a end b", "c"}},
		{"letters", "DELIMITER GO\nCATEGORY", []string{"CATE", "RY"}},
		{"semicolons alone", "DELIMITER //\n;//\na//", []string{"a"}},
		{"at the end", "a; DELIMITER //", []string{"a;"}},
		{"not at the beginning", "SELECT delimiter, 1; x", []string{"SELECT delimiter, 1;", "x"}},
		{"a longer word", "DELIMITERS ; x", []string{"DELIMITERS ;", "x"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, textsIn(test.script, MySQL, 0)); diff != "" {
				t.Errorf("statements of %q (-want +got):\n%s", test.script, diff)
			}
		})
	}
}

// TestMySQLMode holds what the modes change, and that a change is heeded from
// the next statement on.
func TestMySQLMode(t *testing.T) {
	tests := []struct {
		script string
		mode   Mode
		want   []string
	}{
		{`'\';"\";x`, 0, []string{"line 1, column 1: has a string that is not closed"}},
		{`'\';x`, NoBackslashEscapes, []string{`'\';`, "x"}},
		{`"\";x`, NoBackslashEscapes, []string{`"\";`, "x"}},
		{`"\";x`, ANSIQuotes, []string{`"\";`, "x"}},
		{`'\';';x`, ANSIQuotes, []string{`'\';';`, "x"}},
		{`"a"";";x`, ANSIQuotes | NoBackslashEscapes, []string{`"a"";";`, "x"}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, textsIn(test.script, MySQL, test.mode)); diff != "" {
			t.Errorf("statements of %s in mode %d (-want +got):\n%s", test.script, test.mode, diff)
		}
	}
	var got []string
	for s := New(strings.NewReader(`'\'';SET; '\';'\'';`), MySQL); s.Scan(); {
		got = append(got, string(s.Statement().Text))
		switch len(got) {
		case 2:
			s.SetMode(NoBackslashEscapes)
		case 3:
			s.SetMode(0)
		}
	}
	if diff := cmp.Diff([]string{`'\'';`, "SET;", `'\';`, `'\'';`}, got); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
}

// mysqlBodies are statements with semicolons in them, as they are written
// without DELIMITER, and the sql_mode in which the server takes them.
var mysqlBodies = []struct{ mode, text string }{
	{"", "CREATE PROCEDURE p1() BEGIN END;"},
	{"", "CREATE OR REPLACE DEFINER=`root`@`localhost` PROCEDURE p1(IN a INT, OUT b VARCHAR(10)) COMMENT 'a;' SQL SECURITY INVOKER BEGIN SELECT 1; SELECT 2; END;"},
	{"", "CREATE DEFINER = CURRENT_USER() PROCEDURE p2() x: BEGIN DECLARE i INT DEFAULT 0; WHILE i < 2 DO SET i = i + 1; END WHILE; LEAVE x; END x;"},
	{"", "CREATE PROCEDURE p3(a INT) IF a = 1 THEN SELECT 1; ELSEIF IF(a = 2, 1, 0) THEN SELECT 2; ELSE BEGIN END; END IF;"},
	{"", "CREATE PROCEDURE p4() l: LOOP IF 1 THEN LEAVE l; END IF; ITERATE l; END LOOP l;"},
	{"", "CREATE PROCEDURE p5() REPEAT SELECT REPEAT('a;', 2); SET @a = CASE WHEN 1 THEN 2 END; UNTIL CASE @a WHEN 2 THEN 1 END END REPEAT;"},
	{"", "CREATE PROCEDURE p6(a INT) CASE a WHEN 1 THEN SELECT 1; WHEN CASE 2 WHEN 2 THEN 2 END THEN BEGIN SELECT 2; END; ELSE SELECT 3; END CASE;"},
	{"", "CREATE PROCEDURE p7() CASE WHEN 1 THEN SELECT CASE 1 WHEN 1 THEN 2 ELSE 3 END; ELSE CASE 1 WHEN 2 THEN SELECT 1; END CASE; END CASE;"},
	{"", "CREATE PROCEDURE p8() BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND, SQLSTATE VALUE '23000', 1062 BEGIN SET @a = 1; END; DECLARE EXIT HANDLER FOR SQLEXCEPTION IF 1 THEN ROLLBACK; END IF; SELECT 1; END;"},
	{"", "CREATE PROCEDURE p9() BEGIN DECLARE c CURSOR FOR SELECT CASE 1 WHEN 1 THEN 1 END FROM d FOR UPDATE; OPEN c; CLOSE c; DROP TABLE IF EXISTS x; DELETE FROM d; END;"},
	{"", "CREATE PROCEDURE p10() BEGIN START TRANSACTION; SELECT 1 AS `end`; SELECT d.a AS end FROM d; SET @end = 1; COMMIT; END;"},
	{"", "CREATE PROCEDURE p11() BEGIN FOR i IN 1..3 DO SELECT i; END FOR; FOR r IN (SELECT a FROM d) DO SELECT r.a; END FOR; WHILE 0 DO x: LOOP LEAVE x; END LOOP x; END WHILE; END;"},
	{"", "CREATE PROCEDURE p12() BEGIN NOT ATOMIC SELECT 1; `l`: BEGIN END; END;"},
	{"", "CREATE PROCEDURE IF NOT EXISTS p13(a INT, b SET('a','b')) SELECT IF(a, 1, 2), CASE a WHEN 1 THEN 2 END;"},
	{"", "CREATE PROCEDURE p14() SET @x = IF(1, 2, 3), @y = CASE WHEN 1 THEN 2 END;"},
	{"", "CREATE FUNCTION f1(a INT) RETURNS INT DETERMINISTIC RETURN CASE a WHEN 1 THEN IF(a, 1, 2) ELSE REPEAT('a', 2) END;"},
	{"", "CREATE FUNCTION f2() RETURNS VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NO SQL BEGIN RETURN 'a;'; END;"},
	{"", "CREATE FUNCTION f3() RETURNS SET('a','b') BEGIN RETURN 'a'; END;"},
	{"", "CREATE FUNCTION f4(a INT) RETURNS BOOL RETURN a IS NOT NULL;"},
	{"", "CREATE AGGREGATE FUNCTION f5(x INT) RETURNS INT BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN 1; LOOP FETCH GROUP NEXT ROW; END LOOP; END;"},
	{"", "CREATE TRIGGER t1 BEFORE INSERT ON d FOR EACH ROW BEGIN SET NEW.a = 'x;'; IF NEW.a IS NULL THEN SET NEW.a = IF(1, 2, 3); END IF; END;"},
	{"", "CREATE TRIGGER t2 BEFORE INSERT ON d FOR EACH ROW FOLLOWS t1 IF NEW.a = '1' THEN SET NEW.a = '2'; END IF;"},
	{"", "CREATE TRIGGER IF NOT EXISTS t3 AFTER INSERT ON d FOR EACH ROW SET @a = CASE WHEN 1 THEN 2 END;"},
	{"", "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t4 AFTER DELETE ON d FOR EACH ROW BEGIN SET @x = 1; /* it's; */ SET @y = ';'; END */;"},
	{"", "CREATE EVENT e1 ON SCHEDULE EVERY 1 DAY STARTS CURRENT_TIMESTAMP + INTERVAL 1 DAY DISABLE COMMENT 'do' DO BEGIN DELETE FROM d; DO 1; END;"},
	{"", "CREATE EVENT e2 ON SCHEDULE AT CURRENT_TIMESTAMP + INTERVAL 1 DAY DO CASE WHEN 1 THEN DELETE FROM d; END CASE;"},
	{"", "ALTER EVENT e1 DO BEGIN DELETE FROM d; END;"},
	{"", "BEGIN NOT ATOMIC DECLARE i INT; SET i = 1; IF i THEN SET @a = 1; END IF; END;"},
	{"", "IF 1 THEN SET @a = 1; END IF;"},
	{"", "WHILE 0 DO SET @a = 1; END WHILE;"},
	{"ORACLE", "CREATE PROCEDURE o1 AS BEGIN NULL; END;"},
	{"ORACLE", "CREATE OR REPLACE PROCEDURE o2(a INT) IS x INT; y INT := 2; BEGIN IF x = 1 THEN NULL; ELSIF x = 2 THEN NULL; END IF; EXCEPTION WHEN OTHERS THEN NULL; END o2;"},
	{"ORACLE", "CREATE FUNCTION o3(a INT) RETURN INT AS BEGIN WHILE a > 1 LOOP RETURN 1; END LOOP; FOR i IN 1..2 LOOP RETURN i; END LOOP; RETURN CASE a WHEN 1 THEN 2 END; END;"},
	{"ORACLE", "CREATE FUNCTION o4 RETURN VARCHAR(10) IS BEGIN <<a>> LOOP EXIT a; END LOOP; RETURN 'x'; END;"},
	{"ORACLE", "CREATE PACKAGE o5 AS PROCEDURE p; FUNCTION f(a INT) RETURN INT; END;"},
	{"ORACLE", "CREATE PACKAGE BODY o5 AS y INT; PROCEDURE p AS z INT; BEGIN NULL; END; FUNCTION f(a INT) RETURN INT AS BEGIN RETURN a; END; BEGIN y := 1; END;"},
}

// TestMySQLBodies holds where statements end that have semicolons in them. The
// server takes each of them as one statement.
func TestMySQLBodies(t *testing.T) {
	db := openMySQL(t)
	for _, statement := range []string{"CREATE TABLE d (a varchar(10))", "SET @a = 1"} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	for _, body := range mysqlBodies {
		want := []string{"SELECT 0;", body.text, "SELECT 'behind'"}
		if diff := cmp.Diff(want, textsIn(strings.Join(want, " "), MySQL, 0)); diff != "" {
			t.Errorf("statements around %q (-want +got):\n%s", body.text, diff)
		}
		if _, err := db.Exec("SET sql_mode = '" + body.mode + "'"); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(body.text); err != nil {
			t.Errorf("%s: %v", body.text, err)
		}
	}
	for _, other := range []string{"BEGIN;", "BEGIN WORK;", "END;", "CREATE TABLE begin (end int, `if` int);", "CREATE DEFINER=a@b VIEW procedure_ AS SELECT 1 AS begin;",
		"CREATE DEFINER=a@b SQL SECURITY INVOKER VIEW v AS SELECT event FROM row;", "CREATE FUNCTION f RETURNS STRING SONAME 'a.so';", "CREATE FUNCTION f() RETURNS INT LANGUAGE JAVASCRIPT AS 'return 1;';",
		"DROP PROCEDURE IF EXISTS begin;", "CREATE PROCEDURE begin() SELECT 1;", "CREATE INDEX trigger_ ON t(begin);", "ALTER TABLE t ADD begin int;", "SHOW CREATE PROCEDURE p;"} {
		if diff := cmp.Diff([]string{other, "x"}, textsIn(other+" x", MySQL, 0)); diff != "" {
			t.Errorf("statements of %q (-want +got):\n%s", other, diff)
		}
	}
}

// openMySQL opens one connection to an empty database.
func openMySQL(t *testing.T) *sql.DB {
	t.Helper()
	u, err := url.Parse(testdb.MySQL(t))
	if err != nil {
		t.Fatal(err)
	}
	config := mysql.NewConfig()
	config.Net, config.Addr, config.DBName, config.User = "tcp", u.Host, strings.TrimPrefix(u.Path, "/"), u.User.Username()
	config.Passwd, _ = u.User.Password()
	connector, err := mysql.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// TestMySQLErrors holds what is refused and where it is said to be.
func TestMySQLErrors(t *testing.T) {
	const command = ", a command of the mysql client, which only that client understands"
	tests := []struct {
		name   string
		script string
		want   []string
	}{
		{"command", "a;\nSELECT 1\\G\n", []string{"a;", `line 2, column 9: has \G` + command}},
		{"command in a body", "CREATE PROCEDURE a() BEGIN \\g; END;", []string{`line 1, column 28: has \g` + command}},
		{"command between statements", "a; \\. b.sql\n", []string{"a;", `line 1, column 4: has \.` + command}},
		{"string", "a; 'b;", []string{"a;", "line 1, column 4: has a string that is not closed"}},
		{"escapes", `a "b\";`, []string{"line 1, column 3: has a string that is not closed"}},
		{"name", "a `b;", []string{"line 1, column 3: has a quoted name that is not closed"}},
		{"comment", "a /* ; ", []string{"line 1, column 3: has a comment that is not closed"}},
		{"comment between statements", "a;\n /* b */\n /* ;\n;\n", []string{"a;", "line 3, column 2: has a comment that is not closed"}},
		{"executable comment", "a; b /*!50003 c;\nd", []string{"a;", "line 1, column 6: has a comment that is not closed"}},
		{"executable comment in a body", "/*!50003 CREATE TRIGGER a b FOR EACH ROW BEGIN END;", []string{"line 1, column 1: has a comment that is not closed"}},
		{"executable comment with another delimiter", "DELIMITER //\n/*!50003 c //\nd", []string{"line 2, column 1: has a comment that is not closed"}},
		{"no delimiter", "a;\n delimiter\nb", []string{"a;", "line 2, column 2: has DELIMITER without a delimiter behind it"}},
		{"backslash in the delimiter", `DELIMITER \\`, []string{"line 1, column 1: has a backslash in the delimiter"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, textsIn(test.script, MySQL, 0)); diff != "" {
				t.Errorf("statements of %q (-want +got):\n%s", test.script, diff)
			}
		})
	}
}

// TestMySQLPlaces holds that a statement's End lies behind its delimiter, which
// is not part of its text.
func TestMySQLPlaces(t *testing.T) {
	s := New(strings.NewReader("-- é\nDELIMITER //\r\n a; -- b\n// /*!1 c*/ //d"), MySQL)
	want := []found{
		{Text: "a;", Line: 3, Column: 2, Offset: 20, End: 30, Terminated: true},
		{Text: "/*!1 c*/", Line: 4, Column: 4, Offset: 31, End: 42, Terminated: true},
		{Text: "d", Line: 4, Column: 15, Offset: 42, End: 43},
	}
	got := scanAll(s)
	for i := range got.Statements {
		got.Statements[i].Sum = [32]byte{}
	}
	if diff := cmp.Diff(want, got.Statements); diff != "" || got.Comment != "-- é" {
		t.Errorf("comment %q, statements (-want +got):\n%s", got.Comment, diff)
	}
}

// A number that begins with its point is one however much of it has been read.
func TestMySQLNumberComesInPieces(t *testing.T) {
	for _, text := range []string{".1e+5", ".25E-10 ", ".123e+4;"} {
		whole := mysqlLexer{start: true}
		kind, size := whole.token([]byte(text), true)
		if kind != Number {
			t.Errorf("%q begins with a token of kind %d", text, kind)
		}
		for end := range len(text) {
			part := mysqlLexer{start: true}
			if early, n := part.token([]byte(text[:end]), false); n != 0 && (n != size || early != kind) {
				t.Errorf("of %q the first %d bytes are a token of kind %d and size %d", text, end, early, n)
			}
		}
	}
}
