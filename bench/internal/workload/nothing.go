package workload

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fastmigrate/fastmigrate/bench/internal/contender"
	"github.com/fastmigrate/fastmigrate/bench/internal/measure"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

// memory is a folder in memory, on Linux. States are made there where the disk
// would have to sync ten thousand times; they are measured on the disk.
const memory = "/dev/shm"

func nothing(s Sizes) Workload {
	w := Workload{
		Name: "nothing", Title: "Nothing to do", Axis: "migration files",
		Text: "The usual start of a program: all migrations are applied already. Each contender looks at a database that it " +
			"has brought there itself, which has as many tables as there are files. The shell reads one row of one of them, " +
			"for which SQLite reads the whole schema.",
	}
	for _, n := range s.Nothing {
		w.Make = append(w.Make, func(ctx context.Context, b *Bench) (race.Case, error) { return idle(ctx, b, n) })
	}
	return w
}

func idle(_ context.Context, b *Bench, n int) (race.Case, error) {
	name := fmt.Sprintf("nothing-%d", n)
	dir, remove, err := b.folder(name)
	if err != nil {
		return race.Case{}, err
	}
	c := race.Case{
		Name: name, Title: "nothing to do, " + count(n) + " files", Family: "nothing", X: float64(n), Against: contender.SQLite3, Close: remove,
	}
	f := &files{dir: dir, texts: small(n)}
	for _, who := range contender.Present(b.SQLite) {
		at, err := f.of(who)
		if err != nil {
			return c, err
		}
		db := b.applied(who, n)
		run := who.Idle
		if run == nil {
			run = who.Up
		}
		c.Entrants = append(c.Entrants, race.Entrant{
			Name: who.Name, Kind: who.Kind,
			Prepare: func(ctx context.Context) error { return apply(ctx, who, db, at) },
			Command: func() measure.Command { return run(who.Bin, db, at) },
			Check: func(ctx context.Context) error {
				return expect(ctx, db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name GLOB 't[1-9]*'", fmt.Sprint(n))
			},
		})
	}
	return c, nil
}

// applied returns where the database stands at which a contender has nothing to
// do: the same for all cases with as many migrations.
func (b *Bench) applied(who contender.Contender, n int) string {
	return filepath.Join(b.Dir, fmt.Sprintf("%s-%d.db", filepath.Base(who.Bin), n))
}

// apply makes such a database, once.
func apply(ctx context.Context, who contender.Contender, db, files string) error {
	if _, err := os.Stat(db); err == nil {
		return nil
	}
	at := filepath.Dir(db)
	if _, err := os.Stat(memory); err == nil {
		at = memory
	}
	dir, err := os.MkdirTemp(at, "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	made := filepath.Join(dir, "made.db")
	if who.MustExist {
		if err := do(ctx, who.Empty(who.Bin, made)); err != nil {
			return err
		}
	}
	if err := do(ctx, who.Up(who.Bin, made, files)); err != nil {
		return err
	}
	return copyFile(made, db)
}
