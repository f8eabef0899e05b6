package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	driver "github.com/go-sql-driver/mysql"

	"github.com/fastmigrate/fastmigrate/internal/fault"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Create makes the version table, at version 0; other tables may be there. Of
// another book it makes the table, without a row.
func (b *Backend) Create(ctx context.Context) error {
	return b.use(ctx, func(c *connection) error {
		if b.inside {
			return b.noTables("of the version")
		}
		if b.book.kind() != migration.Files {
			return b.createBook(ctx, c)
		}
		if err := b.createEmpty(ctx, c); err != nil {
			return err
		}
		return c.do(ctx, "INSERT IGNORE INTO "+b.names.meta+" (id, version) VALUES (1, 0)")
	})
}

// createBook makes the table migrations. One that is there is managed.
func (b *Backend) createBook(ctx context.Context, c *connection) error {
	state, err := c.state(ctx)
	if err != nil {
		return err
	}
	err = c.do(ctx, strings.Replace(b.book.create(b.names), "IF NOT EXISTS ", "", 1))
	if isNumber(err, errTableExists) {
		return &managed{state: state, shown: b.address.shown}
	}
	return err
}

// createEmpty makes the version table without its row. One that was left so is
// taken as it is; one that has its row is managed.
func (b *Backend) createEmpty(ctx context.Context, c *connection) error {
	state, err := c.state(ctx)
	switch {
	case err == nil:
		return &managed{state: state, shown: b.address.shown}
	case !errors.Is(err, migration.ErrNotManaged):
		return err
	}
	err = c.do(ctx, b.names.createMeta())
	if isNumber(err, errTableExists) {
		return nil
	}
	return err
}

// managed says that the database has a version table already.
type managed struct {
	state migration.State
	shown string
}

func (m *managed) Error() string {
	return fmt.Sprintf("%v at version %s: %s", migration.ErrManaged, m.state, m.shown)
}

func (m *managed) Unwrap() error { return migration.ErrManaged }

// Enroll makes the version table at the entry's To and records the entry. Until
// the transaction with both is committed, the table is empty and the database
// counts as not managed.
func (b *Backend) Enroll(ctx context.Context, e migration.Entry) error {
	switch {
	case b.book.kind() != migration.Files:
		return &migration.Error{
			Op: "enroll", Err: fmt.Errorf("%w: %s are not enrolled", migration.ErrUnsupported, b.book.kind()),
			Hint: "a database without the table migrations has nothing applied; fastmigrate mark records where it stands",
		}
	case b.inside:
		return b.noTables("of the version")
	}
	to, err := e.To.Version()
	if err != nil {
		return err
	}
	e.StartedAt, e.FinishedAt = now(), now()
	return b.use(ctx, func(c *connection) error {
		if err := b.createEmpty(ctx, c); err != nil {
			return err
		}
		if err := b.makeTables(ctx, c); err != nil {
			return err
		}
		return c.transaction(ctx, func(ctx context.Context) error {
			err := c.do(ctx, "INSERT INTO "+b.names.meta+filled(" (id, version) VALUES (1, ?)", int64(to)))
			if isNumber(err, 1062) { // another was faster
				return &managed{state: e.To, shown: b.address.shown}
			}
			if err != nil {
				return err
			}
			return c.do(ctx, filled(b.history.Insert(), b.history.Args(e)...))
		})
	})
}

// CreateDatabase makes the database, empty, with utf8mb4 as its character set.
func (b *Backend) CreateDatabase(ctx context.Context) error {
	if b.address.config == nil { // the caller's connection is in it
		return &migration.Error{Op: "create", Err: fmt.Errorf("the database is there already: %w", fs.ErrExist)}
	}
	config := b.address.config.Clone()
	config.DBName = ""
	connector, err := driver.NewConnector(config)
	if err != nil {
		return badURL(err.Error())
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	_, err = db.ExecContext(ctx, "CREATE DATABASE "+quote(b.names.database)+" CHARACTER SET utf8mb4")
	switch {
	case isNumber(err, errDatabaseExists):
		return &migration.Error{Op: "create", Err: &fault.Described{Message: "the database is there already: " + b.address.shown, Cause: err, Sentinel: fs.ErrExist}}
	case err != nil:
		return b.unreachable(err)
	}
	return nil
}
