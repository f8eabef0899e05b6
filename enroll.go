package fastmigrate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/newfile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// EnrollFile is the name of the first migration that Enroll writes.
const EnrollFile = "0001-initialize.sql"

// draftSuffix is what the draft has behind its name while it is written.
const draftSuffix = ".fastmigrate-new"

// Enroll adopts an existing database that has no version table: it writes its
// schema as the first migration into the folder dir, which is made where it is
// not there, and sets the version to 1. The draft has been run on an empty
// database and made the same schema.
//
// It returns the path of the draft. On an error nothing is left behind; what a
// killed run left is taken up by the next. The error wraps
// [migration.ErrManaged] where the database has a version already, and
// [fs.ErrExist] where the folder has a first migration already.
func Enroll(ctx context.Context, b backend.Backend, dir string) (string, error) {
	drafter, canDraft := b.(backend.Drafter)
	enroller, canEnroll := b.(backend.Enroller)
	if !canDraft || !canEnroll {
		return "", &migration.Error{
			Op: "enroll", Err: fmt.Errorf("write the schema of a %s database: %w", b.Name(), migration.ErrUnsupported),
			Hint: "let the database's own tool write it as " + EnrollFile + "; then fastmigrate enroll --at 1 adopts the database",
		}
	}
	if state, err := b.State(ctx); err == nil {
		return "", fmt.Errorf("%w, at version %s", migration.ErrManaged, state)
	} else if !errors.Is(err, migration.ErrNotManaged) {
		return "", err
	}
	draft, err := drafter.Draft(ctx)
	if err != nil {
		return "", err
	}
	if err := vacant(dir, draft); err != nil {
		return "", err
	}
	file, undo, err := publish(dir, draft)
	if err != nil {
		return "", err
	}
	m, err := New(b, source.Dir(dir), Options{})
	if err == nil {
		e := m.entry("0", "1", migration.Enrolled, EnrollFile)
		e.Checksum, _, err = migration.Sum(&migration.SQL{Name: EnrollFile, Reader: func() (io.ReadCloser, error) { return os.Open(file) }})
		if err == nil {
			err = enroller.Enroll(ctx, e)
		}
	}
	// Where another run was faster, the draft is what it has enrolled with.
	if err != nil && !errors.Is(err, migration.ErrManaged) {
		undo()
	}
	if err != nil {
		return "", err
	}
	return file, nil
}

// vacant fails where the folder has a migration with version 1 that is not the
// very draft: that one was left by a run that was killed.
func vacant(dir string, draft []byte) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read migrations folder: %w", err)
	}
	for _, entry := range entries {
		if v, _, _, ok := source.Parse(entry.Name()); ok && v == 1 && !(entry.Name() == EnrollFile && holds(filepath.Join(dir, EnrollFile), draft)) {
			return &migration.Error{
				Op:   "enroll",
				Err:  fmt.Errorf("%s is there already: %w", filepath.Join(dir, entry.Name()), fs.ErrExist),
				Hint: "if it makes the schema that the database has, fastmigrate enroll --at 1 adopts the database without a draft",
			}
		}
	}
	return nil
}

// publish writes the draft so that it appears whole or not at all, and returns
// its path and what takes it away again, folders included.
func publish(dir string, draft []byte) (file string, undo func(), err error) {
	made, err := newfile.MakeFolders(dir)
	undo = func() {
		for _, path := range made {
			_ = os.Remove(path)
		}
	}
	if err != nil {
		undo()
		return "", nil, fmt.Errorf("make the migrations folder: %w", err)
	}
	file = filepath.Join(dir, EnrollFile)
	if holds(file, draft) { // by a run that was killed
		_ = os.Remove(file + draftSuffix)
		return file, undo, nil
	}
	if err := writeNew(file, draft); err != nil {
		undo()
		return "", nil, fmt.Errorf("write the draft: %w", err)
	}
	made = append([]string{file}, made...)
	return file, undo, nil
}

// holds says whether a file has the text.
func holds(file string, text []byte) bool {
	got, err := os.ReadFile(file)
	return err == nil && bytes.Equal(got, text)
}

// writeNew writes a file that is not there yet, under another name first.
func writeNew(file string, text []byte) error {
	made := file + draftSuffix
	defer os.Remove(made)
	f, err := os.OpenFile(made, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := newfile.Move(made, file); err != nil {
		return err
	}
	return newfile.SyncFolder(filepath.Dir(file))
}
