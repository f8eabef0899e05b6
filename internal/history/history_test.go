package history_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite"

	"github.com/fastmigrate/fastmigrate/internal/history"
	"github.com/fastmigrate/fastmigrate/migration"
)

func open(t *testing.T, table history.Table) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	for range 2 { // making it twice is as good as once
		if _, err := db.Exec(table.Create()); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func read(t *testing.T, db *sql.DB, table history.Table) ([]migration.Entry, error) {
	t.Helper()
	rows, err := db.Query(table.Select())
	if err != nil {
		t.Fatal(err)
	}
	return history.Scan(rows)
}

// What is written is read again, to the millisecond and in UTC.
func TestRoundTrip(t *testing.T) {
	table := history.Table{Quoted: `main."odd ""name"""`}
	db := open(t, table)
	at := time.Date(2026, 3, 4, 5, 6, 7, 890_999_999, time.FixedZone("", 7200))
	full := migration.Entry{
		Kind: migration.Files, From: "1", To: "0", Name: "0001-it's.sql", Direction: migration.Down, Status: migration.Begun,
		SegmentsDone: 3, PrefixChecksum: "p", Checksum: "c", StartedAt: at, Tool: "tool", Host: "host",
	}
	bare := migration.Entry{Kind: migration.Revisions, Status: migration.Marked}
	for _, e := range []migration.Entry{full, bare} {
		if _, err := db.Exec(table.Insert(), table.Args(e)...); err != nil {
			t.Fatal(err)
		}
	}
	full.ID, bare.ID = 1, 2
	full.StartedAt = at.UTC().Truncate(time.Millisecond)
	got, err := read(t, db, table)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]migration.Entry{full, bare}, got); diff != "" {
		t.Error(diff)
	}
	if got[0].StartedAt.Location() != time.UTC {
		t.Error("the time is not in UTC")
	}

	full.Status, full.SegmentsDone, full.PrefixChecksum, full.Checksum = migration.Failed, 4, "pp", "cc"
	full.FinishedAt, full.Duration, full.Error = full.StartedAt.Add(time.Hour), 1500*time.Millisecond, "oh"
	if _, err := db.Exec(table.Update(), table.UpdateArgs(full)...); err != nil {
		t.Fatal(err)
	}
	if got, err = read(t, db, table); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]migration.Entry{full, bare}, got); diff != "" {
		t.Error(diff)
	}
	var text string
	if err := db.QueryRow(`SELECT started_at FROM "odd ""name""" WHERE id = 1`).Scan(&text); err != nil || text != "2026-03-04T03:06:07.890Z" {
		t.Errorf("the time is kept as %q, %v", text, err)
	}
}

// A row that a person edited is read as far as it can be.
func TestEdited(t *testing.T) {
	table := history.Table{Quoted: "h"}
	db := open(t, table)
	if _, err := db.Exec("INSERT INTO h (kind, from_state, to_state, name, direction, state, started_at) VALUES ('files', 'a', 'b', 'n', 'up', 'what', 'when')"); err != nil {
		t.Fatal(err)
	}
	got, err := read(t, db, table)
	if err != nil || len(got) != 1 || !got[0].StartedAt.IsZero() || got[0].Status != "what" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := db.Exec("UPDATE h SET direction = 'sideways'"); err != nil {
		t.Fatal(err)
	}
	if _, err := read(t, db, table); err == nil {
		t.Error("no error")
	}
}
