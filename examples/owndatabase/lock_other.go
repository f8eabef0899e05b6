//go:build !unix

package owndatabase

import (
	"errors"
	"os"
)

// tryLock can't be had here.
func tryLock(string) (*os.File, error) { return nil, errors.ErrUnsupported }
