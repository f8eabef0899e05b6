package fastmigrate

import (
	"context"
	"fmt"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/newfile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Dump returns the schema of a database as SQL: tables, indexes, views and
// triggers in the order of their names, without our own tables. It has been run
// on an empty database and made the same schema. The error wraps
// [migration.ErrUnsupported] where the database leaves that to a tool of its own.
func Dump(ctx context.Context, b backend.Backend) ([]byte, error) {
	drafter, ok := b.(backend.Drafter)
	if !ok {
		return nil, &migration.Error{
			Op: "dump", Err: fmt.Errorf("dump the schema of a %s database: %w", b.Name(), migration.ErrUnsupported),
			Hint: "the database's own tool does it, such as pg_dump --schema-only",
		}
	}
	return drafter.Draft(ctx)
}

// DumpFile writes what [Dump] returns to a file. One that is there is replaced,
// once the dump is known to be right: the file is always whole.
func DumpFile(ctx context.Context, b backend.Backend, file string) error {
	text, err := Dump(ctx, b)
	if err != nil {
		return err
	}
	if err := newfile.Replace(file, text); err != nil {
		return fmt.Errorf("write the dump: %w", err)
	}
	return nil
}
