package script

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

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

func TestInAPipelineTheTerminalStaysWithUs(t *testing.T) {
	// "set -m" makes it a job, as at the prompt. The pager reads while the child
	// runs; the child, which tries to, can't.
	s := startSession(t, "sh", "-c", `set -m
		"$0" sh -c 'read line </dev/tty; echo "child read: $?"; until [ -e "$1" ]; do sleep 0.01; done' sh "$1" |
			{ read line; echo "pager got $line"; read line </dev/tty; echo "pager: $line"; : >"$1"; cat; }`,
		os.Args[0], filepath.Join(t.TempDir(), "go"))
	s.shows("pager got child read: ")
	s.typed("yours\n")
	s.shows("pager: yours")
	s.shows("parent: ok")
}

func TestTheShieldIsForAMomentOnly(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	mask := func() unix.Sigset_t {
		var set unix.Sigset_t
		if err := unix.PthreadSigmask(unix.SIG_BLOCK, nil, &set); err != nil {
			t.Fatal(err)
		}
		return set
	}
	before := mask()
	var during unix.Sigset_t
	if err := shielded(func() error { during = mask(); return nil }, unix.SIGTTOU); err != nil {
		t.Fatal(err)
	}
	if during == before {
		t.Error("nothing was blocked")
	}
	if mask() != before {
		t.Error("blocked for good")
	}
}
