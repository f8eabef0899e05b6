package sqlite

import (
	"context"
	"fmt"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Enclosed says whether the backend is over a transaction of the caller's.
func (b *Backend) Enclosed() bool { return b.enclosing != nil }

// fit fails where a caller's transaction is not one that scripts may run in:
// with foreign keys on, the table that a rebuild drops takes the rows along that
// refer to it.
func (b *Backend) fit(ctx context.Context) error {
	var on bool
	if err := b.enclosing.QueryRowContext(ctx, "PRAGMA foreign_keys").Scan(&on); err != nil {
		return describe(err)
	}
	if on {
		return &migration.Error{
			Op:   "open",
			Err:  fmt.Errorf("%w: foreign keys are on in this transaction, and migrations run with foreign keys off", migration.ErrUnsupported),
			Hint: "run PRAGMA foreign_keys = OFF on the connection before the transaction begins",
		}
	}
	return nil
}
