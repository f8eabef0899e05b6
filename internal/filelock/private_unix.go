//go:build unix

package filelock

import (
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// folderName returns the name of this user's folder.
func folderName() string { return "fastmigrate-" + strconv.Itoa(os.Geteuid()) }

// closed says whether a folder is ours, and nobody else may do anything in it.
func closed(folder fs.FileInfo) bool {
	stat, ok := folder.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid() && folder.Mode().Perm()&0o077 == 0
}
