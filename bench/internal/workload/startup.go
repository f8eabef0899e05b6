package workload

import (
	"context"

	"github.com/fastmigrate/fastmigrate/bench/internal/contender"
	"github.com/fastmigrate/fastmigrate/bench/internal/measure"
	"github.com/fastmigrate/fastmigrate/bench/internal/program"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

// Empty is what the program that does nothing is called.
const Empty = "an empty Go program"

func startup() Workload {
	return Workload{
		Name: "startup", Title: "Start-up",
		Text: "What a program takes to say its version. `fastmigrate version` also looks whether there is a database.",
		Make: []func(context.Context, *Bench) (race.Case, error){versions},
	}
}

func versions(ctx context.Context, b *Bench) (race.Case, error) {
	dir, remove, err := b.folder("startup")
	c := race.Case{Name: "startup", Title: "version of the program", Family: "startup", Against: Empty, Close: remove}
	if err != nil {
		return c, err
	}
	add := func(name string, kind race.Kind, args ...string) {
		c.Entrants = append(c.Entrants, race.Entrant{
			Name: name, Kind: kind,
			Command: func() measure.Command { return measure.Command{Args: args, Dir: dir} },
		})
	}
	empty, err := b.Builder.Path(ctx, program.Program{Name: "empty", Package: "empty"})
	if err != nil {
		return c, err
	}
	add(Empty, race.Limit, empty)
	said := map[string]bool{}
	for _, all := range [][]contender.Contender{b.SQLite, b.Postgres, b.MariaDB} {
		for _, who := range contender.Present(all) {
			switch {
			case said[who.Name]:
			case who.Kind == race.Ours:
				add(who.Name, who.Kind, who.Bin, "version")
			case who.OnPath != "" && !who.Python:
				add(who.Name, who.Kind, who.Bin, versionFlag(who))
			}
			said[who.Name] = true
		}
	}
	return c, nil
}

func versionFlag(c contender.Contender) string {
	if c.Name == "atlas" {
		return "version"
	}
	return "--version"
}
