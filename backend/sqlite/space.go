package sqlite

import (
	"fmt"

	"github.com/fastmigrate/fastmigrate/migration"
)

// spare is how many bytes are to be left on the disk beside what is needed.
const spare = 64 << 10

// roomFor fails where the disk that a folder lies on has no room for so many
// bytes more. Where that can't be told it does not.
func roomFor(dir string, bytes int64) error {
	left, known := freeBytes(dir)
	if !known || left >= bytes+spare {
		return nil
	}
	return &migration.Error{
		Op:   "make room",
		Err:  fmt.Errorf("the disk is full: %s of room are needed in %s, and %s are free", megabytes(bytes+spare), dir, megabytes(left)),
		Hint: "make room on the disk and run again; nothing was changed",
	}
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/(1<<20)) }
