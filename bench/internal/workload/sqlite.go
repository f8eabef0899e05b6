package workload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/fastmigrate/fastmigrate/bench/internal/contender"
	"github.com/fastmigrate/fastmigrate/bench/internal/measure"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

// onSQLite is a case in which migrations are applied to a fresh SQLite file.
type onSQLite struct {
	name, title, family string
	x                   float64
	texts               []contender.Text
	start               string // SQL that makes the state to start from; empty for no file at all
	query, want         string // shows that the work was done
}

// make returns the case.
func (o onSQLite) make(_ context.Context, b *Bench) (race.Case, error) {
	dir, remove, err := b.folder(o.name)
	if err != nil {
		return race.Case{}, err
	}
	c := race.Case{Name: o.name, Title: o.title, Family: o.family, X: o.x, Against: contender.SQLite3, Close: remove}
	f := &files{dir: dir, texts: o.texts}
	for i, who := range contender.Present(b.SQLite) {
		at, err := f.of(who)
		if err != nil {
			return c, err
		}
		db := filepath.Join(dir, fmt.Sprintf("%d.db", i))
		template := filepath.Join(dir, fmt.Sprintf("%d.start", i))
		c.Entrants = append(c.Entrants, race.Entrant{
			Name: who.Name, Kind: who.Kind,
			Prepare: func(ctx context.Context) error { return o.fresh(ctx, who, db, template) },
			Command: func() measure.Command { return who.Up(who.Bin, db, at) },
			Check:   func(ctx context.Context) error { return expect(ctx, db, o.query, o.want) },
		})
	}
	return c, nil
}

// fresh puts a contender's database back to where it starts.
func (o onSQLite) fresh(ctx context.Context, who contender.Contender, db, template string) error {
	if err := removeDB(db); err != nil || o.start == "" && !who.MustExist {
		return err
	}
	if _, err := os.Stat(template); err != nil {
		if who.Empty != nil {
			if err := do(ctx, who.Empty(who.Bin, template)); err != nil {
				return err
			}
		}
		if _, err := ask(ctx, template, o.start); err != nil {
			return err
		}
	}
	return copyFile(template, db)
}

// removeDB removes a SQLite file and what stands beside it.
func removeDB(db string) error {
	left, err := filepath.Glob(db + "*")
	for _, file := range left {
		err = errors.Join(err, os.Remove(file))
	}
	return err
}

// expect fails where a query does not give what it should.
func expect(ctx context.Context, db, query, want string) error {
	got, err := ask(ctx, db, query)
	if err == nil && got != want {
		err = fmt.Errorf("the work was not done: %s gives %q, want %q", query, got, want)
	}
	return err
}

// ask runs SQL by the shell and returns what it printed.
func ask(ctx context.Context, db, sql string) (string, error) {
	out, err := exec.CommandContext(ctx, contender.SQLite3, "-bail", db, sql).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("sqlite3 %s: %w\n%s", db, err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// do runs a command that is not measured.
func do(ctx context.Context, c measure.Command) error {
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Dir, cmd.Env = c.Dir, append(os.Environ(), c.Env...)
	if c.Stdin != "" {
		in, err := os.Open(c.Stdin)
		if err != nil {
			return err
		}
		defer in.Close()
		cmd.Stdin = in
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", c, err, out[max(0, len(out)-2000):])
	}
	return nil
}

// copyFile copies a file, down to the disk, so that no run pays for the copy.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	if e := out.Close(); err == nil {
		err = e
	}
	return err
}
