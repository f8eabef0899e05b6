package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/fastmigrate/fastmigrate/internal/sqldef"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// item is one thing of a schema.
type item struct{ kind, name, table, text string }

// Draft returns the schema as a script: tables, indexes, views and triggers,
// each by name, one statement each. Tables and indexes are made only where
// they are not there. What SQLite makes by itself is left out: sqlite_… and
// the tables behind virtual tables. The script has been run on an empty
// database and gave the same schema.
func (b *Backend) Draft(ctx context.Context) (script []byte, err error) {
	err = b.use(ctx, func(c *connection) error {
		items, err := c.schema(ctx)
		if err != nil {
			return err
		}
		script = write(items)
		return c.proven(ctx, script, items)
	})
	return script, err
}

// schema returns what is in the schema, but for our own tables.
func (c *connection) schema(ctx context.Context) ([]item, error) {
	rows, err := c.QueryContext(ctx, `SELECT type, name, tbl_name, sql FROM main.sqlite_schema
		WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
		AND tbl_name COLLATE NOCASE NOT IN ('_meta', ?, ?)
		AND tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow')
		ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END, name`, c.backend.book.table(), c.backend.historyName)
	if err != nil {
		return nil, c.named(describe(err))
	}
	defer rows.Close()
	var items []item
	for rows.Next() {
		var i item
		if err := rows.Scan(&i.kind, &i.name, &i.table, &i.text); err != nil {
			return nil, c.named(describe(err))
		}
		items = append(items, i)
	}
	return items, c.named(describe(rows.Err()))
}

// write returns the script that makes the items.
func write(items []item) []byte {
	var script bytes.Buffer
	for n, i := range items {
		if n > 0 {
			script.WriteByte('\n')
		}
		text := i.text
		if i.kind == "table" || i.kind == "index" {
			text = ifNotExists(text)
		}
		script.WriteString(text)
		if sqldef.EndsInComment(text) {
			script.WriteByte('\n')
		}
		script.WriteString(";\n")
	}
	return script.Bytes()
}

// ifNotExists puts IF NOT EXISTS behind the TABLE or INDEX of a CREATE
// statement, as SQLite keeps it in its schema.
func ifNotExists(text string) string {
	for t := range sqlscan.Tokens([]byte(text), sqlscan.SQLite) {
		if t.Is("TABLE") || t.Is("INDEX") {
			end := t.Offset + len(t.Text)
			return text[:end] + " IF NOT EXISTS" + text[end:]
		}
	}
	return text
}

// proven runs the script on an empty database in memory and compares.
func (c *connection) proven(ctx context.Context, script []byte, want []item) error {
	empty, err := c.inMemory(ctx)
	if err != nil {
		return err
	}
	defer empty.end()
	if _, err := empty.ExecContext(ctx, string(script)); err != nil {
		return cannotDraft(describe(err))
	}
	got, err := empty.schema(ctx)
	if err != nil {
		return cannotDraft(err)
	}
	for n, i := range want {
		if n >= len(got) || got[n] != i {
			return cannotDraft(fmt.Errorf("the %s %s comes out different", i.kind, i.name))
		}
	}
	if len(got) > len(want) {
		return cannotDraft(fmt.Errorf("the %s %s comes out besides", got[len(want)].kind, got[len(want)].name))
	}
	return nil
}

func cannotDraft(err error) error {
	return &migration.Error{
		Op:   "draft",
		Err:  fmt.Errorf("the schema cannot be written as a script: %w", err),
		Hint: "write the script by hand; fastmigrate enroll --at 1 adopts a database with one that is there",
	}
}

// driver returns the driver beneath, to open another database with.
func (c *connection) driver() (driver.Driver, error) {
	if c.backend.given != nil || c.enclosed() {
		return nil, fmt.Errorf("%w: a draft needs a *sql.DB, not a *sql.Conn", migration.ErrUnsupported)
	}
	db, err := c.backend.database()
	if err != nil {
		return nil, err
	}
	return db.Driver(), nil
}

// memory opens databases in memory with a driver.
type memory struct{ driver driver.Driver }

func (m memory) Connect(context.Context) (driver.Conn, error) { return m.driver.Open(Memory) }
func (m memory) Driver() driver.Driver                        { return m.driver }

// scratch is a connection to a database of its own, in memory.
type scratch struct {
	*connection
	db *sql.DB
}

// inMemory opens an empty database in memory, with the driver of c. The caller
// ends it.
func (c *connection) inMemory(ctx context.Context) (*scratch, error) {
	d, err := c.driver()
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(memory{d})
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(describe(err), db.Close())
	}
	return &scratch{&connection{handle: conn, pinned: conn, backend: c.backend}, db}, nil
}

// end throws the database away.
func (s *scratch) end() { _, _ = s.pinned.Close(), s.db.Close() }
