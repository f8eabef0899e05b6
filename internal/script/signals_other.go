//go:build unix && !linux

package script

import (
	"os/signal"

	"golang.org/x/sys/unix"
)

// shielded calls f while the signals are ignored. A child that f starts ignores
// them for good, and so do we: signal.Reset does not bring back a default that is
// the system's own, and blocking a signal is not to be had here without C.
func shielded(f func() error, signals ...unix.Signal) error {
	for _, s := range signals {
		signal.Ignore(s)
	}
	return f()
}
