//go:build unix

package script

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// asParent, in the environment, makes the test binary run its arguments as a
// command instead of the tests: a parent that can be killed, or have a terminal.
const asParent = "SCRIPT_TEST_PARENT"

// lockFile, in the environment of such a parent, is a file that it locks and
// lets the child inherit.
const lockFile = "SCRIPT_TEST_LOCK"

func TestMain(m *testing.M) {
	// As the first process of a container does; it saves the tests from
	// depending on an init that reaps at once.
	adoptOrphans()
	if os.Getenv(asParent) != "" {
		os.Exit(parent())
	}
	os.Exit(m.Run())
}

// parent runs a command as a command line would: SIGINT and SIGTERM stop it, and
// output is copied as it comes. It ends with a line that tells how it went.
func parent() int {
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGINT, unix.SIGTERM)
	defer stop()
	cmd := Command{Program: os.Args[1], Args: os.Args[2:], Output: func(_ Stream, p []byte) { os.Stdout.Write(p) }}
	if path := os.Getenv(lockFile); path != "" {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err == nil {
			err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		}
		if err != nil {
			fmt.Println("lock:", err)
			return 2
		}
		cmd.Inherit = []*os.File{f}
	}
	_, err := Run(ctx, cmd)
	switch {
	case errors.Is(err, ErrInterrupted):
		fmt.Println("parent: interrupted")
	case err != nil:
		fmt.Println("parent:", err)
	default:
		fmt.Println("parent: ok")
	}
	var line string
	if os.Getenv(asParent) == "then-read" {
		fmt.Scanln(&line)
		fmt.Printf("parent read %q\n", line)
	}
	return 0
}

// python is the Python that bodies are tested with.
func python(t *testing.T) string {
	t.Helper()
	const path = "/usr/bin/python3"
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("Python is needed, run `make deps`: %v", err)
	}
	return path
}

// sh returns a command that has sh run the text, with arguments.
func sh(text string, args ...string) Command {
	return Command{Program: "sh", Args: append([]string{"-c", text, "sh"}, args...)}
}

// write writes a script to a new folder and returns its path. It has no exec bit.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
