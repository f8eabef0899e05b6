package script

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
)

// ErrInterrupted is matched by the error of a child that died of SIGINT or
// SIGQUIT while the terminal was its own: the user typed Ctrl-C. We have got no
// signal ourselves then; a command line exits with 130.
var ErrInterrupted = errors.New("interrupted at the terminal")

// ExitError says how a child ended that did not end well.
type ExitError struct {
	// Program is the last element of the program's path.
	Program string

	// Code is the exit status, or 128 plus the signal's number as in a shell.
	Code int

	// Signal is the name of the signal that the child died of, like "SIGKILL",
	// and empty if it exited.
	Signal string

	// Stdout and Stderr are as in Result.
	Stdout, Stderr string

	// Err is why the child was stopped: the context's error or ErrInterrupted;
	// nil if it ended by itself.
	Err error
}

// Error tells how the child ended, in one line without its output.
func (e *ExitError) Error() string {
	text := fmt.Sprintf("%s exited with status %d", e.Program, e.Code)
	if e.Signal != "" {
		text = fmt.Sprintf("%s was ended by %s", e.Program, e.Signal)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns why the child was stopped.
func (e *ExitError) Unwrap() error { return e.Err }

func exitError(cmd *exec.Cmd, res Result, why error) *ExitError {
	code, signal := exitStatus(cmd.ProcessState)
	return &ExitError{
		Program: filepath.Base(cmd.Path),
		Code:    code,
		Signal:  signal,
		Stdout:  res.Stdout,
		Stderr:  res.Stderr,
		Err:     why,
	}
}
