//go:build unix

package script

import (
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestOutputIsCapturedOnSuccessAndFailure(t *testing.T) {
	const text = "echo out; echo err >&2; exit "
	for _, code := range []string{"0", "7"} {
		res, err := Run(t.Context(), sh(text+code))
		if res.Stdout != "out\n" || res.Stderr != "err\n" {
			t.Errorf("status %s: result has %q and %q", code, res.Stdout, res.Stderr)
		}
		var exit *ExitError
		if errors.As(err, &exit) && (exit.Stdout != "out\n" || exit.Stderr != "err\n") {
			t.Errorf("status %s: error has %q and %q", code, exit.Stdout, exit.Stderr)
		}
	}
}

func TestOutputIsGivenAsItComes(t *testing.T) {
	// The child ends only once we have answered its first line.
	answer := write(t, "answer", "")
	got := map[Stream]string{}
	cmd := sh(`printf 'ready'; until [ -s "$1" ]; do sleep 0.01; done; printf 'bad\377' >&2`, answer)
	cmd.Output = func(s Stream, p []byte) {
		if got[s] += string(p); got[Stdout] == "ready" {
			overwrite(t, answer, "go on")
		}
	}
	if _, err := Run(t.Context(), cmd); err != nil {
		t.Fatal(err)
	}
	if got[Stdout] != "ready" || got[Stderr] != "bad\xff" {
		t.Errorf("got %q", got)
	}
}

func TestOutputCallsNeverOverlap(t *testing.T) {
	var inside, calls atomic.Int32
	cmd := sh(`echo out; echo err >&2`)
	cmd.Output = func(Stream, []byte) {
		if inside.Add(1) != 1 {
			t.Error("two calls at once")
		}
		time.Sleep(300 * time.Millisecond) // the other's is due meanwhile
		calls.Add(1)
		inside.Add(-1)
	}
	if _, err := Run(t.Context(), cmd); err != nil {
		t.Fatal(err)
	}
	if calls.Load() != 2 {
		t.Errorf("%d calls", calls.Load())
	}
}

func TestBytesThatAreNotUTF8AreKept(t *testing.T) {
	res, err := Run(t.Context(), Command{Program: python(t), Args: []string{"-c",
		`import os; os.write(1, bytes(range(256))); os.write(2, b"\xff\x00")`}})
	var want strings.Builder
	for b := range 256 {
		want.WriteByte(byte(b))
	}
	if err != nil || res.Stdout != want.String() || res.Stderr != "\xff\x00" {
		t.Errorf("got %q and %q, error %v", res.Stdout, res.Stderr, err)
	}
}

func TestBigOutputTakesBoundedMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	res, err := Run(t.Context(), Command{Program: python(t), Args: []string{"-c",
		`import os
for stream in 1, 2:
    os.write(stream, b"first\n")
    for _ in range(160): os.write(stream, b"x" * 65536)
    os.write(stream, b"last\n")`}})
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{res.Stdout, res.Stderr} {
		const note = "\n[... 10420235 bytes left out ...]\n"
		if len(out) != headSize+tailSize+len(note) || out[headSize:headSize+len(note)] != note {
			t.Errorf("%d bytes kept, with %q", len(out), out[headSize:headSize+40])
		}
		if !strings.HasPrefix(out, "first\n") || !strings.HasSuffix(out, "last\n") {
			t.Error("the beginning or the end is missing")
		}
	}
	// Everything allocated, garbage included, for 20 MB of output.
	if used := after.TotalAlloc - before.TotalAlloc; used > 2<<20 {
		t.Errorf("%d bytes of memory used", used)
	}
}

func TestADaemonThatKeepsTheOutputDoesNotHoldUs(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"0", "3"} {
		start := time.Now()
		// The daemon has a group of its own, as daemons do.
		res, err := Run(t.Context(), Command{Program: python(t), Args: []string{"-c", `
import subprocess, sys
d = subprocess.Popen(["sleep", "30"], start_new_session=True)
print(d.pid, flush=True)
sys.exit(` + code + ")"}})
		defer kill(t, strings.TrimSpace(res.Stdout))
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("status %s: held for %s", code, took)
		}
		if failed := err != nil; failed != (code == "3") {
			t.Errorf("status %s: error %v", code, err)
		}
		if res.Lingering != (code == "0") {
			t.Errorf("status %s: lingering is %v", code, res.Lingering)
		}
		if !running(t, strings.TrimSpace(res.Stdout)) {
			t.Errorf("status %s: the daemon was ended", code)
		}
	}
}
