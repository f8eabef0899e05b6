package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// foreignKeys looks for rows that refer to rows which are not there, in the
// tables that a script named. Migrations run with foreign keys off, so nothing
// else would notice.
type foreignKeys struct {
	older map[violation]int // violations from before the run; nil unless it is strict
}

// violation is one row of PRAGMA foreign_key_check. Rows of tables without
// rowid have no number and are told apart by count only.
type violation struct {
	child, parent string
	row, key      int64
}

// reference is one foreign key: a child table and the table it refers to.
type reference struct{ child, parent string }

// remember notes what is wrong before the run, so that a strict run fails only
// for what it does itself.
func (k *foreignKeys) remember(ctx context.Context, c *connection) error {
	k.older = make(map[violation]int)
	found, _, err := violations(ctx, c, migration.Traits{AllTables: true})
	for _, v := range found {
		k.older[v]++
	}
	return err
}

// check returns a finding for each foreign key that rows violate. With strict
// set it returns an error for the first that is not older than the run.
func (k *foreignKeys) check(ctx context.Context, c *connection, t migration.Traits, strict bool) ([]migration.Finding, error) {
	found, findings, err := violations(ctx, c, t)
	switch {
	case err != nil && strict:
		return nil, err
	case err != nil:
		return []migration.Finding{unchecked(err)}, nil
	}
	count := make(map[violation]int)
	var older, newer []violation
	for _, v := range found {
		if count[v]++; strict && count[v] > k.older[v] {
			newer = append(newer, v)
		} else {
			older = append(older, v)
		}
	}
	if len(newer) > 0 {
		f := summary(newer, "")[0]
		return nil, &migration.Error{
			Op:   "check",
			Err:  fmt.Errorf("%w: %s", migration.ErrStrict, f.Message),
			Hint: "mend the migration, or run without --strict to be warned only; nothing of it was kept",
		}
	}
	note := ""
	if strict {
		note = " (since before this run)"
	}
	return append(findings, summary(older, note)...), nil
}

// attribute checks once for all works that share a transaction, and returns
// the findings by the index of the last work that named one of the tables.
func (k *foreignKeys) attribute(ctx context.Context, c *connection, works []backend.Work) map[int][]migration.Finding {
	var all migration.Traits
	for _, w := range works {
		all.AllTables = all.AllTables || w.Step.Traits.AllTables
		all.Tables = append(all.Tables, w.Step.Traits.Tables...)
	}
	slices.Sort(all.Tables)
	all.Tables = slices.Compact(all.Tables)
	found, findings, err := violations(ctx, c, all)
	last := len(works) - 1
	attributed := make(map[int][]migration.Finding)
	if err != nil {
		findings = append(findings, unchecked(err))
	}
	if len(findings) > 0 {
		attributed[last] = findings
	}
	for _, f := range summaries(found) {
		at := last
		for i, w := range slices.Backward(works) {
			if concerns(w.Step.Traits, f.reference) {
				at = i
				break
			}
		}
		attributed[at] = append(attributed[at], f.finding(""))
	}
	return attributed
}

// unchecked says that the check failed. It is ours, and must not undo the
// migration.
func unchecked(err error) migration.Finding {
	return migration.Finding{Code: migration.CodeForeignKey, Message: "the foreign keys could not be checked: " + err.Error()}
}

// concerns says whether a script named the child or the parent.
func concerns(t migration.Traits, r reference) bool {
	if t.AllTables {
		return true
	}
	for _, name := range []string{r.child, r.parent} {
		if _, there := slices.BinarySearch(t.Tables, strings.ToLower(name)); there {
			return true
		}
	}
	return false
}

// violations returns the rows that violate a foreign key that the script
// concerns. A foreign key that cannot be checked, because its parent has no
// unique key, is a finding.
func violations(ctx context.Context, c *connection, t migration.Traits) ([]violation, []migration.Finding, error) {
	references, err := c.references(ctx)
	if err != nil {
		return nil, nil, err
	}
	var children []string
	for _, r := range references {
		if concerns(t, r) && !slices.Contains(children, r.child) {
			children = append(children, r.child)
		}
	}
	var found []violation
	var findings []migration.Finding
	for _, child := range children {
		rows, err := c.violationsOf(ctx, child)
		if err != nil && strings.Contains(err.Error(), "foreign key mismatch") {
			findings = append(findings, migration.Finding{
				Code: migration.CodeForeignKey, Message: err.Error(),
				Hint: "the columns that are referred to need a PRIMARY KEY or a UNIQUE index",
			})
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("check foreign keys of %s: %w", child, err)
		}
		found = append(found, rows...)
	}
	return found, findings, nil
}

// references returns the foreign keys of the main schema.
func (c *connection) references(ctx context.Context) ([]reference, error) {
	rows, err := c.QueryContext(ctx, `SELECT m.name, f."table" FROM main.sqlite_schema AS m, pragma_foreign_key_list(m.name, 'main') AS f
		WHERE m.type = 'table' AND m.sql LIKE '%REFERENCES%' ORDER BY m.name, f."table"`)
	if err != nil {
		return nil, describe(err)
	}
	defer rows.Close()
	var all []reference
	for rows.Next() {
		var r reference
		if err := rows.Scan(&r.child, &r.parent); err != nil {
			return nil, describe(err)
		}
		all = append(all, r)
	}
	return all, describe(rows.Err())
}

func (c *connection) violationsOf(ctx context.Context, child string) ([]violation, error) {
	rows, err := c.QueryContext(ctx, "PRAGMA main.foreign_key_check("+quote(child)+")")
	if err != nil {
		return nil, describe(err)
	}
	defer rows.Close()
	var all []violation
	for rows.Next() {
		var row sql.NullInt64
		var v violation
		if err := rows.Scan(&v.child, &row, &v.parent, &v.key); err != nil {
			return nil, describe(err)
		}
		v.row = row.Int64
		all = append(all, v)
	}
	return all, describe(rows.Err())
}

// summed is what is wrong with one foreign key.
type summed struct {
	reference
	rows  int
	first []string
}

// summaries sums violations up by foreign key, in order.
func summaries(found []violation) []*summed {
	var all []*summed
	for _, v := range found {
		r := reference{v.child, v.parent}
		i := slices.IndexFunc(all, func(s *summed) bool { return s.reference == r })
		if i < 0 {
			i = len(all)
			all = append(all, &summed{reference: r})
		}
		if all[i].rows++; all[i].rows <= 5 && v.row != 0 {
			all[i].first = append(all[i].first, fmt.Sprint(v.row))
		}
	}
	return all
}

func summary(found []violation, note string) []migration.Finding {
	var findings []migration.Finding
	for _, s := range summaries(found) {
		findings = append(findings, s.finding(note))
	}
	return findings
}

func (s *summed) finding(note string) migration.Finding {
	what := fmt.Sprintf("%d rows of %s refer", s.rows, s.child)
	if s.rows == 1 {
		what = fmt.Sprintf("1 row of %s refers", s.child)
	}
	where := ""
	if len(s.first) > 0 {
		where = ": rowid " + strings.Join(s.first, ", ")
		if s.rows > len(s.first) {
			where += ", …"
		}
	}
	return migration.Finding{
		Code:    migration.CodeForeignKey,
		Message: fmt.Sprintf("%s to rows of %s that are not there%s%s", what, s.parent, note, where),
		Hint:    "PRAGMA foreign_key_check(" + quote(s.child) + ") lists them",
	}
}
