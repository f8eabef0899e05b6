//go:build linux

package crashtest

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// started is a process that carries an order out.
type started struct {
	*exec.Cmd
	out *bufio.Reader
}

// start starts an order and returns once it has printed the line.
func (o order) start(t *testing.T, line string) started {
	t.Helper()
	cmd := o.command(t)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	p := started{cmd, bufio.NewReader(out)}
	for {
		got, err := p.out.ReadString('\n')
		if err != nil {
			t.Fatalf("%q, %v", got, err)
		}
		if strings.TrimSpace(got) == line {
			return p
		}
	}
}

// kill ends the process at once.
func (p started) kill() {
	p.Process.Kill()
	p.Wait()
}

// outcome waits for the end of the process, a minute at most, and returns its
// outcome.
func (p started) outcome(t *testing.T) outcome {
	t.Helper()
	defer time.AfterFunc(time.Minute, func() { p.Process.Kill() }).Stop()
	out, err := io.ReadAll(p.out)
	if err != nil {
		t.Fatal(err)
	}
	p.Wait()
	return parse(t, out, p.ProcessState.String())
}

// TestWALLeftBehind runs on a database beside which a killed writer left a -wal:
// what it had committed is kept, what it had not is gone.
func TestWALLeftBehind(t *testing.T) {
	db := filepath.Join(scratch(t), "app.db")
	create(t, db, "wal")
	order{Do: "leave a wal", DB: db}.start(t, "written").kill()
	if info, err := os.Stat(db + "-wal"); err != nil || info.Size() == 0 {
		t.Fatalf("no -wal was left: %v", err)
	}
	dir := makeFolder(t, map[string]string{"0001-a.sql": "CREATE TABLE a AS SELECT count(*) AS n FROM kept;"})
	if err := (order{Do: "up", DB: db, Dir: dir}).here(t); err != nil {
		t.Fatal(err)
	}
	handle := open(t, db)
	if rows, err := get(handle, "SELECT n, (SELECT group_concat(a) FROM kept), (SELECT version FROM _meta) FROM a"); err != nil || rows[0] != "3|1,2,3|1" {
		t.Errorf("%q, %v", rows, err)
	}
	handle.Close()
	if more := beside(t, filepath.Dir(db), "app.db"); len(more) > 0 {
		t.Errorf("left behind: %q", more)
	}
}

// TestHotJournal runs on a database of which a killed writer had written half a
// transaction: it is taken back first.
func TestHotJournal(t *testing.T) {
	db := filepath.Join(scratch(t), "app.db")
	create(t, db, "delete")
	do(t, db, "CREATE TABLE kept (a)",
		"INSERT INTO kept WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT 'row ' || i FROM n")
	order{Do: "leave a journal", DB: db}.start(t, "written").kill()
	text, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(db + "-journal"); err != nil || !bytes.Contains(text, []byte("changed")) {
		t.Fatalf("no half transaction was left: %v", err)
	}
	dir := makeFolder(t, map[string]string{"0001-a.sql": "CREATE TABLE a AS SELECT count(*) AS n FROM kept WHERE a LIKE '%changed';"})
	if err := (order{Do: "up", DB: db, Dir: dir}).here(t); err != nil {
		t.Fatal(err)
	}
	handle := open(t, db)
	if rows, err := get(handle, "SELECT n, (SELECT version FROM _meta), (SELECT integrity_check FROM pragma_integrity_check) FROM a"); err != nil || rows[0] != "0|1|ok" {
		t.Errorf("%q, %v", rows, err)
	}
	handle.Close()
	if more := beside(t, filepath.Dir(db), "app.db"); len(more) > 0 {
		t.Errorf("left behind: %q", more)
	}
}

// TestCorruptPage runs a migration over a table with a page that is damaged: it
// says so, and nothing is applied.
func TestCorruptPage(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			db := filepath.Join(scratch(t), "app.db")
			create(t, db, mode)
			do(t, db, "CREATE TABLE big (a)",
				"INSERT INTO big WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT 'row ' || i FROM n")
			f, err := os.OpenFile(db, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.WriteAt(bytes.Repeat([]byte{0xa5}, 4096), 40*4096); err != nil {
				t.Fatal(err)
			}
			f.Close()
			dir := makeFolder(t, map[string]string{
				"0001-a.sql": "CREATE TABLE a (b);",
				"0002-b.sql": "CREATE TABLE c (d);\nUPDATE big SET a = a || '!';",
				"0003-c.sql": "CREATE TABLE e (f);",
			})
			result := order{Do: "up", DB: db, Dir: dir}.run(t)
			if !strings.Contains(result.Error, "0002-b.sql:2:1: database disk image is malformed") || !strings.Contains(result.Hint, "verify") {
				t.Errorf("it says %q (hint: %s)", result.Error, result.Hint)
			}
			handle := open(t, db)
			rows, err := get(handle, "SELECT (SELECT version FROM _meta), group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema WHERE name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name)")
			if err != nil || rows[0] != "1|a big" {
				t.Errorf("%q, %v", rows, err)
			}
			handle.Close()
			if more := beside(t, filepath.Dir(db), "app.db"); len(more) > 0 {
				t.Errorf("left behind: %q", more)
			}
		})
	}
}
