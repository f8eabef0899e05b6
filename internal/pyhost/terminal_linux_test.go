package pyhost

import (
	"context"
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

// screen is what a process shows that leads a session with a terminal of its
// own, at which the test types.
type screen struct {
	keyboard *os.File
	mu       sync.Mutex
	text     strings.Builder
}

// atTerminal starts the test binary, as a parent, at a terminal.
func atTerminal(t *testing.T, config string) *screen {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatalf("a pseudo-terminal is needed: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), asParent+"="+config)
	parent.Stdin, parent.Stdout, parent.Stderr = slave, slave, slave
	parent.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { parent.Process.Kill(); parent.Wait() })
	s := &screen{keyboard: master}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			if err != nil {
				return
			}
			s.mu.Lock()
			s.text.Write(buf[:n])
			s.mu.Unlock()
		}
	}()
	return s
}

// shows waits until the screen has the text.
func (s *screen) shows(t *testing.T, text string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		now := s.text.String()
		s.mu.Unlock()
		if strings.Contains(now, text) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%q is not on the screen:\n%s", text, now)
		}
	}
}

func (s *screen) typed(t *testing.T, keys string) {
	t.Helper()
	if _, err := s.keyboard.WriteString(keys); err != nil {
		t.Fatal(err)
	}
}

// A hook reads from the terminal, and so does a child of its; afterwards the
// terminal is ours again.
func TestHookReadsFromTheTerminal(t *testing.T) {
	s := atTerminal(t, write(t, `
def get_connection(db):
    import getpass
    print("got", input("name? "))
    os.system('read line; echo "a child got $line"')
    print("got", len(getpass.getpass("password? ")), "letters")
`))
	s.shows(t, "name? ")
	s.typed(t, "me\n")
	s.shows(t, "got me")
	s.typed(t, "yours\n")
	s.shows(t, "a child got yours")
	s.shows(t, "password? ")
	s.typed(t, "secret\n")
	s.shows(t, "got 6 letters")
	s.shows(t, "<nil>")
	s.typed(t, "mine\n")
	s.shows(t, `parent got "mine\n"`)
}

// A Ctrl-C typed at a hook that reads ends the hook; one that is typed at
// another reaches us.
func TestCtrlC(t *testing.T) {
	s := atTerminal(t, write(t, "def get_connection(db): input('name? '); input('and then? ')\n"))
	s.shows(t, "name? ")
	s.typed(t, "me\n")
	s.shows(t, "and then? ")
	s.typed(t, "\x03")
	s.shows(t, "interrupted")
	s = atTerminal(t, write(t, "def get_connection(db): print('busy', flush=True); time.sleep(600)\n"))
	s.shows(t, "busy")
	s.typed(t, "\x03")
	s.shows(t, "get_connection was stopped: "+context.Canceled.Error())
}
