package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/migration"
)

// checkCopy fails unless a file is a sound database at the version of what it
// was copied from.
func (b *Backend) checkCopy(ctx context.Context, c *connection, file string, s snapshot) error {
	if s.unread != nil {
		return fmt.Errorf("read the version: %w", s.unread)
	}
	var version string
	err := b.look(ctx, c, file, func(copied *connection, schema string) (err error) {
		version, err = copied.sound(ctx, schema)
		return err
	})
	if err != nil {
		return fmt.Errorf("check the copy: %w", malformed(err))
	}
	if version == s.version {
		return nil
	}
	// VACUUM INTO looks at the database after we do.
	if now, err := c.versionIn(ctx, "main"); err == nil && now == version {
		return nil
	}
	return fmt.Errorf("check the copy: it is at version %q, and the database is at %q", version, s.version)
}

// look calls f with a connection that has a file open, and the file's name on
// it: a connection of its own or, where the driver is the caller's, the
// caller's.
func (b *Backend) look(ctx context.Context, c *connection, file string, f func(c *connection, schema string) error) error {
	if b.driver.Open != nil {
		return b.reading(ctx, file, func(c *connection) error { return f(c, "main") })
	}
	const schema = "_fastmigrate_copy"
	if _, err := c.ExecContext(ctx, "ATTACH ? AS "+schema, file); err != nil {
		return describe(err)
	}
	return errors.Join(f(c, schema), c.exec(context.WithoutCancel(ctx), "DETACH "+schema))
}

// reading calls f with a connection to a file that nobody writes to.
func (b *Backend) reading(ctx context.Context, file string, f func(*connection) error) error {
	open := b.driver.Read
	if open == nil {
		open = func(path string) (*sql.DB, error) { return b.driver.Open(path, false) }
	}
	return b.opened(ctx, file, open, f)
}

// opened calls f with the one connection of a handle on a file.
func (b *Backend) opened(ctx context.Context, file string, open func(string) (*sql.DB, error), f func(*connection) error) error {
	db, err := open(file)
	if err != nil {
		return describe(err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return errors.Join(describe(err), db.Close())
	}
	return errors.Join(f(&connection{handle: conn, pinned: conn, backend: b.as(file)}), conn.Close(), db.Close())
}

// as returns a backend like this one for another file.
func (b *Backend) as(file string) *Backend {
	other := *b
	other.path, other.shared = file, new(shared)
	return &other
}

// sound returns the version of a database, or an error that wraps
// [migration.ErrDamaged] where the engine's integrity_check complains.
func (c *connection) sound(ctx context.Context, schema string) (version string, err error) {
	complaints, err := names(ctx, c, "PRAGMA "+schema+".integrity_check(3)")
	if err != nil {
		return "", malformed(err)
	}
	if len(complaints) != 1 || complaints[0] != "ok" {
		text := strings.ReplaceAll(strings.Join(complaints, "\n"), "*** in database "+schema+" ***\n", "")
		return "", damaged(strings.ReplaceAll(text, "\n", "; "))
	}
	return c.versionIn(ctx, schema)
}

// malformed returns err, as one about a damaged database if that is what the
// engine says.
func malformed(err error) error {
	if err == nil || errors.Is(err, migration.ErrDamaged) || !strings.Contains(err.Error(), "malformed") {
		return err
	}
	return damaged(err.Error())
}

func damaged(why string) error {
	return &migration.Error{
		Op: "check", Err: fmt.Errorf("%w: %s", migration.ErrDamaged, why),
		Hint: "fastmigrate verify tells what is wrong with the database; an older backup may be whole",
	}
}

// versionIn returns what tells whether two databases stand at the same place:
// the version as _meta has it, whatever that is, or the number of rows in the
// table of another book, and "" where there is no such table.
func (c *connection) versionIn(ctx context.Context, schema string) (string, error) {
	table := c.backend.book.table()
	var there bool
	err := c.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+schema+".sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE)", table).Scan(&there)
	if err != nil || !there {
		return "", describe(err)
	}
	query := "SELECT count(*) FROM " + schema + "." + quote(table)
	if c.backend.book.kind() == migration.Files {
		query = "SELECT CAST(version AS TEXT) FROM " + schema + "." + quote(table) + " WHERE id = 1"
	}
	var version sql.NullString
	err = c.QueryRowContext(ctx, query).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) || err != nil && strings.Contains(err.Error(), "no such column") {
		return "", nil
	}
	return version.String, describe(err)
}

// standing returns the state of the database, or "" where it has none that can
// be told.
func (c *connection) standing(ctx context.Context) (migration.State, error) {
	state, err := c.state(ctx)
	if errors.Is(err, migration.ErrNotManaged) || errors.Is(err, migration.ErrBadVersion) {
		return "", nil
	}
	return state, err
}
