package fastmigrate

import (
	"context"
	"fmt"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Rebuild returns a script that makes a table anew and takes its rows over, for
// changes that the database has no statement for: the text of a migration. All
// that stands around the table stays as it was, and the script fails where a
// row would be lost. Nothing is written, neither to the database nor to a file.
//
// The error wraps [migration.ErrRefused] where a column would be lost that is
// not named, or where something that refers to the table would not work any
// more, and [migration.ErrUnsupported] where the database alters its tables by
// statements of its own.
func Rebuild(ctx context.Context, b backend.Backend, r backend.Rebuild) ([]byte, error) {
	rebuilder, ok := b.(backend.Rebuilder)
	if !ok {
		return nil, &migration.Error{
			Op: "rebuild", Err: fmt.Errorf("rebuild a table of a %s database: %w", b.Name(), migration.ErrUnsupported),
			Hint: "ALTER TABLE does it there",
		}
	}
	return rebuilder.Rebuild(ctx, r)
}
