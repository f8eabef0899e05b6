package history_test

import (
	"testing"

	"github.com/fastmigrate/fastmigrate/internal/history"
	"github.com/fastmigrate/fastmigrate/migration"
)

// The digest in SQL is that in Go, whatever the version.
func TestDigest(t *testing.T) {
	db := open(t, history.Table{Quoted: "h"})
	for _, v := range []migration.Version{0, 1, 9999, 999_982, 999_983, 1_000_003, 20_261_125_120_000, 1<<63 - 1} {
		var got int64
		if err := db.QueryRow("SELECT "+history.Digest+" FROM (SELECT ? AS t)", int64(v)).Scan(&got); err != nil || got != v.Digest() {
			t.Errorf("%d: %d, %v, want %d", v, got, err, v.Digest())
		}
	}
}

// Each entry tells what is applied after it: what was taken back is not, nor what
// was only begun.
func TestDigestOfEntries(t *testing.T) {
	table := history.Table{Quoted: "h"}
	db := open(t, table)
	step := func(from, to migration.Version, status migration.Status) migration.Entry {
		e := migration.Entry{Kind: migration.Files, From: from.State(), To: to.State(), Status: status}
		if to < from {
			e.Direction = migration.Down
		}
		return e
	}
	expect := func(what string, applied ...migration.Version) {
		t.Helper()
		var got, want int64
		for _, v := range applied {
			want += v.Digest()
		}
		if err := db.QueryRow("SELECT digest FROM h ORDER BY id DESC LIMIT 1").Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", what, got, err, want)
		}
	}
	for _, c := range []struct {
		what    string
		entry   migration.Entry
		applied []migration.Version
	}{
		{"enrolled", step(0, 3, migration.Enrolled), nil},
		{"applied", step(3, 4, migration.Applied), []migration.Version{4}},
		{"another", step(4, 7, migration.Applied), []migration.Version{4, 7}},
		{"of another kind", migration.Entry{Kind: migration.Functions, From: "0", To: "1", Status: migration.Applied}, []migration.Version{4, 7}},
		{"taken back", step(7, 4, migration.Applied), []migration.Version{4}},
		{"marked", step(4, 8, migration.Marked), []migration.Version{4}},
		{"begun", step(8, 9, migration.Begun), []migration.Version{4}},
	} {
		if _, err := db.Exec(table.Insert(), table.Args(c.entry)...); err != nil {
			t.Fatal(err)
		}
		expect(c.what, c.applied...)
	}
	for _, end := range []migration.Status{migration.Begun, migration.Applied} {
		e := step(8, 9, end)
		e.ID = 7
		if _, err := db.Exec(table.Update(), table.UpdateArgs(e)...); err != nil {
			t.Fatal(err)
		}
	}
	expect("ended", 4, 9)
}
