//go:build !linux && !darwin && !windows

package sqlite

// freeBytes says that this system does not tell.
func freeBytes(string) (int64, bool) { return 0, false }
