package mysql

import (
	"context"
	"strconv"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

// functionBook is the functions that are applied: the table migrations has a row
// for each.
type functionBook struct{}

func (functionBook) kind() string { return migration.Functions }

// create returns the table of the Python tool fastlite-migrations in the
// server's types. Its times are UTC.
func (functionBook) create(n names) string {
	return "CREATE TABLE IF NOT EXISTS " + n.migrations + ` (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT CHARACTER SET utf8mb4,
  inserted_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP())
) ENGINE=InnoDB`
}

// state returns the highest number that is applied. The query names all columns,
// so that the server says whether they are there.
func (functionBook) state(ctx context.Context, c *connection, locking string) (migration.State, error) {
	found, err := c.strings(ctx, "SELECT CAST(id AS CHAR), name, inserted_at FROM "+c.backend.names.migrations+" ORDER BY id DESC LIMIT 1"+locking)
	switch {
	case isNumber(err, errNoTable):
		return migration.None, nil
	case isNumber(err, errNoColumn):
		return "", c.unusable(ctx, err)
	case err != nil:
		return "", err
	case len(found) == 0:
		return migration.None, nil
	}
	highest, err := strconv.ParseInt(found[0], 10, 64)
	if err != nil || highest < 0 {
		return "", c.badVersion("the highest id in migrations is " + found[0])
	}
	return migration.Version(highest).State(), nil
}

// entries returns the rows, as entries of what is applied.
func (functionBook) entries(ctx context.Context, c *connection) ([]migration.Entry, error) {
	rows, err := c.QueryContext(ctx, "SELECT CAST(id AS CHAR), coalesce(name, ''), coalesce(CAST(inserted_at AS CHAR), '') FROM "+c.backend.names.migrations+" ORDER BY id")
	switch {
	case isNumber(err, errNoTable):
		return nil, nil
	case isNumber(err, errNoColumn):
		return nil, c.unusable(ctx, err)
	case err != nil:
		return nil, c.described(err)
	}
	defer rows.Close()
	var entries []migration.Entry
	from := migration.None
	for rows.Next() {
		e := migration.Entry{Kind: migration.Functions, From: from, Status: migration.Applied}
		var inserted string
		if err := rows.Scan(&e.To, &e.Name, &inserted); err != nil {
			return nil, c.described(err)
		}
		e.ID, _ = strconv.ParseInt(string(e.To), 10, 64)
		e.FinishedAt = parseTime(inserted)
		e.StartedAt = e.FinishedAt
		entries = append(entries, e)
		from = e.To
	}
	return entries, c.described(rows.Err())
}

func (functionBook) stands(n names, at migration.State) (table, condition string) {
	table = "(SELECT max(id) AS at FROM " + n.migrations + ") AS m"
	if at == migration.None {
		return table, "m.at IS NULL"
	}
	return table, filled("m.at = ?", versionOf(at))
}

func (functionBook) sets(migration.State) string { return "" }

// record adds a row for a function, or removes it.
func (b functionBook) record(ctx context.Context, s *session, c *connection, step migration.Step) error {
	at, err := b.state(ctx, c, forUpdate)
	if err != nil {
		return err
	}
	n, id := s.backend.names, number(step)
	statement := "INSERT INTO " + n.migrations + " (id, name, inserted_at)" +
		filled(" SELECT ?, ?, UTC_TIMESTAMP() FROM ", id, step.Migration.Name) + n.lock + " AS l" + filled(" WHERE l.id = 1 AND l.owner = ?", s.lock.owner)
	if step.Direction == migration.Down {
		statement = "DELETE f FROM " + n.migrations + " AS f JOIN " + n.lock + " AS l" + filled(" WHERE f.id = ? AND l.id = 1 AND l.owner = ?", id, s.lock.owner)
	}
	var met int64
	if at == step.From {
		met, err = c.exec(ctx, statement)
	}
	if met != 1 && (err == nil || isNumber(err, errDuplicate)) {
		return s.moved(ctx, c, step.From)
	}
	return err
}

// parseTime reads a time as the server writes it; it returns the zero time for
// what is none.
func parseTime(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05.999999999", text)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
