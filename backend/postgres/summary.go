package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/history"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Summary reads where the database stands, and sums the history up, or returns
// the zero Summary where there is none. Where nothing is unusual that is one
// message.
func (b *Backend) Summary(ctx context.Context) (at migration.State, s backend.Summary, err error) {
	c, err := b.lend(ctx)
	if err != nil {
		return "", s, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if b.isFiles() && !b.lends() {
		if at, s, ok, err := c.glance(ctx); ok || err != nil {
			return at, s, err
		}
	}
	if err := c.greet(ctx); err != nil {
		return "", s, err
	}
	return c.summary(ctx)
}

// summary asks for one thing after the other, to say what is wrong.
func (c *connection) summary(ctx context.Context) (at migration.State, s backend.Summary, err error) {
	if at, err = c.state(ctx); err != nil {
		return at, s, err
	}
	upTo, err := at.Version()
	if err == nil {
		err = c.hasSchema()
	}
	if err != nil {
		return at, s, err
	}
	rows, err := c.query(ctx, summing(c.table().Quoted, fmt.Sprint(int64(upTo))))
	if code := codeOf(err); code == codeNoTable || code == codeNoSchema {
		return at, s, nil
	}
	if err != nil {
		return at, s, c.named(err)
	}
	s, err = summed(rows[0])
	return at, s, err
}

// summing is the query that sums a history up to a version, both given as SQL.
func summing(table, upTo string) string {
	return `SELECT
		CASE WHEN coalesce((SELECT state IN ('begun', 'failed') FROM ` + table + ` WHERE kind = 'files' ORDER BY id DESC LIMIT 1), false) THEN 1 ELSE 0 END,
		coalesce(min(f), 0), coalesce(sum(DISTINCT ` + history.Digest + `), 0)
		FROM (SELECT from_state::int8 AS f, to_state::int8 AS t FROM ` + table + `
			WHERE kind = 'files' AND direction = 'up' AND state = 'applied') AS applied WHERE t <= ` + upTo
}

// summed reads its row.
func summed(r row) (s backend.Summary, err error) {
	unfinished := 0
	err = r.Scan(&unfinished, &s.From, &s.Digest)
	s.Unfinished = unfinished == 1
	return s, err
}

// standsIn is the expression for the schema of the table that a name without a
// schema means.
func standsIn(table string) string {
	return `coalesce((SELECT n.nspname FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE c.oid = pg_catalog.to_regclass(` + literal(table) + `)), '')`
}

// glance is summary in one message on a connection of which nothing is known.
// The schema of our tables is learned with it, so that it names them without: what
// was read counts only where the names turn out to mean the tables that they
// should. It returns false where they do not, and where anything else is not as
// usual, for summary to say; an error only where nothing more can be asked.
func (c *connection) glance(ctx context.Context) (at migration.State, s backend.Summary, ok bool, err error) {
	ours, inSchema := c.backend.book.schema(), ""
	if known := c.backend.home.found(""); known != "" {
		ours, inSchema = literal(known), quote(known)+"."
	}
	meta, past := inSchema+"_meta", inSchema+quote(c.backend.options.HistoryTable)
	results, err := c.Exec(ctx, strings.Join([]string{
		"SELECT " + ours + ", " + standsIn(meta) + ", " + standsIn(past),
		"SELECT version FROM " + meta + " WHERE id = 1",
		summing(past, "(SELECT version FROM "+meta+" WHERE id = 1)"),
	}, ";\n")).ReadAll()
	if c.IsClosed() {
		return "", s, false, c.explain(ctx, err)
	}
	if len(results) < 2 || len(results[0].Rows) != 1 || len(results[1].Rows) != 1 {
		return "", s, false, nil
	}
	where, version := results[0].Rows[0], int64(0)
	schema, pastIn := string(where[0]), string(where[2])
	if row(results[1].Rows[0]).Scan(&version) != nil || version < 0 || string(where[1]) != schema {
		return "", s, false, nil
	}
	switch {
	case err == nil && pastIn == schema:
		s, err = summed(results[2].Rows[0])
		ok = err == nil
	case codeOf(err) == codeNoTable:
		ok = pastIn == ""
	}
	if !ok {
		return "", s, false, nil
	}
	c.schema = c.backend.home.found(schema)
	return migration.Version(version).State(), s, c.schema == schema, nil
}
