//go:build unix

package script

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// startParent has a process of its own lock a file and run sh on the text; it
// returns once that has printed its first line.
func startParent(t *testing.T, lock, text string) (parent *exec.Cmd, line string) {
	t.Helper()
	parent = exec.Command(os.Args[0], "sh", "-c", text)
	parent.Env = append(os.Environ(), asParent+"=1", lockFile+"="+lock)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { parent.Process.Kill(); parent.Wait() })
	line, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return parent, strings.TrimSpace(line)
}

// locked tells whether anybody holds the lock.
func locked(t *testing.T, path string) bool {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil
}

func TestTheLockOutlivesAKilledParent(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock")
	// Not even the child is left, where the kernel kills it with its parent.
	parent, pid := startParent(t, lock, `sleep 60 & echo $!; wait`)
	parent.Process.Kill()
	parent.Wait()
	if !running(t, pid) || !locked(t, lock) {
		t.Errorf("running: %v, locked: %v", running(t, pid), locked(t, lock))
	}
	kill(t, pid)
	eventually(t, "the lock ends with the last process", func() bool { return !locked(t, lock) })
}

func TestTheLockEndsWhenUnlocked(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock")
	f, err := os.Create(lock)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	cmd := sh(`sleep 60 >/dev/null 2>&1 & echo $!`)
	cmd.Inherit = []*os.File{f}
	res, err := Run(t.Context(), cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer kill(t, strings.TrimSpace(res.Stdout))
	if !locked(t, lock) {
		t.Fatal("not locked before")
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_UN); err != nil {
		t.Fatal(err)
	}
	if locked(t, lock) {
		t.Error("the daemon that was left behind holds the lock")
	}
}

func TestInheritedFilesAreNotTheStandardOnes(t *testing.T) {
	f, err := os.Open(write(t, "file", "inherited"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cmd := sh(`cat <&3`)
	cmd.Inherit = []*os.File{f}
	res, err := Run(t.Context(), cmd)
	if err != nil || res.Stdout != "inherited" {
		t.Errorf("got %q, error %v", res.Stdout, err)
	}
}

func TestAKilledParentTakesTheChildAlong(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock")
	parent, pid := startParent(t, lock, `echo $$; exec sleep 60`)
	parent.Process.Kill()
	parent.Wait()
	if runtime.GOOS != "linux" { // as the package says
		if !locked(t, lock) {
			t.Error("the child is gone: say so in the package's comment")
		}
		kill(t, pid)
		return
	}
	eventually(t, "the child has ended", func() bool { return !locked(t, lock) })
}

func TestATerminatedParentStopsTheChild(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock")
	parent, _ := startParent(t, lock, `sleep 60 & echo $$; wait`)
	parent.Process.Signal(unix.SIGTERM)
	parent.Wait()
	if locked(t, lock) {
		t.Error("a process is left")
	}
}
