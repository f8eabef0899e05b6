package contender_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/bench/internal/contender"
	"github.com/fastmigrate/fastmigrate/bench/internal/program"
)

// Each finds its migrations as it wants them.
func TestLayouts(t *testing.T) {
	texts := []contender.Text{contender.SQL("one", "SELECT 1;\n"), contender.SQL("two", "SELECT 2;\n")}
	wants := map[string]map[string]string{
		"fastmigrate":           {"0001-one.sql": "SELECT 1;\n", "0002-two.sql": "SELECT 2;\n"},
		"goose, modernc":        {"00001_one.sql": "-- +goose Up\nSELECT 1;\n", "00002_two.sql": "-- +goose Up\nSELECT 2;\n"},
		"golang-migrate, mattn": {"000001_one.up.sql": "SELECT 1;\n", "000002_two.up.sql": "SELECT 2;\n"},
		"dbmate":                {"00001_one.sql": "-- migrate:up\nSELECT 1;\n", "00002_two.sql": "-- migrate:up\nSELECT 2;\n"},
		"tern":                  {"001_one.sql": "SELECT 1;\n", "002_two.sql": "SELECT 2;\n"},
		"sqlite3":               {"": "BEGIN;\nSELECT 1;\nSELECT 2;\nCOMMIT;\n"},
		"psql":                  {"": "SELECT 1;\nSELECT 2;\n"},
		"mariadb":               {"": "START TRANSACTION;\nSELECT 1;\nSELECT 2;\nCOMMIT;\n"},
	}
	for _, c := range slices.Concat(contender.ForSQLite(), contender.ForPostgres(), contender.ForMariaDB()) {
		want := wants[c.Name]
		if want == nil {
			continue
		}
		delete(wants, c.Name)
		at, err := c.Layout.Write(t.TempDir(), texts)
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range want {
			got, err := os.ReadFile(filepath.Join(at, name))
			if err != nil || string(got) != text {
				t.Errorf("%s: %s has %q, %v; want %q", c.Name, name, got, err, text)
			}
		}
	}
	if len(wants) > 0 {
		t.Errorf("there is no contender %v", wants)
	}
}

// Who is not there is named, with the reason; our own link is not taken for the
// Python tool.
func TestReady(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	find := func() []contender.Contender {
		t.Helper()
		var found []contender.Contender
		for _, c := range contender.ForSQLite() {
			if c.OnPath != "" {
				found = append(found, c)
			}
		}
		all, err := contender.Ready(t.Context(), &program.Builder{}, found)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	write("fastmigrate_run_migrations", "\x7fELF, a link to our own program")
	write("sqlite3", "#!/bin/sh\n")
	absent := map[string]string{}
	for _, c := range find() {
		absent[c.Name] = c.Absent
	}
	if absent["sqlite3"] != "" || absent["dbmate"] != "dbmate is not on the PATH" || !strings.Contains(absent["fastmigrate, Python"], "not the Python tool's") {
		t.Errorf("%q", absent)
	}
	write("fastmigrate_run_migrations", "#!/usr/bin/env python3\n")
	for _, c := range contender.Present(find()) {
		delete(absent, c.Name)
	}
	if len(absent) != 2 || absent["dbmate"] == "" || absent["atlas"] == "" {
		t.Errorf("absent: %q", absent)
	}
}
