//go:build unix && !linux

package script

// adoptOrphans does nothing: only on Linux can a process ask for that.
func adoptOrphans() {}
