package measure_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/bench/internal/measure"
)

var launcher measure.Launcher

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "launch-")
	if err != nil {
		panic(err)
	}
	launcher.Path = filepath.Join(dir, "launch")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", launcher.Path, "../../launch").CombinedOutput(); err != nil {
		panic(string(out))
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func run(t *testing.T, limit time.Duration, script string) (measure.Usage, error) {
	t.Helper()
	return launcher.Run(t.Context(), measure.Command{Args: []string{"sh", "-c", script}}, limit)
}

// What the suite itself holds is not counted, what the child's child holds is.
func TestPeakIsOfTheChild(t *testing.T) {
	held := make([]byte, 200<<20)
	for i := range held {
		held[i] = 1
	}
	u, err := run(t, 0, "true")
	if err != nil {
		t.Fatal(err)
	}
	if u.Peak < 100<<10 || u.Peak > 20<<20 {
		t.Errorf("a shell has a peak of %d bytes", u.Peak)
	}
	u, err = run(t, 0, "head -c 60000000 /dev/zero | tail -c 60000000 >/dev/null; true")
	if err != nil {
		t.Fatal(err)
	}
	if u.Peak < 55e6 || u.Peak > 120e6 {
		t.Errorf("a child that holds 60 MB has a peak of %d bytes", u.Peak)
	}
	runtime.KeepAlive(held)
}

func TestUsage(t *testing.T) {
	u, err := run(t, 0, "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done")
	if err != nil || u.Output != "done\n" || u.Over || u.User <= 0 || u.Wall < u.User/2 {
		t.Errorf("%+v, %v", u, err)
	}
}

func TestCommand(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	if err := os.WriteFile(in, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	u, err := launcher.Run(t.Context(), measure.Command{
		Args: []string{"sh", "-c", `cat; echo "$WORD"; pwd`}, Dir: dir, Env: []string{"WORD=spoken"}, Stdin: in,
	}, 0)
	if err != nil || u.Output != "from a file\nspoken\n"+dir+"\n" {
		t.Errorf("%q, %v", u.Output, err)
	}
}

func TestFailures(t *testing.T) {
	_, err := run(t, 0, "echo no such table >&2; exit 3")
	if err == nil || !strings.Contains(err.Error(), "exit code 3\nno such table") {
		t.Errorf("err = %v", err)
	}
	_, err = launcher.Run(t.Context(), measure.Command{Args: []string{"no-such-program"}}, 0)
	if err == nil || !strings.Contains(err.Error(), "no-such-program") {
		t.Errorf("err = %v", err)
	}
}

// The limit ends the child and what it has started; so does the suite's end.
func TestEnds(t *testing.T) {
	dir := t.TempDir()
	mark := filepath.Join(dir, "pid")
	script := "sleep 1000 & echo $! > " + mark + "; wait"
	u, err := run(t, 300*time.Millisecond, script)
	if err != nil || !u.Over {
		t.Errorf("%+v, %v", u, err)
	}
	gone(t, mark)

	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for wait(mark) != nil {
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
	}()
	if err := os.Remove(mark); err != nil {
		t.Fatal(err)
	}
	if _, err := launcher.Run(ctx, measure.Command{Args: []string{"sh", "-c", script}}, 0); err == nil {
		t.Error("no error")
	}
	gone(t, mark)
}

// wait fails until a process has written its number.
func wait(mark string) error {
	text, err := os.ReadFile(mark)
	if err == nil && len(text) == 0 {
		err = os.ErrNotExist
	}
	return err
}

// gone fails where a process whose number is in a file does not end.
func gone(t *testing.T, mark string) {
	t.Helper()
	pid, err := os.ReadFile(mark)
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		stat, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %s is still there", pid)
}
