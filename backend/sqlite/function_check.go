package sqlite

import (
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/segment"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// check refuses a query of a function that would begin or end a transaction.
// Savepoints that it opens and closes are its own business.
func (l *lent) check(query string) error {
	scanner := sqlscan.New(strings.NewReader(query), sqlscan.SQLite)
	for scanner.Scan() {
		n := classify(scanner.Statement().Text)
		if n.class != segment.Begins && n.class != segment.Commits && n.class != segment.RollsBack {
			continue
		}
		l.refused = &migration.Error{
			Op:        "apply",
			Statement: migration.FirstLine(string(scanner.Statement().Text)),
			Err:       fmt.Errorf("%w: it would end the transaction that keeps the migration whole", migration.ErrRefused),
			Hint:      "leave BEGIN, COMMIT and ROLLBACK out of the function; return an error to undo what it did",
		}
		return l.refused
	}
	return nil // what can't be read as SQL, the database says
}
