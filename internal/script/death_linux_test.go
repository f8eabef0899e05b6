package script

import (
	"runtime"
	"sync"
	"testing"
)

// TestAThreadThatEndsDoesNotTakeTheChildAlong runs children while the runtime
// loses one thread after the other: Pdeathsig is tied to a thread.
func TestAThreadThatEndsDoesNotTakeTheChildAlong(t *testing.T) {
	done := make(chan struct{})
	var killers, runs sync.WaitGroup
	for range 2 {
		killers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					runtime.LockOSThread() // and never unlocked: the thread ends with us
				}()
				<-ended
			}
		})
	}
	for range 3 {
		runs.Go(func() {
			for range 6 {
				if _, err := Run(t.Context(), sh("sleep 0.02")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	runs.Wait()
	close(done)
	killers.Wait()
}
