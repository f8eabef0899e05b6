// Package measure runs whole processes and tells what the kernel counted: wall
// time, processor time, peak memory.
package measure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// Command is a program to run.
type Command struct {
	Args  []string
	Dir   string
	Env   []string // beside the suite's own
	Stdin string   // a file; empty means none
}

// String returns the command as one would type it, for errors.
func (c Command) String() string { return strings.Join(c.Args, " ") }

// Usage is what a process took, those that it started and waited for included:
// their times are added up, and Peak is that of the largest.
type Usage struct {
	Wall, User, System time.Duration
	Peak               int64 // bytes
	Over               bool  // the limit ended it
	Output             string
}

// Launcher starts processes through the program launch, so that the suite's own
// memory is not counted as theirs.
type Launcher struct {
	Path string // of the program launch
}

// Run runs a command until it ends, or until the limit, where that is not 0. It
// fails where the command does, with the end of what it said.
func (l Launcher) Run(ctx context.Context, c Command, limit time.Duration) (Usage, error) {
	stdin := c.Stdin
	if stdin == "" {
		stdin = os.DevNull
	}
	cmd := exec.CommandContext(ctx, l.Path, append([]string{fmt.Sprint(limit.Milliseconds()), stdin}, c.Args...)...)
	cmd.Dir = c.Dir
	cmd.Env = append(os.Environ(), c.Env...)
	var out, told bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &told
	// The launcher ends what it started when this pipe ends.
	alive, err := cmd.StdinPipe()
	if err != nil {
		return Usage{}, err
	}
	defer alive.Close()
	cmd.Cancel, cmd.WaitDelay = alive.Close, 10*time.Second
	answer, answers, err := os.Pipe()
	if err != nil {
		return Usage{}, err
	}
	defer answer.Close()
	cmd.ExtraFiles = []*os.File{answers}
	err = cmd.Start()
	answers.Close()
	if err != nil {
		return Usage{}, err
	}
	line, readErr := io.ReadAll(answer)
	if err := errors.Join(cmd.Wait(), readErr); err != nil {
		return Usage{}, fmt.Errorf("%s: %w%s", c, err, tail(told.String()))
	}
	u, code, err := parse(string(line))
	if err != nil {
		return u, fmt.Errorf("%s: %w", c, err)
	}
	u.Output = out.String()
	if code != 0 && !u.Over {
		return u, fmt.Errorf("%s: exit code %d%s", c, code, tail(told.String()+u.Output))
	}
	return u, nil
}

// parse reads the launcher's line.
func parse(line string) (u Usage, code int, err error) {
	_, err = fmt.Sscan(line, &u.Wall, &u.User, &u.System, &u.Peak, &code, &u.Over)
	if err != nil {
		return u, 0, fmt.Errorf("the launcher said %q: %w", line, err)
	}
	if runtime.GOOS != "darwin" { // which counts bytes, where others count KB
		u.Peak *= 1024
	}
	return u, code, nil
}

// tail returns the end of what a program said, as it is put behind an error.
func tail(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	return "\n" + s[max(0, len(s)-2000):]
}
