//go:build linux

package crashtest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// pid waits for a file with the number of a process.
func pid(t *testing.T, file string) int {
	t.Helper()
	var n int
	eventually(t, "a process writes its number", func() bool {
		text, err := os.ReadFile(file)
		if err != nil || !strings.HasSuffix(string(text), "\n") {
			return false
		}
		n, err = strconv.Atoi(strings.TrimSpace(string(text)))
		return err == nil
	})
	return n
}

// alive says whether a process is there, and not only waits to be reaped.
func alive(pid int) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(text), ") ")
	return !strings.HasPrefix(state, "Z") && !strings.HasPrefix(state, "X")
}

// TestKilledParentTakesTheProgramAlong kills a run while an outside program is
// at work: the program ends, too, and the next run refuses to guess how far it
// came.
func TestKilledParentTakesTheProgramAlong(t *testing.T) {
	r := recovery{folder{programs: []int{1}, parts: map[int]int{2: 0}, newest: 2}, filepath.Join(scratch(t), "app.db"), ""}
	create(t, r.db, "delete")
	pids := filepath.Join(t.TempDir(), "pid")
	r.dir = makeFolder(t, map[string]string{
		"0001-run.sh": "echo 1 >> \"$1.ran\"\n[ -e " + pids + " ] && exit\necho $$ > " + pids + "\nexec sleep 300\n",
		"0002-a.sql":  "CREATE TABLE a (b);",
	})
	p := order{Do: "up", DB: r.db, Dir: r.dir}.start(t, "ready")
	child := pid(t, pids)
	p.kill()
	eventually(t, "the program has ended", func() bool { return !alive(child) })
	s, err := r.examine(t)
	if err != nil || s != (stand{begun: 1}) {
		t.Fatalf("stands at %v, %v", s, err)
	}
	up := order{Do: "up", DB: r.db, Dir: r.dir}
	if result := up.run(t); !result.Unfinished || !strings.Contains(result.Hint, "--retry 1 ") || !strings.Contains(result.Hint, "mark 1 ") {
		t.Errorf("the next run says %+v", result)
	}
	if n := lines(t, r.db+".ran", "1"); n != 1 {
		t.Errorf("the program ran %d times without being asked for", n)
	}
	up.Retry = 1
	if result := up.run(t); result.Error != "" || result.End != "2" {
		t.Errorf("the run with --retry says %+v", result)
	}
	if n := lines(t, r.db+".ran", "1"); n != 2 {
		t.Errorf("the program ran %d times", n)
	}
	if more := beside(t, filepath.Dir(r.db), "app.db", "app.db.ran"); len(more) > 0 {
		t.Errorf("left behind: %q", more)
	}
}

// TestEscapedProgramHoldsTheLock kills a run whose outside program has started a
// process in a session of its own, which nothing takes along: as long as it
// lives, no other run begins.
func TestEscapedProgramHoldsTheLock(t *testing.T) {
	need(t, "setsid")
	db := filepath.Join(scratch(t), "app.db")
	create(t, db, "delete")
	aside := t.TempDir()
	pids, release := filepath.Join(aside, "pid"), filepath.Join(aside, "go")
	dir := makeFolder(t, map[string]string{
		"0001-run.sh": "[ -e " + pids + " ] && { echo second >> \"$1.ran\"; exit; }\n" +
			"setsid sh -c 'echo $$ > " + pids + "; until [ -e " + release + " ]; do sleep 0.02; done; echo first >> \"$0.ran\"' \"$1\" &\nwait\n",
		"0002-a.sql": "CREATE TABLE a (b);",
	})
	p := order{Do: "up", DB: db, Dir: dir}.start(t, "ready")
	escaped := pid(t, pids)
	defer syscall.Kill(escaped, syscall.SIGKILL)
	p.kill()
	time.Sleep(100 * time.Millisecond)
	if !alive(escaped) || !locked(t, db) {
		t.Fatalf("alive: %v, locked: %v", alive(escaped), locked(t, db))
	}
	if result := (order{Do: "up", DB: db, Dir: dir, Retry: 1, LockTimeout: 200 * time.Millisecond}).run(t); !result.Busy {
		t.Errorf("a run meanwhile says %+v", result)
	}
	second := order{Do: "up", DB: db, Dir: dir, Retry: 1}.start(t, "ready")
	time.Sleep(300 * time.Millisecond)
	if err := os.WriteFile(release, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if result := second.outcome(t); result.Error != "" || result.End != "2" {
		t.Errorf("the run that waited says %+v", result)
	}
	if text, err := os.ReadFile(db + ".ran"); err != nil || string(text) != "first\nsecond\n" {
		t.Errorf("they ran like this: %q, %v", text, err)
	}
	if more := beside(t, filepath.Dir(db), "app.db", "app.db.ran"); len(more) > 0 {
		t.Errorf("left behind: %q", more)
	}
}
