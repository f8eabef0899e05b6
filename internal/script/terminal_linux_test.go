package script

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// session is a process that leads a session with a terminal of its own, which
// the test types at.
type session struct {
	t        *testing.T
	keyboard *os.File
	leader   *exec.Cmd

	mu     sync.Mutex
	screen strings.Builder
}

// startSession starts a program with the test binary's path, which runs commands
// as a parent, in $0.
func startSession(t *testing.T, program string, args ...string) *session {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatalf("a pseudo-terminal is needed: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()

	s := &session{t: t, keyboard: master, leader: exec.Command(program, args...)}
	s.leader.Env = append(os.Environ(), asParent+"=then-read")
	s.leader.Stdin, s.leader.Stdout, s.leader.Stderr = slave, slave, slave
	s.leader.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.leader.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.leader.Process.Kill(); s.leader.Wait() })
	go s.watch()
	return s
}

func (s *session) watch() {
	buf := make([]byte, 4096)
	for {
		n, err := s.keyboard.Read(buf)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.screen.Write(buf[:n])
		s.mu.Unlock()
	}
}

// typed types the keys.
func (s *session) typed(keys string) {
	s.t.Helper()
	if _, err := s.keyboard.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// shows waits until the screen has the text.
func (s *session) shows(text string) {
	s.t.Helper()
	var screen string
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		screen = s.screen.String()
		s.mu.Unlock()
		if strings.Contains(screen, text) {
			return
		}
	}
	s.t.Fatalf("%q is not on the screen:\n%s", text, screen)
}

// readsAgain checks that the parent has its terminal back.
func (s *session) readsAgain() {
	s.t.Helper()
	s.typed("mine\n")
	s.shows(`parent read "mine"`)
}

func TestAChildReadsFromTheTerminal(t *testing.T) {
	s := startSession(t, os.Args[0], "sh", "-c", `echo rea''dy; read line; echo "child: $line"`)
	s.shows("ready")
	s.typed("yours\n")
	s.shows("child: yours")
	s.shows("parent: ok")
	s.readsAgain()
}

func TestAChildOpensTheTerminalItself(t *testing.T) {
	// As programs do that ask for a password, whatever their stdin is.
	s := startSession(t, "sh", "-c", `"$0" sh -c 'read line </dev/tty; echo "child: $line"' </dev/null; exec sleep 60`, os.Args[0])
	s.typed("yours\n")
	s.shows("child: yours")
	s.shows("parent: ok")
}

func TestCtrlCInterruptsTheChildOnly(t *testing.T) {
	for _, key := range []string{"\x03", "\x1c"} { // Ctrl-C, Ctrl-\
		s := startSession(t, os.Args[0], "sh", "-c", `echo rea''dy; exec sleep 60`)
		s.shows("ready")
		s.typed(key)
		s.shows("parent: interrupted")
		s.readsAgain()
	}
}

func TestCtrlCLeavesNothingOfTheGroup(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock")
	t.Setenv(lockFile, lock)
	s := startSession(t, os.Args[0], "sh", "-c", `(trap '' INT; echo rea""dy; exec sleep 60) & wait`)
	s.shows("ready")
	s.typed("\x03")
	s.shows("parent: interrupted")
	s.leader.Process.Kill()
	s.leader.Wait()
	if locked(t, lock) {
		t.Error("the process that ignored the key is left")
	}
}

func TestCtrlZHasNoEffect(t *testing.T) {
	s := startSession(t, os.Args[0], "sh", "-c", `echo rea''dy; read line; echo "child: $line"`)
	s.shows("ready")
	s.typed("\x1a")
	s.typed("yours\n")
	s.shows("child: yours")
	s.readsAgain()
}

func TestTheTerminalComesBackWhenTheStartFails(t *testing.T) {
	program := write(t, "broken", "no program")
	if err := os.Chmod(program, 0o700); err != nil {
		t.Fatal(err)
	}
	s := startSession(t, os.Args[0], program)
	s.shows("exec format error")
	s.readsAgain()
}

func TestABackgroundJobFailsRatherThanHangs(t *testing.T) {
	// "set -m" gives the job a group of its own, as at the prompt.
	s := startSession(t, "sh", "-c", `set -m; "$0" sh -c 'read line; echo "read: $?"; exit 3' & wait`, os.Args[0])
	s.shows("parent: sh exited with status 3")
}

func TestAPagerInOurGroupIsContinued(t *testing.T) {
	// It reads from the terminal while that is the child's, and so is stopped.
	s := startSession(t, "sh", "-c", `
		{ until [ -e "$1" ]; do sleep 0.01; done; read line </dev/tty; echo "pager: $line"; } &
		"$0" sh -c 'echo rea""dy; : >"$1"; sleep 0.5' sh "$1"
		wait`, os.Args[0], t.TempDir()+"/go")
	s.shows("ready")
	s.shows("parent: ok")
	s.typed("one\ntwo\n") // one for the pager, one for the parent
	s.shows("pager: ")
	s.shows("parent read ")
}
