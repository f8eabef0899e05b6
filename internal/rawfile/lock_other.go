//go:build !linux

package rawfile

import "os"

func open(path string) (*os.File, error) { return os.Open(path) }

// lock fails: how the engine locks here was not tried.
func lock(*os.File) error { return unusual("its locks are not known on this system") }
