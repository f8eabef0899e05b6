package sqlite

import "golang.org/x/sys/windows"

// freeBytes returns how many bytes this user may still write into a folder.
func freeBytes(dir string) (int64, bool) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	var left uint64
	if err := windows.GetDiskFreeSpaceEx(path, &left, nil, nil); err != nil {
		return 0, false
	}
	return int64(left), true
}
