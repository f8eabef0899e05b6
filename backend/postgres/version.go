package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/fault"
	"github.com/fastmigrate/fastmigrate/migration"
)

// createMeta returns the statement that makes the version table, one row as
// the Python tool fastmigrate has it. Its INTEGER is one of 64 bits, which is
// BIGINT here: a version may be a date with a time.
func (c *connection) createMeta() string {
	return "CREATE TABLE " + c.meta() + " (id INTEGER PRIMARY KEY CHECK (id = 1) DEFAULT 1, version BIGINT NOT NULL DEFAULT 0)"
}

// version reads the version and checks that it can be relied on.
func (c *connection) version(ctx context.Context) (migration.State, error) {
	if err := c.hasSchema(); err != nil {
		return "", err
	}
	rows, err := c.query(ctx, "SELECT version FROM "+c.meta()+" WHERE id = 1")
	switch codeOf(err) {
	case codeNoTable, codeNoSchema:
		return "", c.notManaged()
	case "42703", "42883": // no such column, or one that is not a number
		return "", c.badVersion(err.Error())
	}
	switch {
	case err != nil:
		return "", c.named(err)
	case len(rows) == 0:
		return "", c.badVersion("_meta has no row with id 1")
	case len(rows) > 1:
		return "", c.badVersion("_meta has several rows with id 1")
	}
	v, err := strconv.ParseInt(string(rows[0][0]), 10, 64)
	if err != nil || v < 0 {
		return "", c.badVersion(fmt.Sprintf("the version in _meta is %q", rows[0][0]))
	}
	return migration.Version(v).State(), nil
}

func (c *connection) notManaged() error {
	return &migration.Error{
		Op:   "open",
		Err:  fmt.Errorf("%w: it has no version table _meta in schema %s: %s", migration.ErrNotManaged, c.schema, c.public),
		Hint: "fastmigrate create makes it; fastmigrate enroll adopts an existing database; ?schema= in the URL names another schema",
	}
}

func (c *connection) badVersion(why string) error {
	return &migration.Error{
		Op:   "open",
		Err:  fmt.Errorf("%w: %s: %s", migration.ErrBadVersion, why, c.public),
		Hint: "mend it so that it is one row: " + c.createMeta(),
	}
}

// named puts the database in front of an error that is about all of it.
func (c *connection) named(err error) error {
	if err == nil {
		return nil
	}
	return &migration.Error{Op: "open", Err: fmt.Errorf("%s: %w", c.public, err), Hint: hintFor(err)}
}

// The words by which an error that a statement of ours raised is known. A text
// that is no number is cast to one, which fails and quotes the text: no
// language for routines needs to be installed for it.
const (
	raisedMoved = "fastmigrate:moved:"
	raisedLost  = "fastmigrate:lock lost:"
)

// raise returns an expression that fails with a text, which must depend on what
// is read, or it would fail before anything is.
func raise(word, more string) string {
	return "(" + literal(word) + " || " + more + ")::pg_catalog.int4"
}

// versionBook is the version of numbered files, in _meta.
type versionBook struct{}

func (versionBook) kind() string   { return migration.Files }
func (versionBook) schema() string { return onPath("_meta") }

func (versionBook) create(c *connection) []string {
	return []string{c.createMeta(), "INSERT INTO " + c.meta() + " (id, version) VALUES (1, 0)"}
}

func (versionBook) fits(states ...migration.State) error {
	for _, s := range states {
		if _, err := s.Version(); err != nil {
			return err
		}
	}
	return nil
}

func (versionBook) state(ctx context.Context, c *connection) (migration.State, error) {
	return c.version(ctx)
}

// entries has nothing to tell: the version is all that _meta knows.
func (versionBook) entries(context.Context, *connection) ([]migration.Entry, error) { return nil, nil }

func (versionBook) wait(c *connection) string {
	return "SELECT 1 FROM " + c.meta() + " WHERE id = 1 FOR UPDATE"
}

func (b versionBook) expect(c *connection, from migration.State) []string {
	return []string{b.expecting(c, string(from))}
}

// expecting is expect, with the version as SQL.
func (versionBook) expecting(c *connection, from string) string {
	return fmt.Sprintf("SELECT CASE WHEN v = %s THEN 0 ELSE %s END FROM (SELECT version AS v FROM %s WHERE id = 1 FOR UPDATE) AS m",
		from, raise(raisedMoved, "v"), c.meta())
}

func (b versionBook) move(c *connection, s migration.Step) string {
	return b.moving(c, string(s.From), string(s.To))
}

// moving is move, with the versions as SQL.
func (versionBook) moving(c *connection, from, to string) string {
	return fmt.Sprintf("WITH moved AS (UPDATE %[1]s SET version = %[2]s WHERE id = 1 AND version = %[3]s RETURNING 1) "+
		"SELECT CASE WHEN (SELECT count(*) FROM moved) = 1 THEN 0 ELSE %[4]s END",
		c.meta(), to, from, raise(raisedMoved, "coalesce((SELECT version::pg_catalog.text FROM "+c.meta()+" WHERE id = 1), 'nothing')"))
}

// raised returns what is meant by an error that a statement of ours raised, or
// nil where it is another error.
func raised(err error, from migration.State) error {
	if made(err) {
		return moved(from, "somewhere else")
	}
	if codeOf(err) != codeBadNumber {
		return nil
	}
	if _, rest, ok := strings.Cut(err.Error(), raisedMoved); ok {
		at, _, _ := strings.Cut(rest, `"`)
		if at == "nothing" {
			return fmt.Errorf("%w: the script removed its row from _meta", migration.ErrBadVersion)
		}
		return moved(from, at)
	}
	if strings.Contains(err.Error(), raisedLost) {
		return &migration.Error{
			Op:   "lock",
			Err:  &fault.Described{Message: "this run lost its lock: the connection that held it broke, or its time ran out", Cause: err, Sentinel: migration.ErrBusyRun},
			Hint: "run again; nothing of the migration at hand was kept",
		}
	}
	return nil
}

func moved(from migration.State, to string) error {
	return &migration.Error{
		Op:   "apply",
		Err:  fmt.Errorf("%w: from %s to %s, while this run was at work", migration.ErrMoved, from, to),
		Hint: "find out what else migrates this database; then run again",
	}
}

// made says whether it failed that a statement of ours makes the table of a
// book, because another program has just made it.
func made(err error) bool {
	var f *failure
	if !errors.As(err, &f) || !f.ours() || !strings.HasPrefix(f.text, "CREATE") {
		return false
	}
	switch codeOf(err) {
	case "42P06", "42P07", "42710", "23505":
		return strings.Contains(f.text, "."+books+" ") || strings.HasPrefix(f.text, "CREATE SCHEMA")
	}
	return false
}
