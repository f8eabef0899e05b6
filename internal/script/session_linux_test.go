package script

import (
	"fmt"
	"os"
	"os/exec"
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
