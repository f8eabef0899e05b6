package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Create makes the version table, at version 0, and the schema for it where
// that is named and not there.
func (b *Backend) Create(ctx context.Context) error { return b.adopt(ctx, 0, nil) }

// Enroll adopts a database that has no version table.
func (b *Backend) Enroll(ctx context.Context, e migration.Entry) error {
	to, err := e.To.Version()
	if err != nil && b.isFiles() {
		return err
	}
	e.Status = migration.Enrolled
	return b.adopt(ctx, to, &e)
}

// adopt makes the version table, and the history with an entry if there is one,
// in one transaction.
func (b *Backend) adopt(ctx context.Context, v migration.Version, e *migration.Entry) error {
	if !b.isFiles() {
		return b.createBook(ctx, e)
	}
	return b.use(ctx, func(c *connection) error {
		managed := func() error {
			state, err := c.state(ctx)
			if err == nil {
				return fmt.Errorf("%w at version %s: %s", migration.ErrManaged, state, c.public)
			}
			if errors.Is(err, migration.ErrNotManaged) {
				return nil
			}
			return err
		}
		if err := managed(); err != nil {
			return err
		}
		var statements []string
		if b.options.Schema != "" {
			rows, err := c.query(ctx, "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = "+literal(c.schema))
			if err != nil {
				return c.named(err)
			}
			if len(rows) == 0 { // without IF NOT EXISTS, which asks for a right that is not needed then
				statements = append(statements, "CREATE SCHEMA "+quote(c.schema))
			}
		}
		statements = append(statements, c.createMeta(),
			fmt.Sprintf("INSERT INTO %s (id, version) VALUES (1, %d)", c.meta(), int64(v)))
		if e != nil {
			statements = append(statements, c.table().Create(), c.table().Comment(), c.insert(*e))
		}
		err := c.transaction(ctx, statements)
		if err != nil {
			if there := managed(); errors.Is(there, migration.ErrManaged) {
				return there // somebody was faster
			}
		}
		return c.named(err)
	})
}

// createBook makes the table of a book that is not that of numbered files.
func (b *Backend) createBook(ctx context.Context, e *migration.Entry) error {
	if e != nil {
		return &migration.Error{
			Op: "enroll", Err: fmt.Errorf("%w: %s are not enrolled", migration.ErrUnsupported, b.book.kind()),
			Hint: "a database without the table migrations has nothing applied; fastmigrate mark records where it stands",
		}
	}
	return b.use(ctx, func(c *connection) error {
		if err := c.hasSchema(); err != nil {
			return err
		}
		managed := func() error {
			state, err := c.state(ctx)
			if err == nil && c.hasBook {
				err = fmt.Errorf("%w: %s is there, at %s: %s", migration.ErrManaged, c.bookTable(), state, c.public)
			}
			return err
		}
		if err := managed(); err != nil {
			return err
		}
		err := c.transaction(ctx, c.missing())
		if err != nil {
			if there := managed(); errors.Is(there, migration.ErrManaged) {
				return there // somebody was faster
			}
		}
		return c.named(err)
	})
}

// transaction runs statements of ours in a transaction, or inside the caller's.
func (c *connection) transaction(ctx context.Context, statements []string) error {
	var b batch
	b.ours(c.opening("READ COMMITTED"))
	for _, statement := range statements {
		b.ours(statement)
	}
	b.ours(c.closing())
	if err := c.send(ctx, &b); err != nil {
		return errors.Join(err, c.rollback())
	}
	return nil
}

// CreateDatabase makes the database, over a connection to the one named
// postgres or, where there is none, template1.
func (b *Backend) CreateDatabase(ctx context.Context) error {
	s, ok := b.lender.(*server)
	if !ok {
		return fmt.Errorf("the database of a connection that is open: %w", fs.ErrExist)
	}
	name := s.config.Database
	var err error
	for _, maintenance := range []string{"postgres", "template1"} {
		config := s.config.Config.Copy()
		config.Database = maintenance
		var pc *pgconn.PgConn
		if pc, err = pgconn.ConnectConfig(ctx, config); err != nil {
			err = unreachable(s.public, err)
			if errors.Is(err, migration.ErrNoDatabase) {
				continue
			}
			return err
		}
		c := &connection{PgConn: pc, backend: b, public: s.public}
		err = c.exec(ctx, "CREATE DATABASE "+quote(name))
		_ = c.close()
		switch codeOf(err) {
		case "42P04", "23505": // there already, or made at the same time
			return fmt.Errorf("database %s: %w", name, fs.ErrExist)
		}
		if err != nil {
			return &migration.Error{Op: "create", Err: fmt.Errorf("create database %s: %w", name, err), Hint: hintFor(err)}
		}
		return nil
	}
	return err
}
