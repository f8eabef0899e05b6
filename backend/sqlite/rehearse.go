package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/filelock"
)

// rehearsalSuffix is what a copy has behind the database's name that is made to
// be thrown away.
const rehearsalSuffix = ".fastmigrate-rehearsal"

// rehearsal is a copy that a run is tried out on.
type rehearsal struct {
	copied *Backend
	origin *Backend
	keep   string
	held   *filelock.Lock // one rehearsal at a time has this name
}

// Rehearse makes a copy to try a run out on, beside the database or, where it is
// to be kept, where it is kept.
func (b *Backend) Rehearse(ctx context.Context, o backend.RehearseOptions) (backend.Rehearsal, error) {
	if !b.owned || b.path == Memory {
		return nil, b.unreplaceable("rehearse")
	}
	if err := b.exists(); err != nil {
		return nil, err
	}
	name := o.Keep
	if name == "" {
		name = b.real() + rehearsalSuffix
	} else if err := free(name); err != nil {
		return nil, fmt.Errorf("rehearse: %w", err)
	}
	session := backend.SessionOptions{LockTimeout: o.LockTimeout, Waiting: o.Waiting}
	held, err := acquire(ctx, name, session)
	if err != nil {
		return nil, err
	}
	r := &rehearsal{copied: b.as(name + newSuffix), origin: b, keep: o.Keep, held: held}
	err = vacate(ctx, r.copied.path, session)
	if err == nil {
		err = b.apart(ctx, func(c *connection) error {
			if _, err := b.copyFresh(ctx, c, r.copied.path); err != nil {
				return err
			}
			return c.giveMode(ctx, r.copied.path)
		})
	}
	if err != nil {
		removeDatabase(r.copied.path)
		return nil, errors.Join(fmt.Errorf("rehearse: copy the database: %w", err), held.Close())
	}
	return r, nil
}

// Backend returns the copy.
func (r *rehearsal) Backend() backend.Backend { return r.copied }

// Close removes the copy, or keeps it.
func (r *rehearsal) Close() error {
	err := r.copied.Close()
	if err == nil && r.keep != "" {
		if err = r.origin.apart(context.Background(), func(c *connection) error {
			mode, err := c.mode(context.Background())
			if err == nil {
				err = publish(r.copied.path, r.keep, mode)
			}
			return err
		}); err != nil {
			err = fmt.Errorf("keep the copy: %w", err)
		}
	}
	removeDatabase(r.copied.path)
	return errors.Join(err, r.held.Close())
}

// Measure counts what is in the copy. Its connection is not kept: an outside
// program finds the copy as if nobody had it open.
func (r *rehearsal) Measure(ctx context.Context) (m backend.Measure, err error) {
	err = r.copied.apart(ctx, func(c *connection) error {
		m, err = c.measure(ctx)
		return err
	})
	if err != nil {
		err = fmt.Errorf("measure: %w", err)
	}
	return m, err
}

func (c *connection) measure(ctx context.Context) (backend.Measure, error) {
	m := backend.Measure{Rows: make(map[string]int64), Schema: make(map[backend.Named]string)}
	var err error
	if m.Bytes, err = c.size(ctx); err != nil {
		return m, err
	}
	rows, err := c.QueryContext(ctx, `SELECT type, name, coalesce(sql, '') FROM main.sqlite_schema WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\'`)
	if err != nil {
		return m, describe(err)
	}
	defer rows.Close()
	for rows.Next() {
		var o backend.Named
		var text string
		if err := rows.Scan(&o.Kind, &o.Name, &text); err != nil {
			return m, describe(err)
		}
		if !c.own(o.Name) {
			m.Schema[o] = text
		}
	}
	if err := rows.Err(); err != nil {
		return m, describe(err)
	}
	return m, c.countRows(ctx, m.Rows)
}

// own says whether a table is one of ours.
func (c *connection) own(table string) bool {
	return strings.EqualFold(table, c.backend.historyName) || strings.EqualFold(table, c.backend.book.table())
}

// countRows counts the rows of all tables but our own, and those in which a
// virtual table keeps its own.
func (c *connection) countRows(ctx context.Context, into map[string]int64) error {
	tables, err := names(ctx, c, "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
	if err != nil {
		return err
	}
	for _, table := range tables {
		if c.own(table) {
			continue
		}
		var n int64
		err := c.QueryRowContext(ctx, "SELECT count(*) FROM main."+quote(table)).Scan(&n)
		switch {
		case err == nil:
			into[table] = n
		case strings.Contains(err.Error(), "no such module"): // of a program that we are not
		default:
			return fmt.Errorf("count the rows of %s: %w", table, describe(err))
		}
	}
	return nil
}
