package owndatabase

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Open returns the backend of the database file at path.
func Open(path string) backend.Backend { return &own{Store{path}} }

// own is one database that can be migrated.
type own struct{ store Store }

// record is what we keep of migrations, in the database itself, so that it is
// part of the same transactions.
type record struct {
	Version migration.Version
	History []migration.Entry
}

// note is the name that we keep it under.
const note = "fastmigrate"

// recordOf returns the record. The error wraps [migration.ErrNotManaged] where
// there is none.
func recordOf(d Data) (r record, err error) {
	text, there := d.Notes[note]
	if !there {
		return r, &migration.Error{
			Op: "open", Err: fmt.Errorf("%w: it has no note %q", migration.ErrNotManaged, note),
			Hint: "create makes it",
		}
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("%w: %v", migration.ErrBadVersion, err)
	}
	return r, nil
}

// keep puts the record into the data.
func (r record) keep(d *Data) (err error) {
	d.Notes[note], err = json.Marshal(r)
	return err
}

// Name names the kind of database.
func (b *own) Name() string { return "own" }

// State reads where the database stands.
func (b *own) State(context.Context) (migration.State, error) {
	r, err := b.read()
	return r.Version.State(), err
}

// History reads the entries.
func (b *own) History(context.Context) ([]migration.Entry, error) {
	r, err := b.read()
	if errors.Is(err, migration.ErrNotManaged) {
		err = nil
	}
	return r.History, err
}

func (b *own) read() (record, error) {
	d, err := b.store.Read()
	if errors.Is(err, fs.ErrNotExist) {
		return record{}, &migration.Error{
			Op: "open", Err: fmt.Errorf("%w: %s", migration.ErrNoDatabase, b.store.Path), Hint: "check the path",
		}
	}
	if err != nil {
		return record{}, err
	}
	return recordOf(d)
}

// Create makes the record, at version 0.
func (b *own) Create(ctx context.Context) error {
	return b.store.Update(ctx, func(d *Data) error {
		if _, there := d.Notes[note]; there {
			return migration.ErrManaged
		}
		return record{}.keep(d)
	})
}

// Inspect reads the script once, before anything of it is executed.
func (b *own) Inspect(ctx context.Context, script *migration.SQL) (t migration.Traits, err error) {
	t.Wrapped, t.Segments = true, 1 // it runs in one transaction, with its record
	t.Checksum, t.Bytes, err = statements(script, func(string, int) error {
		t.Statements++
		return ctx.Err()
	})
	return t, err
}

// Close has nothing to let go of.
func (b *own) Close() error { return nil }
