package mysql

import (
	"context"
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/fault"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// ask is what reading a function's statement tells of it.
type ask struct {
	alone  bool // the server commits it by itself, or may do so
	whole  bool // where it fails it did nothing
	writes bool // it may change rows
}

// read says what a statement of a function's does, and refuses one that would
// begin or end a transaction. A query of several statements is read whole.
func (f *call) read(ctx context.Context, query string) (a ask, err error) {
	a.whole = true
	scanner := sqlscan.New(strings.NewReader(query), sqlscan.MySQL)
	scanner.SetMode(f.s.server.mode)
	for scanner.Scan() {
		text := scanner.Statement().Text
		n := classify(text)
		if why := f.refuses(n); why != nil {
			f.refused = &migration.Error{
				Op: "apply", Statement: migration.FirstLine(string(text)), Err: why, Hint: migration.HintOf(why),
			}
			return a, f.refused
		}
		alone := false
		switch n.class {
		case defines, repeats:
			alone = true
		case opaque:
			alone, a.whole = true, false
		case data:
			a.writes = a.writes || !is(leading(text), 0, "SELECT", "DO")
			if alone, err = f.bare(ctx, text); err != nil {
				return a, err
			}
			a.whole = a.whole && !alone
		}
		if a.alone = a.alone || alone; alone && f.conn.pinned == nil {
			f.refused = f.s.backend.notLent("the server commits this statement by itself")
			return a, f.refused
		}
	}
	return a, nil // what can't be read as SQL, the server says
}

// refuses says why a statement has no place in a function.
func (f *call) refuses(n nature) error {
	switch n.class {
	case begins, commits, rollsBack:
		return &migration.Error{
			Err:  fmt.Errorf("%w: it would end the transaction that keeps the migration whole", migration.ErrRefused),
			Hint: "leave START TRANSACTION, COMMIT and ROLLBACK out of the function; return an error to undo what it did",
		}
	case locks, unlocks, setsAlone:
		return &migration.Error{
			Err:  fmt.Errorf("%w: it would keep the migration from being recorded", migration.ErrRefused),
			Hint: "leave LOCK TABLES and settings of transactions out of the function",
		}
	case refuses:
		return fault.Refused(fmt.Errorf("%v: %s", migration.ErrRefused, n.why))
	case defines:
		if err := f.s.backend.names.spares(n.definition, f.s.backend.book); err != nil {
			return fault.Refused(err)
		}
	case sets:
		if f.conn.pinned == nil {
			return f.s.backend.notLent("it changes settings of the connection, which is to be left as it was")
		}
	}
	return nil
}

// bare says whether a statement may change tables without transactions.
func (f *call) bare(ctx context.Context, text []byte) (bool, error) {
	c, err := f.s.marks(ctx)
	if err == nil {
		err = f.s.tables.learn(ctx, c)
	}
	return err == nil && f.s.tables.touches(text, f.s.backend.names.database), err
}
