//go:build linux || darwin

package sqlite

import "golang.org/x/sys/unix"

// freeBytes returns how many bytes this user may still write into a folder.
func freeBytes(dir string) (int64, bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true //nolint:unconvert // the types differ between systems
}
