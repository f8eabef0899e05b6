//go:build linux

package rawfile_test

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
	"pgregory.net/rapid"

	"github.com/fastmigrate/fastmigrate/internal/rawfile"
)

// holdVar makes this test's program, started anew, one that writes to a file.
const holdVar = "RAWFILE_HOLD"

func TestMain(m *testing.M) {
	if begin, path, ok := strings.Cut(os.Getenv(holdVar), " "); ok {
		hold(begin, path)
		return
	}
	os.Exit(m.Run())
}

// hold keeps a transaction open until its input ends.
func hold(begin, path string) {
	db, err := sql.Open("sqlite", path)
	if err == nil {
		db.SetMaxOpenConns(1)
		_, err = db.Exec("BEGIN " + begin)
	}
	fmt.Println(err)
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
}

// do runs statements on a file by the engine, and closes it.
func do(t interface{ Fatal(...any) }, path string, statements ...string) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// texts returns a table's rows as the engine reads them: their numbers, and the
// columns that are integers or text.
func texts(t *rapid.T, path string) (rows []string) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	found, err := db.Query(`SELECT rowid || ':' ||
		CASE WHEN typeof(a) IN ('integer', 'text') THEN a ELSE '?' END || ':' || CASE WHEN typeof(b) IN ('integer', 'text') THEN b ELSE '?' END
		FROM t ORDER BY rowid`)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		var row string
		if err := found.Scan(&row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

// column returns a column of a row as texts does.
func column(r rawfile.Row, n int) string {
	if v, ok := r.Int(n); ok {
		return fmt.Sprint(v)
	}
	if v, ok := r.Text(n); ok {
		return v
	}
	return "?"
}

// draw makes a database file of any shape with a table t among others.
func draw(t *rapid.T, path string) {
	pages := rapid.SampledFrom([]int{512, 1024, 4096, 65536}).Draw(t, "page size")
	statements := []string{
		fmt.Sprintf("PRAGMA page_size = %d", pages),
		fmt.Sprintf("PRAGMA auto_vacuum = %d", rapid.IntRange(0, 2).Draw(t, "auto_vacuum")),
		"PRAGMA synchronous = OFF", "BEGIN",
	}
	others := func(label string) {
		for n := range rapid.IntRange(0, 60).Draw(t, label) {
			statements = append(statements, fmt.Sprintf("CREATE TABLE %s%d (x INTEGER PRIMARY KEY, %s TEXT)", label, n, strings.Repeat("y", n)))
		}
	}
	others("before")
	statements = append(statements, "CREATE TABLE T (id INTEGER PRIMARY KEY, a, b, c)")
	others("behind")
	value := rapid.OneOf(
		rapid.Map(rapid.Int64(), func(n int64) string { return fmt.Sprint(n) }),
		rapid.Map(rapid.IntRange(-300, 300), func(n int) string { return fmt.Sprint(n) }),
		// short, for two of them lie on the smallest page with whatever follows
		rapid.Map(rapid.StringMatching(`[a-z'äß]{0,7}`), func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }),
		rapid.SampledFrom([]string{"NULL", "1.5", "x'00ff'", "0", "1"}),
	)
	for range rapid.IntRange(0, 200).Draw(t, "rows") {
		id := "NULL"
		if rapid.Bool().Draw(t, "own number") {
			id = fmt.Sprint(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "id"))
		}
		long := rapid.SampledFrom([]int{0, 10, pages - 60, 3 * pages}).Draw(t, "length")
		statements = append(statements, fmt.Sprintf("INSERT OR IGNORE INTO t VALUES (%s, %s, %s, zeroblob(%d))",
			id, value.Draw(t, "a"), value.Draw(t, "b"), long))
	}
	if rapid.Bool().Draw(t, "deletes") {
		statements = append(statements, "DELETE FROM t WHERE id % 3 = 0")
	}
	statements = append(statements, "COMMIT")
	if rapid.Bool().Draw(t, "vacuum") {
		statements = append(statements, "VACUUM")
	}
	do(t, path, statements...)
}

