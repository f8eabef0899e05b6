package mysql_test

import (
	"net"
	neturl "net/url"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// schema has something of everything that mariadb-dump writes in its own way.
const schema = `
CREATE TABLE parent (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(40) CHARACTER SET latin1 NOT NULL DEFAULT 'it''s; "x"' COMMENT 'a; comment', u VARCHAR(20) CHARACTER SET utf8mb4, kind ENUM('a;','b''') , UNIQUE KEY (u)) COMMENT='table; comment';
CREATE TABLE child (id BIGINT UNSIGNED, parent INT, at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, data BLOB, doc JSON, g INT AS (parent * 2) STORED, CONSTRAINT fk FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE, CHECK (parent > 0));
CREATE TABLE parts (id INT, y INT) PARTITION BY RANGE (y) (PARTITION p0 VALUES LESS THAN (2000), PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE plain (id INT, FULLTEXT KEY (s), s TEXT) ENGINE=MyISAM;
CREATE SEQUENCE numbers START WITH 100;
INSERT INTO parent (name, u, kind) VALUES ('a\\b;\n''c"', 'ü🎉', 'a;'), ('--x /* y */', '', 'b''');
INSERT INTO child (id, parent, at, data, doc) VALUES (18446744073709551615, 1, '2026-01-02 03:04:05', x'00ff5c27223b0a', '{"a;": "\\""}');
INSERT INTO parts VALUES (1, 1999), (2, 2026);
INSERT INTO plain VALUES (1, 'words; and more');
CREATE VIEW first AS SELECT p.id, c.at FROM parent p JOIN child c ON c.parent = p.id;
CREATE VIEW second AS SELECT * FROM first WHERE id > 0;
CREATE TRIGGER before_child BEFORE INSERT ON child FOR EACH ROW BEGIN SET NEW.doc = COALESCE(NEW.doc, '{};'); END;
CREATE PROCEDURE fill(IN n INT) BEGIN DECLARE i INT DEFAULT 0; WHILE i < n DO INSERT INTO parts VALUES (i, i); SET i = i + 1; END WHILE; END;
CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2;
CREATE EVENT clean ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO BEGIN DELETE FROM parts WHERE y < 1000; END;
`

// A dump of a whole database, run as a migration, gives the same dump back.
func TestDump(t *testing.T) {
	from := testdb.MySQL(t)
	for statement := range strings.SplitAfterSeq(schema, ";\n") {
		if strings.TrimSpace(statement) != "" {
			do(t, from, strings.TrimSuffix(strings.TrimSpace(statement), ";"))
		}
	}
	want := dump(t, from)
	for name, options := range map[string][]string{
		"default": nil, "no autocommit": {"--no-autocommit"}, "plain": {"--skip-opt", "--skip-comments"}, "transaction": {"--single-transaction", "--skip-extended-insert"},
	} {
		t.Run(name, func(t *testing.T) {
			url := managed(t)
			mustUp(t, url, files{"0001-dump.sql": dump(t, from, options...), "0002-then.sql": "CREATE TABLE then_ (id INT); INSERT INTO then_ VALUES (1);"})
			at(t, url, 2)
			expect(t, url, "SELECT * FROM then_", "1")
			do(t, url, "DROP TABLE then_")
			got := dump(t, url)
			if got != want && name != "plain" { // which leaves engines and the like to the server
				t.Errorf("the dump is another:\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// volatile is what differs between two dumps of the same.
var volatile = regexp.MustCompile(`(?m)^-- (Host|Dump completed).*\n`)

// dump returns a dump of all but our own tables.
func dump(t *testing.T, url string, options ...string) string {
	t.Helper()
	u, err := neturl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(u.Host)
	name := strings.TrimPrefix(u.Path, "/")
	args := append([]string{"--no-defaults", "--host=" + host, "--port=" + port, "--user=root", "--routines", "--triggers", "--events", "--hex-blob"}, options...)
	for _, table := range []string{"_meta", "_fastmigrate_history", "_fastmigrate_progress", "_fastmigrate_lock"} {
		args = append(args, "--ignore-table="+name+"."+table)
	}
	var stderr strings.Builder
	command := exec.CommandContext(t.Context(), "mariadb-dump", append(args, name)...)
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err, stderr.String())
	}
	return strings.ReplaceAll(volatile.ReplaceAllString(string(out), ""), name, "DATABASE")
}
