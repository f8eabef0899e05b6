package importer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Table is the table of the other tool's: all of its rows, as text.
type Table struct {
	Columns []string
	Rows    [][]string
}

// column returns the index of a column, or -1.
func (t Table) column(name string) int {
	return slices.IndexFunc(t.Columns, func(c string) bool { return strings.EqualFold(c, name) })
}

// Stands returns the number of ours that the database stands at by the table,
// 0 where nothing is applied. It fails where the table is not that tool's, where
// it says that a migration failed midway, where a version is applied that has no
// file, and where one below the highest is not applied.
func (f *Folder) Stands(t Table) (int, error) {
	applied, err := f.applied(t)
	if err != nil {
		return 0, err
	}
	all := maps.Clone(applied)
	at, missing := 0, []string(nil)
	for _, m := range f.Migrations {
		if applied[m.Version] {
			delete(applied, m.Version)
			at = m.Number
		}
	}
	if len(applied) > 0 {
		for v := range applied {
			missing = append(missing, v)
		}
		slices.SortFunc(missing, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
		return 0, &migration.Error{
			Op:   "import",
			Err:  fmt.Errorf("%w: the database has %s applied, and the folder has no such file", migration.ErrNoVersion, strings.Join(missing, ", ")),
			Hint: "put the files back, or take those versions back with " + string(f.Tool) + "; nothing was changed",
		}
	}
	return at, f.holes(all, at)
}

// holes fails where a migration up to a number is not applied: what the database
// has can't be told by one number then.
func (f *Folder) holes(applied map[string]bool, at int) error {
	var names []string
	for _, m := range f.Migrations {
		if m.Number <= at && !applied[m.Version] {
			names = append(names, m.Files[0])
		}
	}
	if len(names) == 0 {
		return nil
	}
	hint := "apply them with goose up -allow-missing first, or take back what is above them; nothing was changed"
	if f.Tool == Dbmate {
		hint = "apply them with dbmate up first, or take back what is above them; nothing was changed"
	}
	return &migration.Error{
		Op:   "import",
		Err:  fmt.Errorf("applied out of order: %s is not applied, and later ones are", strings.Join(names, ", ")),
		Hint: hint,
	}
}

// applied returns the versions that are applied, as our files' names of theirs
// write them.
func (f *Folder) applied(t Table) (map[string]bool, error) {
	switch f.Tool {
	case Goose:
		return gooseApplied(t)
	case GolangMigrate:
		return f.golangMigrateApplied(t)
	}
	version := t.column("version")
	if version < 0 || t.column("dirty") >= 0 {
		return nil, notTheirs(f.Tool, t, "version alone")
	}
	applied := make(map[string]bool)
	for _, row := range t.Rows {
		applied[row[version]] = true
	}
	return applied, nil
}

// gooseApplied reads goose's table, whose newest row for a version counts.
func gooseApplied(t Table) (map[string]bool, error) {
	id, version, is := t.column("id"), t.column("version_id"), t.column("is_applied")
	if id < 0 || version < 0 || is < 0 {
		return nil, notTheirs(Goose, t, "id, version_id and is_applied")
	}
	rows := slices.Clone(t.Rows)
	slices.SortStableFunc(rows, func(a, b []string) int {
		x, _ := strconv.ParseInt(a[id], 10, 64)
		y, _ := strconv.ParseInt(b[id], 10, 64)
		return cmp.Compare(x, y)
	})
	applied := make(map[string]bool)
	for _, row := range rows {
		if row[version] == "0" { // goose's own first row
			continue
		}
		if truth(row[is]) {
			applied[row[version]] = true
		} else {
			delete(applied, row[version])
		}
	}
	return applied, nil
}

// golangMigrateApplied reads golang-migrate's table, which holds one version:
// all up to it are applied.
func (f *Folder) golangMigrateApplied(t Table) (map[string]bool, error) {
	version, dirty := t.column("version"), t.column("dirty")
	if version < 0 || dirty < 0 {
		return nil, notTheirs(GolangMigrate, t, "version and dirty")
	}
	applied := make(map[string]bool)
	switch len(t.Rows) {
	case 0:
		return applied, nil
	case 1:
	default:
		return nil, &migration.Error{Op: "import", Err: fmt.Errorf("the table of golang-migrate has %d rows instead of one", len(t.Rows)), Hint: "leave the row of the version that the database is at"}
	}
	at := t.Rows[0][version]
	if truth(t.Rows[0][dirty]) {
		return nil, &migration.Error{
			Op:   "import",
			Err:  fmt.Errorf("%w: golang-migrate says that version %s is dirty: it failed midway", migration.ErrUnfinished, at),
			Hint: "finish it, or undo what it did, by hand; then migrate force VERSION, and import again",
		}
	}
	applied[at] = true
	for _, m := range f.Migrations {
		if m.Version == at {
			break
		}
		if slices.ContainsFunc(f.Migrations, func(m Migration) bool { return m.Version == at }) {
			applied[m.Version] = true
		}
	}
	return applied, nil
}

func truth(text string) bool {
	return text == "1" || strings.EqualFold(text, "true") || strings.EqualFold(text, "t")
}

func notTheirs(tool Tool, t Table, want string) error {
	return &migration.Error{
		Op:   "import",
		Err:  fmt.Errorf("the table has the columns %s, and that of %s has %s", strings.Join(t.Columns, ", "), tool, want),
		Hint: "correct --from, or name the table with --table",
	}
}
