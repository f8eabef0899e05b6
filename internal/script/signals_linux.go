package script

import "golang.org/x/sys/unix"

// shielded calls f while the signals are blocked on the calling thread, to which
// the caller must be locked. A child that f starts keeps them blocked for good.
func shielded(f func() error, signals ...unix.Signal) error {
	var set, before unix.Sigset_t
	for _, s := range signals {
		set.Val[0] |= 1 << (s - 1)
	}
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &set, &before); err != nil {
		return err
	}
	defer unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)
	return f()
}
