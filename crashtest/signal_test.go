//go:build linux

package crashtest

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestInterrupt tells a run to stop, by each of the two signals, while its third
// migration is at work: the statement is interrupted and rolled back with what
// shares its transaction, what was applied stays, and the next run finishes.
func TestInterrupt(t *testing.T) {
	for _, mode := range modes {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(mode+"/"+sig.String(), func(t *testing.T) {
				db := filepath.Join(scratch(t), "app.db")
				create(t, db, mode)
				long := newLong(t)
				p := order{Do: "up", DB: db, Dir: long.dir, Signals: true}.start(t, "ready")
				long.awaitWriting(t, db, mode)
				told := time.Now()
				if err := p.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
				result := p.outcome(t)
				if took := time.Since(told); took > 20*time.Second {
					t.Errorf("it took %v to stop", took)
				}
				if !result.Cancelled || !strings.HasPrefix(result.Error, "0003-long.sql:") || !strings.Contains(result.Error, ": interrupted") || result.End != "1" {
					t.Errorf("it says %+v", result)
				}
				if more := beside(t, filepath.Dir(db), "app.db"); len(more) > 0 {
					t.Errorf("left behind: %q", more)
				}
				handle := open(t, db)
				rows, err := get(handle, "SELECT version, (SELECT group_concat(name) FROM sqlite_schema WHERE name IN ('own', 'small', 'big', 'last')) FROM _meta")
				if err != nil || rows[0] != "1|own" {
					t.Errorf("%q, %v", rows, err)
				}
				handle.Close()
				long.shorten(t)
				if err := (order{Do: "up", DB: db, Dir: long.dir}).here(t); err != nil {
					t.Fatal(err)
				}
				long.finished(t, db)
			})
		}
	}
}

// TestInterruptAProgram tells a run to stop while an outside program is at work:
// the program is stopped with what it started, that it failed is recorded, and
// the next run starts it again without being asked.
func TestInterruptAProgram(t *testing.T) {
	db := filepath.Join(scratch(t), "app.db")
	create(t, db, "delete")
	dir := makeFolder(t, map[string]string{
		"0001-a.sql":  "CREATE TABLE a (b);",
		"0002-run.sh": "echo ran >> \"$1.ran\"\n[ -e \"$1.go\" ] || { sleep 300 & echo $! > \"$1.pid\"; wait; }\n",
	})
	p := order{Do: "up", DB: db, Dir: dir, Signals: true}.start(t, "ready")
	child := pid(t, db+".pid")
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if result := p.outcome(t); !result.Cancelled || result.End != "1" || !strings.Contains(result.Error, "0002-run.sh") {
		t.Errorf("it says %+v", result)
	}
	if alive(child) {
		t.Error("what the program started is still there")
	}
	if more := beside(t, filepath.Dir(db), "app.db", "app.db.ran", "app.db.pid"); len(more) > 0 {
		t.Errorf("left behind: %q", more)
	}
	if err := os.WriteFile(db+".go", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if result := (order{Do: "up", DB: db, Dir: dir}).run(t); result.Error != "" || result.End != "2" {
		t.Errorf("the next run says %+v", result)
	}
	if n := lines(t, db+".ran", "ran"); n != 2 {
		t.Errorf("the program ran %d times", n)
	}
}

// TestInterruptWhileWaiting tells a run to stop that waits for another one: it
// stops at once, and touches nothing of the other's.
func TestInterruptWhileWaiting(t *testing.T) {
	db := filepath.Join(scratch(t), "app.db")
	create(t, db, "wal")
	long := newLong(t)
	first := order{Do: "up", DB: db, Dir: long.dir}.start(t, "ready")
	long.awaitWriting(t, db, "wal")
	second := order{Do: "up", DB: db, Dir: long.dir, Signals: true}.start(t, "ready")
	time.Sleep(300 * time.Millisecond)
	if err := second.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if result := second.outcome(t); !result.Cancelled || !strings.Contains(result.Error, "wait for the lock") {
		t.Errorf("it says %+v", result)
	}
	if !locked(t, db) {
		t.Error("the first run lost its lock")
	}
	first.kill()
	long.shorten(t)
	if err := (order{Do: "up", DB: db, Dir: long.dir}).here(t); err != nil {
		t.Fatal(err)
	}
	long.finished(t, db)
}
