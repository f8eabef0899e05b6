//go:build !linux && !darwin

package newfile

import "errors"

// renameNew says that this system cannot rename without replacing.
func renameNew(_, _ string) error { return errors.ErrUnsupported }
