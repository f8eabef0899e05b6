//go:build linux && race

package crashtest

// slow says that the race detector is built in. The processes have one thread
// that matters, and take three times as long with it.
const slow = true
