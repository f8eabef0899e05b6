package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Create makes the version table, at version 0, and the schema for it where
// that is named and not there.
func (b *Backend) Create(ctx context.Context) error { return b.adopt(ctx, 0, nil) }

// Enroll adopts a database that has no version table.
func (b *Backend) Enroll(ctx context.Context, e migration.Entry) error {
	to, err := e.To.Version()
	if err != nil {
		return err
	}
	e.Status = migration.Enrolled
	return b.adopt(ctx, to, &e)
}

// adopt makes the version table, and the history with an entry if there is one,
// in one transaction.
func (b *Backend) adopt(ctx context.Context, v migration.Version, e *migration.Entry) error {
	return b.use(ctx, func(c *connection) error {
		managed := func() error {
			state, err := c.state(ctx)
			if err == nil {
				return fmt.Errorf("%w at version %s: %s", migration.ErrManaged, state, b.public)
			}
			if errors.Is(err, migration.ErrNotManaged) {
				return nil
			}
			return err
		}
		if err := managed(); err != nil {
			return err
		}
		statements := []string{"BEGIN"}
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
		err := c.exec(ctx, strings.Join(append(statements, "COMMIT"), ";\n"))
		if err != nil {
			_ = c.rollback()
			if there := managed(); errors.Is(there, migration.ErrManaged) {
				return there // somebody was faster
			}
		}
		return c.named(err)
	})
}

// CreateDatabase makes the database, over a connection to the one named
// postgres or, where there is none, template1.
func (b *Backend) CreateDatabase(ctx context.Context) error {
	var err error
	for _, maintenance := range []string{"postgres", "template1"} {
		config := b.config.Copy()
		config.Database = maintenance
		var pc *pgconn.PgConn
		if pc, err = pgconn.ConnectConfig(ctx, config); err != nil {
			err = b.unreachable(err)
			if errors.Is(err, migration.ErrNoDatabase) {
				continue
			}
			return err
		}
		c := &connection{PgConn: pc, backend: b}
		err = c.exec(ctx, "CREATE DATABASE "+quote(b.config.Database))
		_ = c.close()
		switch codeOf(err) {
		case "42P04", "23505": // there already, or made at the same time
			return fmt.Errorf("database %s: %w", b.config.Database, fs.ErrExist)
		}
		if err != nil {
			return &migration.Error{Op: "create", Err: fmt.Errorf("create database %s: %w", b.config.Database, err), Hint: hintFor(err)}
		}
		return nil
	}
	return err
}
