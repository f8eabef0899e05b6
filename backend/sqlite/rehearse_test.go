package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// rehearse tries the folder out on a copy of the database file.
func rehearse(ctx context.Context, t *testing.T, b backend.Backend, f files, o fastmigrate.Options, keep string) (*fastmigrate.Rehearsal, error) {
	t.Helper()
	m, err := fastmigrate.New(b, f.source(), o)
	if err != nil {
		t.Fatal(err)
	}
	return m.Rehearse(ctx, fastmigrate.Goal{}, backend.RehearseOptions{Keep: keep, LockTimeout: -1})
}

// changesOf writes the changes of rows in a short form.
func changesOf(rows []fastmigrate.RowChange) string {
	number := func(n *int64) string {
		if n == nil {
			return "-"
		}
		return fmt.Sprint(*n)
	}
	var all []string
	for _, c := range rows {
		all = append(all, c.Table+":"+number(c.Before)+">"+number(c.After))
	}
	return strings.Join(all, " ")
}

// The database is the same to the byte; what is told is what happened to the
// copy, step by step, while another program writes to the database.
func TestRehearse(t *testing.T) {
	for _, journal := range journals {
		t.Run(journal, func(t *testing.T) {
			path := inJournal(t, journal)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			b := sqlitefile.Open(path)
			defer b.Close()
			f := mixed.with("0004-d.sql", "CREATE VIRTUAL TABLE v USING rtree(id, a, b); INSERT INTO v VALUES (1, 2, 3); DROP TABLE old;")
			r, err := rehearse(t.Context(), t, b, f, fastmigrate.Options{}, "")
			if err != nil || r.Report.End != "4" || len(r.Steps) != 4 || len(r.Findings) > 0 {
				t.Fatalf("%+v, %v", r, err)
			}
			b.Close()
			if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
				t.Errorf("the database was written to: %v", err)
			}
			nothingInside(t, filepath.Dir(path), "app.db")
			var steps []string
			for _, s := range r.Steps {
				steps = append(steps, changesOf(s.Rows))
			}
			if got := strings.Join(steps, ", "); got != "t:->1, t:1>3, big:->1 t:3>4, old:1>- v:->1" {
				t.Errorf("steps: %s", got)
			}
			if got := changesOf(r.Rows); got != "big:->1 old:1>- t:->4 v:->1" {
				t.Errorf("all in all: %s", got)
			}
			if r.Before >= r.After || r.Steps[2].Bytes-r.Steps[1].Bytes < 300_000 {
				t.Errorf("%d bytes before, %d after", r.Before, r.After)
			}
		})
	}
}

func TestRehearseFails(t *testing.T) {
	path := inJournal(t, "wal")
	b := sqlitefile.Open(path)
	defer b.Close()
	// A migration that fails, with what came before.
	r, err := rehearse(t.Context(), t, b, mixed.with("0003-c.sql", "FAIL;"), fastmigrate.Options{}, path+".kept")
	wantError(t, err, nil, "0003-c.sql:1:1")
	if len(r.Steps) != 2 || r.Report.End != "2" || r.Kept != path+".kept" || r.After == 0 {
		t.Errorf("%+v", r)
	}
	version(t, r.Kept, 2)
	check(t, r.Kept, "SELECT x FROM t ORDER BY x", "1 2 3")
	version(t, path, 0)
	// A run that is cancelled.
	ctx, cancel := context.WithCancel(t.Context())
	_, err = rehearse(ctx, t, b, mixed, fastmigrate.Options{OnEvent: func(e fastmigrate.Event) {
		if started, ok := e.(fastmigrate.Started); ok && started.Step.To == "2" {
			cancel()
		}
	}}, "")
	wantError(t, err, context.Canceled)
	// Another rehearsal is at work.
	_, err = rehearse(t.Context(), t, b, mixed, fastmigrate.Options{OnEvent: func(e fastmigrate.Event) {
		if _, ok := e.(fastmigrate.Planned); ok {
			other := sqlitefile.Open(path)
			defer other.Close()
			if _, err := rehearse(t.Context(), t, other, mixed, fastmigrate.Options{}, ""); !errors.Is(err, migration.ErrBusyRun) {
				t.Errorf("two at once: %v", err)
			}
		}
	}}, "")
	if err != nil {
		t.Error(err)
	}
	b.Close()
	nothingInside(t, filepath.Dir(path), "app.db", "app.db.kept")
	for _, d := range doors[1:] {
		b, _ := d.open(t)
		_, err := rehearse(t.Context(), t, b, mixed, fastmigrate.Options{}, "")
		wantError(t, err, migration.ErrUnsupported, "open the database by its path")
		b.Close()
	}
}
