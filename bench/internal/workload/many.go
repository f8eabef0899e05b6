package workload

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/fastmigrate/fastmigrate/bench/internal/contender"
	"github.com/fastmigrate/fastmigrate/bench/internal/measure"
	"github.com/fastmigrate/fastmigrate/bench/internal/program"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

// aFile is put behind the name of our own program where a process a file is
// beside one process that uses our library, which has the plain name.
const aFile = " by xargs"

func many(s Sizes) Workload {
	return Workload{
		Name: "many", Title: "Many databases",
		Text: fmt.Sprintf("%s new SQLite files with %d small migrations each, on all processors: fastmigrate is one process that "+
			"uses our library; all others, our own program among them, are a process a file, by `xargs -P %d`.", count(s.Databases), s.PerDatabase, runtime.NumCPU()),
		Make: []func(context.Context, *Bench) (race.Case, error){
			func(ctx context.Context, b *Bench) (race.Case, error) { return crowd(ctx, b, s) },
		},
	}
}

func crowd(ctx context.Context, b *Bench, s Sizes) (race.Case, error) {
	dir, remove, err := b.folder("many")
	if err != nil {
		return race.Case{}, err
	}
	c := race.Case{
		Name: "many", Title: fmt.Sprintf("%s databases, %d migrations each", count(s.Databases), s.PerDatabase), Family: "many",
		X: float64(s.Databases), Against: contender.SQLite3, Close: remove,
	}
	databases := filepath.Join(dir, "databases")
	list := filepath.Join(dir, "list")
	var names []string
	for i := range s.Databases {
		names = append(names, filepath.Join(databases, fmt.Sprintf("%d.db", i)))
	}
	if err := os.WriteFile(list, []byte(strings.Join(names, "\n")+"\n"), 0o600); err != nil {
		return c, err
	}
	add := func(name string, kind race.Kind, prepare func(context.Context) error, run measure.Command) {
		c.Entrants = append(c.Entrants, race.Entrant{
			Name: name, Kind: kind,
			Prepare: func(ctx context.Context) error {
				if err := os.RemoveAll(databases); err != nil {
					return err
				}
				if err := os.Mkdir(databases, 0o755); err != nil || prepare == nil {
					return err
				}
				return prepare(ctx)
			},
			Command: func() measure.Command { return run },
			Check: func(ctx context.Context) error {
				for _, db := range []string{names[0], names[len(names)-1]} {
					if err := expect(ctx, db, fmt.Sprintf("SELECT name FROM t%d", s.PerDatabase), "a"); err != nil {
						return err
					}
				}
				return nil
			},
		})
	}
	f := &files{dir: dir, texts: small(s.PerDatabase)}
	for _, who := range contender.Present(b.SQLite) {
		at, err := f.of(who)
		if err != nil {
			return c, err
		}
		if p := (program.Program{Package: "ours/many", C: who.Program.C}); who.Kind == race.Ours && (!p.C || b.Builder.HasC()) {
			p.Name = fmt.Sprintf("many-%t", p.C)
			bin, err := b.Builder.Path(ctx, p)
			if err != nil {
				return c, err
			}
			add(who.Name, who.Kind, nil, measure.Command{Args: []string{bin, at}, Stdin: list})
		}
		each := func(args []string) measure.Command {
			return measure.Command{Args: append([]string{"xargs", "-a", list, "-P", fmt.Sprint(runtime.NumCPU()), "-I{}"}, args...)}
		}
		var prepare func(context.Context) error
		if who.MustExist {
			prepare = func(ctx context.Context) error { return do(ctx, each(who.Empty(who.Bin, "{}").Args)) }
		}
		name := who.Name
		if who.Kind == race.Ours {
			name = strings.Replace(name, contender.Ours, contender.Ours+aFile, 1)
		}
		add(name, who.Kind, prepare, each(who.Up(who.Bin, "{}", at).Args))
	}
	return c, nil
}
