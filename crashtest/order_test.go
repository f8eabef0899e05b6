//go:build linux

package crashtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// orderVariable, in the environment, makes the test binary carry an order out
// instead of the tests.
const orderVariable = "FASTMIGRATE_CRASH_ORDER"

// order is what a process of its own is to do.
type order struct {
	Do      string // "up", "create", "create and up", "mark", "enroll", "backup", "restore", or a disturbance (see disturb)
	DB      string
	Dir     string // the migrations
	Target  string // of a backup, or what is restored
	Keep    string // what a restore replaces
	Atomic  bool   // all or nothing
	Version int64  // to mark

	Python      string
	Retry       int64         // a version; 0 for none
	LockTimeout time.Duration // as in fastmigrate.Options
	FileSize    uint64        // RLIMIT_FSIZE; 0 for none
	Wait        bool          // not before standard input ends
	Signals     bool          // SIGINT and SIGTERM cancel, as in the command line
	Quiet       bool          // prints nothing: each write would be a kill point
}

// outcome is what such a process says at its end, in one line of JSON.
type outcome struct {
	Error, Hint string
	Start, End  migration.State
	Applied     []migration.State

	Unfinished, Busy, Cancelled bool // what the error wraps
}

// carryOut is main for a process that has an order. It prints "ready" before it
// begins, and its outcome after.
func carryOut() int {
	var o order
	if err := json.Unmarshal([]byte(os.Getenv(orderVariable)), &o); err != nil {
		fmt.Println("order:", err)
		return 2
	}
	os.Unsetenv(orderVariable)
	go endWithParent(os.Getppid())
	ctx := context.Background()
	if o.Signals {
		var stop context.CancelFunc
		ctx, stop = signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
		defer stop()
	}
	if o.FileSize > 0 {
		signal.Ignore(syscall.SIGXFSZ)
		limit := syscall.Rlimit{Cur: o.FileSize, Max: o.FileSize}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			fmt.Println("setrlimit:", err)
			return 2
		}
	}
	if !o.Quiet {
		fmt.Println("ready")
	}
	if o.Wait {
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
	report, err := o.do(ctx)
	if report == nil {
		report = &fastmigrate.Report{}
	}
	result := outcome{
		Hint: migration.HintOf(err), Start: report.Start, End: report.End,
		Unfinished: errors.Is(err, migration.ErrUnfinished), Busy: errors.Is(err, migration.ErrBusyRun),
		Cancelled: errors.Is(err, context.Canceled),
	}
	for _, a := range report.Applied {
		result.Applied = append(result.Applied, a.Step.To)
	}
	if err != nil {
		result.Error = err.Error()
	}
	if !o.Quiet {
		text, _ := json.Marshal(result)
		fmt.Println(string(text))
	}
	if err != nil {
		return 1
	}
	return 0
}

// endWithParent ends this process when the tests have ended that started it, so
// that nothing is left to run, and to fill the disk, when they are stopped.
func endWithParent(parent int) {
	for os.Getppid() == parent {
		time.Sleep(time.Second)
	}
	os.Exit(3)
}

func (o order) do(ctx context.Context) (*fastmigrate.Report, error) {
	b := sqlitefile.Open(o.DB)
	defer b.Close()
	switch o.Do {
	case "create":
		_, err := fastmigrate.CreateDB(ctx, b)
		return nil, err
	case "enroll":
		_, err := fastmigrate.Enroll(ctx, b, o.Dir)
		return nil, err
	case "backup":
		return nil, fastmigrate.Backup(ctx, b, o.Target)
	case "restore":
		_, err := fastmigrate.Restore(ctx, b, o.Target, backend.RestoreOptions{Keep: o.Keep})
		return nil, err
	case "create and up":
		if _, err := fastmigrate.CreateDB(ctx, b); err != nil {
			return nil, err
		}
	case "up", "mark":
	default:
		return nil, disturb(o.Do, o.DB)
	}
	m, err := fastmigrate.New(b, source.Dir(o.Dir), fastmigrate.Options{
		Python: o.Python, LockTimeout: o.LockTimeout, Atomic: o.Atomic,
	})
	if err != nil {
		return nil, err
	}
	if o.Do == "mark" {
		return nil, m.Mark(ctx, migration.Version(o.Version))
	}
	var goal fastmigrate.Goal
	if o.Retry != 0 {
		v := migration.Version(o.Retry)
		goal.Retry = &v
	}
	return m.Run(ctx, goal)
}

// here carries the order out in this process, as the next run after a disturbed
// one.
func (o order) here(t *testing.T) error {
	t.Helper()
	_, err := o.do(t.Context())
	return err
}

// command returns the process that carries the order out, with what is put in
// front of it, such as strace.
func (o order) command(t *testing.T, before ...string) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := append(before, self)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), orderVariable+"="+string(text))
	return cmd
}

// run carries the order out in a process of its own and returns its outcome.
func (o order) run(t *testing.T) outcome {
	t.Helper()
	return finish(t, o.command(t))
}

// finish runs a command made by order.command and returns its outcome.
func finish(t *testing.T, cmd *exec.Cmd) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	return parse(t, out.Bytes(), fmt.Sprintf("%v %s", err, errs.Bytes()))
}

// parse returns the outcome that a process printed.
func parse(t *testing.T, out []byte, why string) outcome {
	t.Helper()
	var result outcome
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if err := json.Unmarshal(lines[len(lines)-1], &result); err != nil {
		t.Fatalf("no outcome: %v; it printed %q; %s", err, out, why)
	}
	return result
}
