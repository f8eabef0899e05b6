package script

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// adoptOrphans makes us inherit the orphans among our descendants.
func adoptOrphans() {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		panic(err)
	}
}

func TestAContainersFirstProcessStopsWithoutDelay(t *testing.T) {
	cmd := exec.Command(os.Args[0], "sh", "-c", `sleep 60 & sleep 60 & kill -TERM $PPID; wait`)
	cmd.Env = append(os.Environ(), asParent+"=1")
	start := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "sh was ended by SIGTERM: context canceled") {
		t.Errorf("got %q, error %v", out, err)
	}
	if took := time.Since(start); took > defaultGrace {
		t.Errorf("took %s", took)
	}
}
