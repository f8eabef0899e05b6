package backendtest

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// enroll: a database that exists without a version table is adopted where it
// stands.
func (s *suite) enroll(t *testing.T) {
	if !able[backend.Enroller](s, t) {
		t.Skip("the backend is no backend.Enroller")
	}
	d := s.fresh(t)
	enroller := d.Backend.(backend.Enroller)
	s.Exec(t, d.Database, s.table("old", 1))
	if _, err := d.Backend.State(t.Context()); !errors.Is(err, migration.ErrNotManaged) {
		t.Errorf("State of a database that another program made: %v", err)
	}
	e := migration.Entry{
		Kind: migration.Files, From: "0", To: "2", Name: "0002-old.sql", Status: migration.Enrolled, Tool: tool, Host: host,
	}
	if err := enroller.Enroll(t.Context(), e); err != nil {
		t.Fatalf("Enroll: %v", err)
	}
	d.at(2)
	fails(t, "Enroll for the second time", enroller.Enroll(t.Context(), e), migration.ErrManaged)
	if got := d.last(); len(d.entries()) != 1 || got.Status != migration.Enrolled || got.To != "2" || got.Name != e.Name || got.Tool != tool || got.StartedAt.IsZero() {
		t.Errorf("enrolling is recorded as %+v", d.entries())
	}
	d.mustUp(files{"0002-old.sql": s.table("old", 1), "0003-new.sql": s.table("new", 1)})
	d.holds("old", 1)
	d.holds("new", 1)
}

// draft: the script that a database writes of its schema makes that schema.
func (s *suite) draft(t *testing.T) {
	if !able[backend.Drafter](s, t) {
		t.Skip("the backend is no backend.Drafter")
	}
	d := s.fresh(t)
	drafter := d.Backend.(backend.Drafter)
	s.Exec(t, d.Database, s.table("old", 1)+s.table("older"))
	text, err := drafter.Draft(t.Context())
	if err != nil {
		t.Fatalf("Draft: %v", err)
	}
	if _, err := d.Backend.State(t.Context()); !errors.Is(err, migration.ErrNotManaged) {
		t.Errorf("Draft changed the database: %v", err)
	}
	other := s.managed(t)
	other.mustUp(files{"0001-draft.sql": string(text)})
	other.holds("old")
	other.holds("older")
}

// summary: the short query says what the history does.
func (s *suite) summary(t *testing.T) {
	if !able[backend.Summarizer](s, t) {
		t.Skip("the backend is no backend.Summarizer")
	}
	d := s.managed(t)
	summarizer := d.Backend.(backend.Summarizer)
	check := func(what string, applied ...migration.Version) {
		t.Helper()
		var want backend.Summary
		for _, v := range applied {
			want.Digest += v.Digest()
		}
		at, got, err := summarizer.Summary(t.Context())
		state, stateErr := d.Backend.State(t.Context())
		if err != nil || stateErr != nil || at != state || got != want {
			t.Errorf("%s: %s, %+v, %v, want %s, %+v", what, at, got, err, state, want)
		}
	}
	check("before anything is applied")
	f := s.undoable()
	d.mustUp(f)
	check("at 5", 1, 2, 5)
	if _, err := d.downTo(f, 2); err != nil {
		t.Fatal(err)
	}
	check("back at 2", 1, 2)
	d.mustUp(f)
	check("at 5 again", 1, 2, 5)
}

// copyFile: a copy goes to a new file and to no other.
func (s *suite) copyFile(t *testing.T) {
	if !able[backend.Copier](s, t) {
		t.Skip("the backend is no backend.Copier")
	}
	d := s.managed(t)
	copier := d.Backend.(backend.Copier)
	d.mustUp(files{"0001-a.sql": s.table("a", 1)})
	file := filepath.Join(t.TempDir(), "it's a copy ü.db")
	if err := copier.Copy(t.Context(), file); err != nil {
		t.Fatalf("Copy: %v", err)
	}
	text, err := os.ReadFile(file)
	if err != nil || len(text) == 0 {
		t.Errorf("the copy has %d bytes, %v", len(text), err)
	}
	fails(t, "Copy onto a file that is there", copier.Copy(t.Context(), file), fs.ErrExist)
	if after, err := os.ReadFile(file); err != nil || string(after) != string(text) {
		t.Errorf("Copy changed the file that was there: %v", err)
	}
	d.holds("a", 1)
}

// verify: a sound database is told to be sound.
func (s *suite) verify(t *testing.T) {
	if !able[backend.Verifier](s, t) {
		t.Skip("the backend is no backend.Verifier")
	}
	d := s.managed(t)
	verifier := d.Backend.(backend.Verifier)
	d.mustUp(files{"0001-a.sql": s.table("a", 1)})
	if found, err := verifier.Verify(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("Verify: %v, %v", found, err)
	}
}

// server: what a server says of making databases and of backups.
func (s *suite) server(t *testing.T) {
	creates, advises := able[backend.DatabaseCreator](s, t), able[backend.BackupAdviser](s, t)
	if !creates && !advises {
		t.Skip("the database is on no server")
	}
	d := s.managed(t)
	if creates {
		fails(t, "CreateDatabase for one that is there", d.Backend.(backend.DatabaseCreator).CreateDatabase(t.Context()), fs.ErrExist)
		d.at(0)
	}
	if !advises {
		return
	}
	command := d.Backend.(backend.BackupAdviser).BackupCommand()
	if command == "" {
		t.Error("no command for backups")
	}
	if at, err := url.Parse(d.Address); err == nil {
		if password, set := at.User.Password(); set && password != "" && strings.Contains(command, password) {
			t.Error("the command for backups holds the password")
		}
	}
}
