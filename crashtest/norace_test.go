//go:build linux && !race

package crashtest

// slow says that the race detector is built in.
const slow = false
