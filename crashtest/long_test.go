//go:build linux

package crashtest

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// long is a folder in which the third migration never ends, in one
// transaction with the second, until it is shortened. The first has a
// transaction of its own.
type long struct{ dir string }

// longText writes more than is kept in memory of a group of scripts, and then
// computes without end and without needing room.
const longText = `CREATE TABLE big (a);
INSERT INTO big WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT zeroblob(1000) FROM n;
INSERT INTO big WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;
`

func newLong(t *testing.T) long {
	t.Helper()
	return long{makeFolder(t, map[string]string{
		"0001-own.sql":   "BEGIN;\nCREATE TABLE own (a);\nCOMMIT;\n",
		"0002-small.sql": "CREATE TABLE small (a);\n",
		"0003-long.sql":  longText,
		"0004-last.sql":  "CREATE TABLE last (a);\n",
	})}
}

// shorten lets the third migration come to an end.
func (l long) shorten(t *testing.T) {
	t.Helper()
	text := "CREATE TABLE big (a);\nINSERT INTO big VALUES (1);\n"
	if err := os.WriteFile(filepath.Join(l.dir, "0003-long.sql"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// awaitWriting waits until the third migration is at work: it has written more
// than SQLite keeps in memory.
func (l long) awaitWriting(t *testing.T, db, mode string) {
	t.Helper()
	file := db
	if mode == "wal" {
		file += "-wal"
	}
	eventually(t, "the long migration writes", func() bool {
		info, err := os.Stat(file)
		return err == nil && info.Size() > 1<<20
	})
}

// finished checks that all is applied, whole.
func (l long) finished(t *testing.T, db string) {
	t.Helper()
	handle := open(t, db)
	defer handle.Close()
	rows, err := get(handle, "SELECT version, (SELECT group_concat(a) FROM big), (SELECT count(*) FROM sqlite_schema WHERE name IN ('own', 'small', 'big', 'last')) FROM _meta")
	if err != nil || rows[0] != "4|1|4" {
		t.Errorf("%q, %v", rows, err)
	}
}

// eventually waits for something to become true.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
