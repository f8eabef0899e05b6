package backendtest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// jobVariable is the environment variable that tells a process what the suite
// started it for.
const jobVariable = "FASTMIGRATE_BACKENDTEST_JOB"

// signal is what the lines begin with that such a process says to the suite.
const signal = "backendtest: "

// job is what a process of the suite's is to do, and to which database.
type job struct {
	Test    string // the name of the test that calls Run
	Do      string
	Address string
}

// The jobs.
const (
	jobMigrate = "migrate" // the crowd's migrations
	jobHold    = "hold"    // the lock, until it is killed
	jobDie     = "die"     // in the middle of the long migration

	jobDieInFunction = "die in a function" // in the middle of the second
)

// jobOf returns the job of this process, if it has one in this test.
func jobOf(test string) (job, bool) {
	var j job
	text := os.Getenv(jobVariable)
	if text == "" || json.Unmarshal([]byte(text), &j) != nil || j.Test != test {
		return job{}, false
	}
	return j, true
}

// do does the job.
func (j job) do(t *testing.T, h Harness) {
	s := &suite{Harness: h}
	b, err := h.Open(j.Address)
	if err != nil {
		t.Fatalf("Open in another process: %v", err)
	}
	defer b.Close()
	say := func(format string, args ...any) { fmt.Printf(signal+format+"\n", args...) }
	waiting := backend.SessionOptions{LockTimeout: 3 * time.Minute, Waiting: func(string) { say("waiting") }}
	switch j.Do {
	case jobMigrate:
		report, err := migrate(t.Context(), b, s.crowd().folder(), request{session: waiting})
		if err != nil {
			t.Errorf("migrate in another process: %v", err)
		}
		say("applied %d", len(report.Applied))
	case jobHold:
		session, err := b.Session(t.Context(), backend.SessionOptions{})
		if err != nil {
			t.Fatalf("Session in another process: %v", err)
		}
		say("held")
		_, _ = io.Copy(io.Discard, os.Stdin) // it ends when the suite does
		_ = session.Close()
	case jobDieInFunction:
		books, err := backend.Keep(b, backend.Book{Kind: migration.Functions})
		if err != nil {
			t.Fatal(err)
		}
		k := &kept{database: &database{suite: s, t: t}, kind: migration.Functions, books: books}
		report, err := k.reach(t.Context(), sequence(t, s.inserts(1), func(ctx context.Context, tx migration.Tx) error {
			if err := s.inserts(2)(ctx, tx); err != nil {
				return err
			}
			say("dying")
			die(t)
			return nil
		}), plan.Goal{})
		t.Errorf("the process lives: %s, %v", reported(report), err)
	case jobDie:
		folder := &trap{FS: s.fatal().folder(), file: "0002-long.sql", spring: func() {
			say("dying")
			die(t)
		}}
		report, err := migrate(t.Context(), b, folder, request{})
		t.Errorf("the process lives: %s, %v", reported(report), err)
	}
}

// die kills this process.
func die(t testing.TB) {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	_ = self.Kill()
	select {}
}

// process is another process that does a job.
type process struct {
	t     testing.TB
	cmd   *exec.Cmd
	lines *bufio.Scanner
	said  strings.Builder // all that it printed
}

// start starts a process that does a job with the database.
func (d *database) start(do string) *process {
	d.t.Helper()
	text, err := json.Marshal(job{Test: d.top, Do: do, Address: d.Address})
	if err != nil {
		d.t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		d.t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run="+pattern(d.top), "-test.count=1", "-test.timeout=5m")
	cmd.Env = append(os.Environ(), jobVariable+"="+string(text))
	p := &process{t: d.t, cmd: cmd}
	out, err := cmd.StdoutPipe()
	if err == nil {
		cmd.Stderr = cmd.Stdout
		_, err = cmd.StdinPipe() // closed when we end, so that it does, too
	}
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		d.t.Fatalf("start another process: %v", err)
	}
	p.lines = bufio.NewScanner(out)
	d.t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	return p
}

// pattern matches the test of a name, for -test.run.
func pattern(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

// hears returns what the process says next.
func (p *process) hears() string {
	p.t.Helper()
	for p.lines.Scan() {
		p.said.WriteString(p.lines.Text() + "\n")
		if said, ok := strings.CutPrefix(p.lines.Text(), signal); ok {
			return said
		}
	}
	return "nothing, and ended after it printed:\n" + p.said.String()
}

// ends waits for the process to end by itself, and fails the test if that was
// not well.
func (p *process) ends() {
	p.t.Helper()
	for p.lines.Scan() {
		p.said.WriteString(p.lines.Text() + "\n")
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("the other process: %v\n%s", err, p.said.String())
	}
}

// kill kills the process and waits for its end.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	for p.lines.Scan() {
		p.said.WriteString(p.lines.Text() + "\n")
	}
	_ = p.cmd.Wait()
}
