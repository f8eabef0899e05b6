//go:build linux

package crashtest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// writing are the system calls at which processes are killed: those that change
// a file or a folder, and those that open or lock one. What SQLite writes into
// the shared memory beside a -wal goes through no system call.
const writing = "write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,ftruncate,truncate,fallocate,flock," +
	"open,creat,openat,mkdir,mkdirat,rmdir,unlink,unlinkat,rename,renameat,renameat2,link,linkat," +
	"symlink,symlinkat,chmod,fchmod,fchmodat"

// point is one writing system call of a process.
type point struct {
	name string // of the call
	n    int    // how many-th of that name it is
	line string // as strace shows it
}

// injection is strace's option for something to happen on entering the call:
// before the kernel does anything of it.
func (p point) injection(what string) string {
	return fmt.Sprintf("inject=%s:%s:when=%d", p.name, what, p.n)
}

// traced returns a command that has strace write the writing system calls of an
// order into a file. strace sees the main thread, which makes all of them (see
// init), and neither the other threads nor outside programs.
func traced(t *testing.T, o order, trace string, options ...string) *exec.Cmd {
	t.Helper()
	before := []string{need(t, "strace"), "-qq", "-o", trace, "-e", "trace=" + writing, "-e", "signal=none"}
	for _, option := range options {
		before = append(before, "-e", option)
	}
	cmd := o.command(t, before...)
	cmd.Stdout = new(bytes.Buffer)
	cmd.Stderr = cmd.Stdout
	return cmd
}

// points returns the writing system calls that an order makes when it is left
// alone, from the first one that names something in the database's folder.
func points(t *testing.T, o order) []point {
	t.Helper()
	o.Quiet = true
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := traced(t, o, trace)
	if err := cmd.Run(); err != nil {
		t.Fatalf("strace: %v\n%s", err, cmd.Stdout)
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	var all []point
	count := make(map[string]int)
	for line := range strings.Lines(string(text)) {
		name, rest, isCall := strings.Cut(line, "(")
		if !isCall || strings.HasPrefix(line, "+++") || strings.HasPrefix(line, "---") {
			continue
		}
		count[name]++
		if len(all) > 0 || strings.Contains(rest, filepath.Dir(o.DB)) {
			all = append(all, point{name, count[name], line})
		}
	}
	if len(all) == 0 {
		t.Fatalf("nothing is written; strace says\n%s", text)
	}
	return all
}

// sample keeps the calls that matter most: not those that only read, and of those
// that write into an open file, which are most of all, one in some. Of the syncs
// it keeps those of a -wal, since what is written before one is often a commit;
// elsewhere a commit is an unlink. It keeps all of them if the run is full, and
// one in three of those with the race detector.
func sample(all []point, mode string, step, offset int) []point {
	if full() {
		return all
	}
	var kept []point
	seen := 0
	for _, p := range all {
		switch {
		case strings.HasSuffix(p.name, "sync") && mode == "delete", strings.Contains(p.line, "O_RDONLY"):
		case p.name == "pwrite64" && p.n%step != offset%step:
		default:
			if seen++; !slow || seen%3 == 0 {
				kept = append(kept, p)
			}
		}
	}
	return kept
}

// killAt carries an order out and kills it at a system call. It says whether the
// process was killed, and did not end before that.
func killAt(t *testing.T, o order, p point) (bool, error) {
	t.Helper()
	o.Quiet = true
	cmd := traced(t, o, "/dev/null", p.injection("signal=SIGKILL"))
	err := cmd.Run()
	if err == nil {
		return false, nil
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		return false, fmt.Errorf("strace: %w\n%s", err, cmd.Stdout)
	}
	return true, nil
}

// workers is how many processes are disturbed at a time. They wait for each
// other now and then.
const workers = 3

// each calls f for all points, several at a time, with a folder of its own,
// which is removed unless f returns an error.
func each(t *testing.T, all []point, f func(p point, dir string) error) {
	t.Helper()
	top := scratch(t)
	work := make(chan int)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for i := range work {
				dir := filepath.Join(top, fmt.Sprint(i))
				err := os.Mkdir(dir, 0o755)
				if err == nil {
					err = f(all[i], dir)
				}
				if err != nil {
					t.Errorf("at %s %d, %s%v", all[i].name, all[i].n, all[i].line, err)
				}
				_ = os.RemoveAll(dir)
			}
		})
	}
	for i := range all {
		work <- i
	}
	close(work)
	group.Wait()
}
