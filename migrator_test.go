package fastmigrate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/run"
	"github.com/fastmigrate/fastmigrate/source"
)

// folder returns a source of files by name and text.
func folder(files map[string]string) *source.Files {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return source.FS(fsys)
}

func memory(t *testing.T) *sqlite.Backend {
	t.Helper()
	b := sqlitefile.Open(sqlite.Memory)
	t.Cleanup(func() { b.Close() })
	if err := b.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

func migrator(t *testing.T, b backend.Backend, files map[string]string, o fastmigrate.Options) *fastmigrate.Migrator {
	t.Helper()
	m, err := fastmigrate.New(b, folder(files), o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestNewNeedsBoth(t *testing.T) {
	if _, err := fastmigrate.New(nil, folder(nil), fastmigrate.Options{}); err == nil {
		t.Error("no backend, no error")
	}
	if _, err := fastmigrate.New(memory(t), nil, fastmigrate.Options{}); err == nil {
		t.Error("no source, no error")
	}
}

// rows returns a status in a short form.
func rows(s fastmigrate.Status) string {
	var all []string
	for _, r := range s.Rows {
		all = append(all, fmt.Sprintf("%d:%s", r.Version, r.State))
	}
	return fmt.Sprintf("at %d of %d, %d pending: %s", s.Version, s.Newest, s.Pending, strings.Join(all, " "))
}

func TestStatus(t *testing.T) {
	b := memory(t)
	files := map[string]string{"0001-a.sql": "CREATE TABLE a (x);", "0002-b.sql": "CREATE TABLE b (x);", "0005-e.sql": "CREATE TABLE e (x);"}
	status := func() fastmigrate.Status {
		t.Helper()
		s, err := migrator(t, b, files, fastmigrate.Options{}).Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	want := func(want string) {
		t.Helper()
		if got := rows(status()); got != want {
			t.Errorf("status %q, want %q", got, want)
		}
	}
	want("at 0 of 5, 3 pending: 1:pending 2:pending 5:pending")
	m := migrator(t, b, files, fastmigrate.Options{Tool: "test"})
	if _, err := m.UpTo(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	want("at 2 of 5, 1 pending: 1:applied 2:applied 5:pending")
	if row := status().Rows[0]; row.AppliedAt.IsZero() || row.File != "0001-a.sql" || row.Name != "a" || row.Kind != migration.KindSQL || row.Rollback {
		t.Errorf("row %+v", row)
	}
	if err := m.Mark(t.Context(), 5); err != nil {
		t.Fatal(err)
	}
	want("at 5 of 5, 0 pending: 1:applied 2:applied 5:marked")

	files["0006-f.sql"] = "BEGIN; CREATE TABLE f (x); COMMIT; BEGIN; FAIL; COMMIT;"
	if _, err := migrator(t, b, files, fastmigrate.Options{}).Up(t.Context()); err == nil {
		t.Fatal("no error")
	}
	want("at 5 of 6, 1 pending: 1:applied 2:applied 5:marked 6:failed")
	if row := status().Rows[3]; row.Segments != 1 || !strings.Contains(row.Error, "FAIL") || !row.AppliedAt.IsZero() {
		t.Errorf("row %+v", row)
	}
	files["0006-f.sql"] = strings.Replace(files["0006-f.sql"], "FAIL;", "", 1)
	files["0008-h.sql"] = "CREATE TABLE h (x);"
	if _, err := migrator(t, b, files, fastmigrate.Options{}).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	files["0007-g.sql"] = "CREATE TABLE g (x);"
	delete(files, "0002-b.sql")
	want("at 8 of 8, 0 pending: 1:applied 2:missing 5:marked 6:applied 7:late 8:applied")
	if s, err := migrator(t, b, files, fastmigrate.Options{Strict: true}).Status(t.Context()); !errors.Is(err, migration.ErrStrict) || len(s.Rows) != 6 {
		t.Errorf("strict: %v, %+v", err, s)
	}
	if p, err := migrator(t, b, files, fastmigrate.Options{Strict: true}).Plan(t.Context(), fastmigrate.Goal{}); !errors.Is(err, migration.ErrStrict) || len(p.Findings) != 2 {
		t.Errorf("strict: %v, %+v", err, p)
	}
	entries, err := b.History(t.Context())
	if err != nil || entries[0].Tool != "test" || entries[0].Host == "" {
		t.Errorf("%v, %+v", err, entries)
	}
}

// Marking goes both ways, to a version that there is, and is recorded.
func TestMark(t *testing.T) {
	b := memory(t)
	files := map[string]string{"0001-a.sql": "CREATE TABLE a (x);", "0003-c.sql": "CREATE TABLE c (x);"}
	m := migrator(t, b, files, fastmigrate.Options{})
	if err := m.Mark(t.Context(), 2); !errors.Is(err, migration.ErrNoVersion) {
		t.Errorf("to none: %v", err)
	}
	for _, v := range []migration.Version{3, 1, 0, 0} {
		if err := m.Mark(t.Context(), v); err != nil {
			t.Errorf("to %d: %v", v, err)
		}
		if at, err := fastmigrate.Version(t.Context(), b); err != nil || at != v {
			t.Errorf("at %d, %v; want %d", at, err, v)
		}
	}
	entries, err := b.History(t.Context())
	if err != nil || len(entries) != 4 || entries[0].Direction != migration.Up || entries[1].Direction != migration.Down || entries[0].Status != migration.Marked {
		t.Errorf("%v, %+v", err, entries)
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Error(err)
	}
}

// There is a report beside every error.
func TestReportBesideErrors(t *testing.T) {
	b := memory(t)
	good := map[string]string{"0001-a.sql": "CREATE TABLE a (x);"}
	for name, f := range map[string]func() (*fastmigrate.Report, error){
		"no folder": func() (*fastmigrate.Report, error) {
			m, _ := fastmigrate.New(b, source.Dir("/nowhere"), fastmigrate.Options{})
			return m.Up(t.Context())
		},
		"no database": func() (*fastmigrate.Report, error) {
			return migrator(t, sqlitefile.Open("/nowhere/x"), good, fastmigrate.Options{}).Up(t.Context())
		},
		"no version": func() (*fastmigrate.Report, error) {
			return migrator(t, b, good, fastmigrate.Options{}).UpTo(t.Context(), 9)
		},
		"refused": func() (*fastmigrate.Report, error) {
			return migrator(t, b, map[string]string{"0001-a.sql": "COMMIT;"}, fastmigrate.Options{}).Up(t.Context())
		},
		"cancelled": func() (*fastmigrate.Report, error) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			return migrator(t, b, good, fastmigrate.Options{}).Up(ctx)
		},
		"execute": func() (*fastmigrate.Report, error) {
			return migrator(t, b, good, fastmigrate.Options{}).Execute(t.Context(), fastmigrate.Plan{Start: "7", End: "7"})
		},
		"no database to execute on": func() (*fastmigrate.Report, error) {
			return migrator(t, sqlitefile.Open("/nowhere/x"), good, fastmigrate.Options{}).Execute(t.Context(), fastmigrate.Plan{})
		},
	} {
		if report, err := f(); err == nil || report == nil || len(report.Applied) != 0 {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
}

// Edited, late and missing files are told where something is pending, by name.
func TestFindings(t *testing.T) {
	b := memory(t)
	files := map[string]string{"0001-a.sql": "CREATE TABLE a (x);\n", "0003-c.sql": "CREATE TABLE c (x);"}
	if _, err := migrator(t, b, files, fastmigrate.Options{}).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	files["0001-a.sql"] = "\uFEFFCREATE TABLE a (x);\r\n"
	files["0004-d.sql"] = "SELECT 1;"
	var found []string
	o := fastmigrate.Options{OnEvent: func(e fastmigrate.Event) {
		if f, ok := e.(fastmigrate.Found); ok {
			found = append(found, string(f.Finding.Code)+" "+f.Finding.File)
		}
	}}
	if _, err := migrator(t, b, files, o).Up(t.Context()); err != nil || len(found) != 0 {
		t.Errorf("%v, %v: line ends are no edit", found, err)
	}
	files["0001-a.sql"] = "CREATE TABLE a (x, y);"
	files["0002-b.sql"] = "SELECT 1;"
	// With nothing pending no file is read, but a late one is seen by its name.
	if _, err := migrator(t, b, files, o).Up(t.Context()); err != nil || strings.Join(found, ", ") != "late 0002-b.sql" {
		t.Errorf("%v, %v", found, err)
	}
	found = nil
	files["0005-e.sql"] = "SELECT 1;"
	if _, err := migrator(t, b, files, o).Up(t.Context()); err != nil || strings.Join(found, ", ") != "edited 0001-a.sql, late 0002-b.sql" {
		t.Errorf("%v, %v", found, err)
	}
	findings, err := migrator(t, b, files, o).Verify(t.Context())
	if err != nil || len(findings) != 2 {
		t.Errorf("verify: %v, %v", findings, err)
	}
}

// A strict run fails for what is found before it does anything.
func TestStrict(t *testing.T) {
	b := memory(t)
	files := map[string]string{"0002-b.sql": "CREATE TABLE b (x);"}
	if _, err := migrator(t, b, files, fastmigrate.Options{}).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	files["0001-a.sql"], files["0003-c.sql"] = "SELECT 1;", "SELECT 1;"
	report, err := migrator(t, b, files, fastmigrate.Options{Strict: true}).Up(t.Context())
	if !errors.Is(err, migration.ErrStrict) || len(report.Findings) != 1 || len(report.Applied) != 0 {
		t.Errorf("%v, %+v", err, report)
	}
	if at, err := fastmigrate.Version(t.Context(), b); err != nil || at != 2 {
		t.Errorf("at %d, %v", at, err)
	}
}

// What a backend can't do is said so.
func TestBareBackend(t *testing.T) {
	b := bare{memory(t)}
	if err := fastmigrate.Backup(t.Context(), b, "x"); !errors.Is(err, migration.ErrUnsupported) {
		t.Errorf("backup: %v", err)
	}
	if _, err := fastmigrate.Enroll(t.Context(), b, "x"); !errors.Is(err, migration.ErrUnsupported) {
		t.Errorf("enroll: %v", err)
	}
	m := migrator(t, b, nil, fastmigrate.Options{})
	if err := m.EnrollAt(t.Context(), 0); !errors.Is(err, migration.ErrUnsupported) {
		t.Errorf("enroll at: %v", err)
	}
	if findings, err := m.Verify(t.Context()); err != nil || len(findings) != 0 {
		t.Errorf("verify: %v, %v", findings, err)
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Errorf("nothing to do: %v", err)
	}
}

// bare hides all that a backend can do besides.
type bare struct{ backend.Backend }

func TestBackupName(t *testing.T) {
	at := time.Date(2026, 1, 2, 13, 4, 5, 0, time.Local)
	if got := fastmigrate.BackupName("data/app.db", at.UTC()); got != "data/app.db.20260102_130405.backup" {
		t.Error(got)
	}
}

// Each event is logged at its level, and none that is unknown breaks anything.
func TestLogEvents(t *testing.T) {
	var out bytes.Buffer
	log := fastmigrate.LogEvents(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	step := plan.Step{Step: migration.Step{Migration: migration.Migration{Up: &migration.SQL{Name: "0001-a.sql"}}, To: "1"}}
	for want, e := range map[string]fastmigrate.Event{
		`level=INFO msg="waiting for another run" holder="pid 7"`: run.Waiting{Holder: "pid 7"},
		"level=DEBUG msg=planned":                                 run.Planned{},
		"level=DEBUG msg=started file=0001-a.sql":                 run.Started{Step: step},
		"level=DEBUG msg=progress":                                run.Progressed{},
		"level=DEBUG msg=interpreter language=py":                 run.Interpreter{Language: migration.KindPython},
		"level=DEBUG msg=printed file=0001-a.sql stream=stdout":   run.Printed{Step: step, Chunk: []byte("x")},
		"level=INFO msg=applied file=0001-a.sql":                  run.Applied{Step: step},
		`level=WARN msg="was edited" code=edited file=f`:          run.Found{Finding: migration.Finding{Code: migration.CodeEdited, File: "f", Message: "was edited"}},
		"level=ERROR msg=failed file=0001-a.sql error=oh":         run.Failed{Step: step, Err: errors.New("oh")},
	} {
		out.Reset()
		log(e)
		if !strings.Contains(out.String(), want) {
			t.Errorf("%T: logged %q, want %q", e, out.String(), want)
		}
	}
	log(nil)
}

// Versions may be as large as times are. What tells that there is nothing to do
// must not overflow.
func TestLargeVersions(t *testing.T) {
	files := folder(map[string]string{"0001-a.sql": "CREATE TABLE a (x);"})
	var code []source.Code
	for n := range migration.Version(20) {
		code = append(code, source.Code{Version: 20_261_125_120_000 + n, Name: "late", Up: migration.Func(func(context.Context, migration.Tx) error { return nil })})
	}
	m, err := fastmigrate.New(memory(t), files.With(code...), fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{21, 0, 0} {
		if r, err := m.Up(t.Context()); err != nil || len(r.Applied) != want || len(r.Findings) > 0 {
			t.Errorf("%d applied, %v, %v; want %d", len(r.Applied), r.Findings, err, want)
		}
	}
}
