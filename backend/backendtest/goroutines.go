package backendtest

import (
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
)

// goroutines: when backends and sessions are closed, nothing of them goes on,
// whatever came before.
func (s *suite) goroutines(t *testing.T) {
	use := func(ctx context.Context, t testing.TB) {
		d := s.managed(t)
		_, _ = migrate(ctx, d.again(), s.broken().folder(), request{})
		cancelled, cancel := context.WithCancel(ctx)
		folder := &trap{FS: files{"0001-long.sql": s.long("long", 200, 4000)}.folder(), file: "0001-long.sql", spring: cancel}
		_, _ = migrate(cancelled, s.managed(t).again(), folder, request{})
		cancel()
		if session, err := d.Backend.Session(ctx, backend.SessionOptions{}); err == nil {
			if s.shared() {
				_, _ = d.again().Session(ctx, backend.SessionOptions{LockTimeout: time.Millisecond})
			}
			_ = session.Close()
		}
	}
	// Goroutines inherit the labels of the one that starts them.
	const label = "backendtest"
	t.Run("closed", func(t *testing.T) {
		pprof.Do(t.Context(), pprof.Labels(label, t.Name()), func(ctx context.Context) {
			use(ctx, t)
		})
	})
	var left string
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if left = labelled(fmt.Sprintf("%q:%q", label, t.Name()+"/closed")); left == "" {
			return
		}
	}
	t.Errorf("these goroutines go on:\n%s", left)
}

// labelled returns the stacks of the goroutines with a label.
func labelled(label string) string {
	var all bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&all, 1)
	var found []string
	for _, stack := range strings.Split(all.String(), "\n\n") {
		if strings.Contains(stack, label) {
			found = append(found, stack)
		}
	}
	return strings.Join(found, "\n\n")
}
