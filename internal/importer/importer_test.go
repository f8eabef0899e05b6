package importer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/fastmigrate/fastmigrate/internal/importer"
	"github.com/fastmigrate/fastmigrate/migration"
)

// folder is a folder of another tool's: names and texts.
type folder map[string]string

func (f folder) read(t *testing.T, tool importer.Tool) *importer.Folder {
	t.Helper()
	got, err := importer.Read(f.fsys(), tool)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (f folder) fsys() fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range f {
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return fsys
}

// show returns a folder as a test can read it.
func show(f *importer.Folder) string {
	var b strings.Builder
	for _, m := range f.Migrations {
		fmt.Fprintf(&b, "%s (%s)\n%s", m.UpFile(), m.Version, m.Up)
		if m.Down != nil {
			fmt.Fprintf(&b, "%s\n%s", m.DownFile(), m.Down)
		}
	}
	for _, l := range f.Left {
		fmt.Fprintf(&b, "left %s %d: %s\n", l.File, l.Number, l.Reason)
	}
	return b.String()
}

func TestTexts(t *testing.T) {
	for name, c := range map[string]struct {
		tool importer.Tool
		in   folder
		want string
	}{
		"goose, both ways": {importer.Goose, folder{"00001_add_users.sql": "-- a licence\n\n-- +goose Up\n-- why\nCREATE TABLE a (n);\n\n-- +goose Down\nDROP TABLE a;\n"},
			"0001-add-users.sql (1)\n-- from goose: 00001_add_users.sql\n-- a licence\n\n-- why\nCREATE TABLE a (n);\nrollback/0001-add-users.sql\n-- from goose: 00001_add_users.sql\nDROP TABLE a;\n"},
		"goose, a block without its semicolon": {importer.Goose, folder{"1_f.sql": "-- +goose Up\n-- +goose StatementBegin\nCREATE FUNCTION f() AS $$ a; $$\n-- +goose StatementEnd\nSELECT 1;\n-- +goose statementbegin\nSELECT 2;\n-- +goose StatementEnd\n"},
			"0001-f.sql (1)\n-- from goose: 1_f.sql\nCREATE FUNCTION f() AS $$ a; $$\n;\nSELECT 1;\nSELECT 2;\n"},
		"goose, no transaction": {importer.Goose, folder{"1_f.sql": "-- +goose NO TRANSACTION\n-- +goose Up\nVACUUM;\n-- +goose Down\nSELECT 1;"},
			"0001-f.sql (1)\n-- fastmigrate: no-transaction\n-- from goose: 1_f.sql\nVACUUM;\nrollback/0001-f.sql\n-- fastmigrate: no-transaction\n-- from goose: 1_f.sql\nSELECT 1;\n"},
		"goose, nothing down": {importer.Goose, folder{"1_f.sql": "-- +goose Up\nSELECT 1;\n-- +goose Down\n-- nothing\n"},
			"0001-f.sql (1)\n-- from goose: 1_f.sql\nSELECT 1;\n"},
		"goose, variables up": {importer.Goose, folder{"1_f.sql": "-- +goose Up\n-- +goose ENVSUB ON\nCREATE ROLE ${NAME};\n-- +goose ENVSUB OFF\n-- +goose Down\nDROP ROLE x;\n"},
			"0001-f.sql (1)\n-- not carried over from goose: 1_f.sql: variables of the environment are put into it (ENVSUB); write their values, or a script in .sh\n" +
				"-- Write here what it does, and remove the next statement, which stops a run until then.\nSELECT this_migration_was_not_carried_over;\n\n-- CREATE ROLE ${NAME};\n" +
				"rollback/0001-f.sql\n-- from goose: 1_f.sql\nDROP ROLE x;\nleft 1_f.sql 1: variables of the environment are put into it (ENVSUB); write their values, or a script in .sh\n"},
		"goose, variables down": {importer.Goose, folder{"1_f.sql": "-- +goose Up\nSELECT 1;\n-- +goose Down\n-- +goose ENVSUB ON\nDROP ROLE ${NAME};\n"},
			"0001-f.sql (1)\n-- from goose: 1_f.sql\nSELECT 1;\nleft 1_f.sql 1: variables of the environment are put into it (ENVSUB); write their values, or a script in .sh (on the way down: there is no rollback script)\n"},
		"goose, Go and what is none": {importer.Goose, folder{"1_a.sql": "-- +goose Up\n", "2_b.go": "package x", "2_b_test.go": "", "main.go": "", "seed.sql": "", "0_zero.sql": "", "README": ""},
			"0001-a.sql (1)\n-- from goose: 1_a.sql\n0002-b.sql (2)\n-- not carried over from goose: 2_b.go: a migration in Go; write it as a function (source.Files.With), or in SQL\n" +
				"-- Write here what it does, and remove the next statement, which stops a run until then.\nSELECT this_migration_was_not_carried_over;\n" +
				"left 0_zero.sql 0: its name has no version that goose would take\nleft seed.sql 0: its name has no version that goose would take\n" +
				"left 2_b.go 2: a migration in Go; write it as a function (source.Files.With), or in SQL\n"},
		"golang-migrate": {importer.GolangMigrate, folder{"20240102030405_b.up.sql": "BEGIN;\nSELECT 2;\nCOMMIT;\n", "20240101030405_a.up.sql": "SELECT 1", "20240101030405_a.down.sql": "SELECT -1", "notes.sql": ""},
			"0001-a.sql (20240101030405)\n-- from golang-migrate: 20240101030405_a.up.sql\nSELECT 1\nrollback/0001-a.sql\n-- from golang-migrate: 20240101030405_a.down.sql\nSELECT -1\n" +
				"0002-b.sql (20240102030405)\n-- from golang-migrate: 20240102030405_b.up.sql\nBEGIN;\nSELECT 2;\nCOMMIT;\n"},
		"golang-migrate, one way": {importer.GolangMigrate, folder{"1_a.down.sql": "SELECT 1", "2_b.up.cql": "x", "3_.up.sql": ""},
			"0001-a.sql (1)\n-- from golang-migrate: 1_a.down.sql\nrollback/0001-a.sql\n-- from golang-migrate: 1_a.down.sql\nSELECT 1\n" +
				"0002-b.sql (2)\n-- not carried over from golang-migrate: 2_b.up.cql: it is not SQL by its name, which ends with .cql\n" +
				"-- Write here what it does, and remove the next statement, which stops a run until then.\nSELECT this_migration_was_not_carried_over;\n\n-- x\n" +
				"0003-migration.sql (3)\n-- from golang-migrate: 3_.up.sql\nleft 2_b.up.cql 2: it is not SQL by its name, which ends with .cql\n"},
		"dbmate": {importer.Dbmate, folder{"1_a.sql": "-- hello\n-- migrate:up transaction:false\nSELECT 1;\n\n-- migrate:down\nSELECT -1;\n", "2_b.sql": "--migrate:up\nSELECT 2;\n--  migrate:down transaction:true\n"},
			"0001-a.sql (1)\n-- fastmigrate: no-transaction\n-- from dbmate: 1_a.sql\n-- hello\n\nSELECT 1;\nrollback/0001-a.sql\n-- from dbmate: 1_a.sql\nSELECT -1;\n" +
				"0002-b.sql (2)\n-- from dbmate: 2_b.sql\nSELECT 2;\n"},
		"dbmate, an option": {importer.Dbmate, folder{"1_a.sql": "-- migrate:up env:SECRET\nSELECT '{{ .SECRET }}';\n-- migrate:down\n"},
			"0001-a.sql (1)\n-- not carried over from dbmate: 1_a.sql: its option env:SECRET has no like here\n-- Write here what it does, and remove the next statement, which stops a run until then.\n" +
				"SELECT this_migration_was_not_carried_over;\n\n-- SELECT '{{ .SECRET }}';\nleft 1_a.sql 1: its option env:SECRET has no like here\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, show(c.in.read(t, c.tool))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What the tool itself does not take is told, and stops.
func TestBroken(t *testing.T) {
	for text, why := range map[string]string{
		"SELECT 1;":                                  "in front of -- +goose Up",
		"-- +goose Down\n":                           "Down out of place",
		"-- +goose Up\n-- +goose Up\n":               "a second",
		"-- +goose Up\n-- +goose Sideways\n":         `no annotation "Sideways"`,
		"-- +goose Up\n-- +goose StatementBegin\nx;": "without its StatementEnd",
		"-- +goose StatementEnd\n":                   "without its StatementBegin",
		"-- nothing\n":                               "it has no -- +goose Up",
	} {
		f := folder{"1_a.sql": text}.read(t, importer.Goose)
		if len(f.Left) != 1 || !strings.Contains(f.Left[0].Reason, why) || f.Migrations[0].Down != nil || !strings.Contains(string(f.Migrations[0].Up), "\nSELECT this_") {
			t.Errorf("%q: %+v", text, f)
		}
	}
	for text, why := range map[string]string{
		"SELECT 1;":                        "no -- migrate:up",
		"-- migrate:down\n-- migrate:up\n": "stands in front",
		"SELECT 1;\n-- migrate:up\n":       "a statement stands in front",
	} {
		f := folder{"1_a.sql": text}.read(t, importer.Dbmate)
		if len(f.Left) != 1 || !strings.Contains(f.Left[0].Reason, why) {
			t.Errorf("%q: %+v", text, f.Left)
		}
	}
}

// Numbers that fit are kept, gaps and all; others are given anew, in order.
func TestNumbers(t *testing.T) {
	up := "-- +goose Up\n"
	for name, c := range map[string]struct {
		in         folder
		want       []string
		renumbered bool
	}{
		"kept":       {folder{"00002_b.sql": up, "00009_c.sql": up, "1_a.sql": up}, []string{"0001-a.sql", "0002-b.sql", "0009-c.sql"}, false},
		"timestamps": {folder{"20240101000000_a.sql": up, "20240102000000_b.sql": up}, []string{"0001-a.sql", "0002-b.sql"}, true},
		"mixed":      {folder{"20240101000000_c.sql": up, "3_a.sql": up, "7_b.sql": up}, []string{"0001-a.sql", "0002-b.sql", "0003-c.sql"}, true},
	} {
		f := c.in.read(t, importer.Goose)
		var got []string
		for _, m := range f.Migrations {
			got = append(got, m.UpFile())
		}
		if diff := cmp.Diff(c.want, got); diff != "" || f.Renumbered != c.renumbered {
			t.Errorf("%s: %s, %t", name, diff, f.Renumbered)
		}
	}
	for name, c := range map[string]struct {
		tool importer.Tool
		in   folder
		want string
	}{
		"goose":          {importer.Goose, folder{"1_a.sql": up, "01_b.sql": up}, "two files have the version 1: 01_b.sql and 1_a.sql"},
		"golang-migrate": {importer.GolangMigrate, folder{"1_a.up.sql": "", "1_b.up.sql": ""}, "two files have the version 1: 1_a.up.sql and 1_b.up.sql"},
		"dbmate":         {importer.Dbmate, folder{"1_a.sql": "", "1_b.sql": ""}, "two files have the version 1: 1_a.sql and 1_b.sql"},
		"nothing":        {importer.Goose, folder{"x.txt": ""}, "there is no migration of goose"},
	} {
		if _, err := importer.Read(c.in.fsys(), c.tool); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Where a database stands is read from the other tool's table, or refused.
func TestStands(t *testing.T) {
	goose := folder{"10_a.sql": "-- +goose Up\n", "20_b.go": "", "30_c.sql": "-- +goose Up\n"}.read(t, importer.Goose)
	golang := folder{"20240101000000_a.up.sql": "", "20240102000000_b.up.sql": "", "20240103000000_c.up.sql": ""}.read(t, importer.GolangMigrate)
	dbmate := folder{"001_a.sql": "-- migrate:up\n", "002_b.sql": "-- migrate:up\n"}.read(t, importer.Dbmate)
	gooseTable := func(rows ...string) importer.Table { return table("id version_id is_applied tstamp", rows) }
	for name, c := range map[string]struct {
		folder *importer.Folder
		table  importer.Table
		want   int
		err    string
		is     error
	}{
		"goose, nothing":          {goose, gooseTable("1 0 1 x"), 0, "", nil},
		"goose, all":              {goose, gooseTable("1 0 true x", "2 10 true x", "3 20 t x", "4 30 1 x"), 30, "", nil},
		"goose, taken back":       {goose, gooseTable("1 0 1 x", "2 10 1 x", "3 20 1 x", "4 20 0 x"), 10, "", nil},
		"goose, taken back twice": {goose, gooseTable("4 10 0 x", "1 0 1 x", "2 10 1 x", "5 10 1 x"), 10, "", nil},
		"goose, a hole":           {goose, gooseTable("1 0 1 x", "2 10 1 x", "3 30 1 x"), 0, "applied out of order: 20_b.go is not applied", nil},
		"goose, no file":          {goose, gooseTable("1 0 1 x", "2 10 1 x", "3 15 1 x", "4 7 1 x"), 0, "has 7, 15 applied", migration.ErrNoVersion},
		"goose, of another tool":  {goose, table("version", []string{"10"}), 0, "the table has the columns version", nil},
		"golang-migrate, nothing": {golang, table("version dirty", nil), 0, "", nil},
		"golang-migrate":          {golang, table("version dirty", []string{"20240102000000 false"}), 2, "", nil},
		"golang-migrate, dirty":   {golang, table("version dirty", []string{"20240102000000 1"}), 0, "version 20240102000000 is dirty", migration.ErrUnfinished},
		"golang-migrate, no file": {golang, table("version dirty", []string{"5 0"}), 0, "has 5 applied", migration.ErrNoVersion},
		"golang-migrate, two":     {golang, table("version dirty", []string{"1 0", "2 0"}), 0, "2 rows", nil},
		"golang-migrate, dbmate":  {golang, table("version", []string{"1"}), 0, "version and dirty", nil},
		"dbmate, nothing":         {dbmate, table("version", nil), 0, "", nil},
		"dbmate":                  {dbmate, table("version", []string{"002", "001"}), 2, "", nil},
		"dbmate, a hole":          {dbmate, table("version", []string{"002"}), 0, "001_a.sql is not applied", nil},
		"dbmate, no file":         {dbmate, table("version", []string{"1"}), 0, "has 1 applied", migration.ErrNoVersion},
		"dbmate, golang-migrate":  {dbmate, table("version dirty", []string{"1 0"}), 0, "version alone", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.folder.Stands(c.table)
			if c.err == "" {
				if err != nil || got != c.want {
					t.Errorf("%d, %v", got, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.err) || migration.HintOf(err) == "" || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%v", err)
			}
		})
	}
}

func table(columns string, rows []string) importer.Table {
	t := importer.Table{Columns: strings.Fields(columns)}
	for _, row := range rows {
		t.Rows = append(t.Rows, strings.Fields(row))
	}
	return t
}
