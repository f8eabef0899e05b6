package filelock

import (
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Whoever gets the lock has it alone, also where the file is removed between
// the moment somebody opens it and the moment he locks it.
func TestTryExcludes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	var inside, got atomic.Int32
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for end := time.Now().Add(time.Second); time.Now().Before(end); {
				l, err := try(path)
				if err != nil {
					t.Error(err)
					return
				}
				if l == nil {
					continue
				}
				if n := inside.Add(1); n != 1 {
					t.Errorf("%d have the lock at once", n)
				}
				got.Add(1)
				time.Sleep(50 * time.Microsecond)
				inside.Add(-1)
				if err := l.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got.Load() == 0 {
		t.Error("nobody ever got the lock")
	}
}