// What is read without the engine is what the engine reads.
func TestAgainstEngine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	rapid.Check(t, func(t *rapid.T) {
		os.Remove(path)
		draw(t, path)
		want := texts(t, path)
		f, err := rawfile.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		root, made, err := f.Table("t")
		if err != nil || made != "CREATE TABLE T (id INTEGER PRIMARY KEY, a, b, c)" {
			t.Fatalf("the table is made by %q, %v", made, err)
		}
		for _, backward := range []bool{false, true} {
			var got []string
			for row, err := range f.Rows(root, backward) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, fmt.Sprintf("%d:%s:%s", row.ID, column(row, 1), column(row, 2)))
			}
			if backward {
				slices.Reverse(got)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("backward %v: %q, want %q", backward, got, want)
			}
		}
		if root, _, err := f.Table("none"); err != nil || root != 0 {
			t.Fatalf("a table that is not there: %d, %v", root, err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// Of a row that flows over to other pages, what lies on its own is read, and the
// rest is not known: it is never cut.
func TestFlowsOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	do(t, path, "PRAGMA page_size = 512", "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, c)",
		"INSERT INTO t VALUES (1, 'short', printf('%.600c', 'b'), NULL)")
	f, err := rawfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	root, _, err := f.Table("t")
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range f.Rows(root, false) {
		if a, ok := row.Text(1); err != nil || !ok || a != "short" {
			t.Errorf("a is %q, %v, %v", a, ok, err)
		}
		if b, ok := row.Text(2); ok {
			t.Errorf("b is %q", b)
		}
	}
}

// A damaged file is read to an end, or not at all.
func TestDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	rapid.Check(t, func(t *rapid.T) {
		os.Remove(path)
		draw(t, path)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 40).Draw(t, "damage") {
			at := rapid.IntRange(0, min(len(whole), 4*4096)-1).Draw(t, "at")
			whole[at] = rapid.Byte().Draw(t, "byte")
		}
		whole = whole[:len(whole)-rapid.IntRange(0, len(whole)-1).Draw(t, "cut")]
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := rawfile.Open(path)
		if err != nil {
			return
		}
		defer f.Close()
		root, _, err := f.Table("t")
		if err != nil {
			return
		}
		for row, err := range f.Rows(max(root, 1), rapid.Bool().Draw(t, "backward")) {
			if err != nil {
				return
			}
			_, _, _ = column(row, 0), column(row, 1), column(row, 30)
		}
	})
}

// What only the engine can tell is left to it.
func TestUnusual(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(t *testing.T, path string)
		usual   bool
	}{
		{"at rest", func(t *testing.T, path string) {}, true},
		{"behind a link", func(t *testing.T, path string) {
			if err := errors.Join(os.Rename(path, path+".real"), os.Symlink(path+".real", path)); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"the journal of what a link leads to", func(t *testing.T, path string) {
			if err := errors.Join(os.Rename(path, path+".real"), os.Symlink(path+".real", path), os.WriteFile(path+".real-journal", []byte("x"), 0o600)); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"a journal that is empty", func(t *testing.T, path string) {
			if err := os.WriteFile(path+"-journal", nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"written by way of a log that is gone", func(t *testing.T, path string) { do(t, path, "PRAGMA journal_mode = WAL", "CREATE TABLE more (x)") }, true},
		{"a log", func(t *testing.T, path string) {
			do(t, path, "PRAGMA journal_mode = WAL")
			if err := os.WriteFile(path+"-wal", nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"UTF-16", func(t *testing.T, path string) {
			os.Remove(path)
			do(t, path, "PRAGMA encoding = 'UTF-16le'", "CREATE TABLE t (x)")
		}, false},
		{"a writer that has begun", func(t *testing.T, path string) { holds(t, "IMMEDIATE", path) }, true},
		{"a writer at work", func(t *testing.T, path string) { holds(t, "EXCLUSIVE", path) }, false},
		{"no database", func(t *testing.T, path string) { os.WriteFile(path, make([]byte, 4096), 0o600) }, false},
		{"empty", func(t *testing.T, path string) { os.WriteFile(path, nil, 0o600) }, false},
		{"a folder", func(t *testing.T, path string) { os.Remove(path); os.Mkdir(path, 0o700) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			do(t, path, "CREATE TABLE t (x)")
			c.prepare(t, path)
			f, err := rawfile.Open(path)
			if c.usual != (err == nil) || err != nil && !errors.Is(err, rawfile.ErrUnusual) {
				t.Errorf("%v", err)
			}
			if err == nil {
				f.Close()
			}
		})
	}
}

// A log that appears while the file is read is noticed.
func TestLogBegun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	do(t, path, "PRAGMA journal_mode = WAL", "CREATE TABLE t (x)")
	f, err := rawfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "IMMEDIATE", path)
	if err := f.Close(); !errors.Is(err, rawfile.ErrUnusual) {
		t.Errorf("%v", err)
	}
}

// Nobody writes to the file while it is read.
func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	do(t, path, "CREATE TABLE t (x)")
	f, err := rawfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if said := begin(t, "EXCLUSIVE", path); !strings.Contains(said, "locked") {
		t.Errorf("another process could write: %s", said)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if said := begin(t, "EXCLUSIVE", path); said != "<nil>\n" {
		t.Errorf("another process can't write afterwards: %s", said)
	}
}

func holds(t *testing.T, how, path string) {
	t.Helper()
	if said := begin(t, how, path); said != "<nil>\n" {
		t.Fatal(said)
	}
}

// begin lets another process begin a transaction, which it keeps until the end of
// the test, and returns what it says.
func begin(t *testing.T, how, path string) string {
	t.Helper()
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), holdVar+"="+how+" "+path)
	in, err1 := other.StdinPipe()
	out, err2 := other.StdoutPipe()
	if err := errors.Join(err1, err2, other.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); _ = other.Wait() })
	said, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return said
}
