package workload

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fastmigrate/fastmigrate/bench/internal/contender"
	"github.com/fastmigrate/fastmigrate/bench/internal/measure"
	"github.com/fastmigrate/fastmigrate/bench/internal/program"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

// embedders are the programs that measure themselves, by the beginning of the
// names of the contenders that they stand for.
var embedders = map[string]string{
	"fastmigrate": "inside/ours", "goose": "inside/goose", "golang-migrate": "inside/migrate",
}

func inside(s Sizes) Workload {
	w := Workload{
		Name: "inside", Title: "Inside a running program", Axis: "embedded files",
		Text: "`Up` with nothing pending, called again and again in one program, with the migrations embedded in it. goose and " +
			"golang-migrate have read the names of the files before, when their objects were made; we read them each time.",
	}
	for _, n := range s.Embedded {
		w.Make = append(w.Make, func(ctx context.Context, b *Bench) (race.Case, error) { return embedded(ctx, b, n) })
	}
	return w
}

func embedded(ctx context.Context, b *Bench, n int) (race.Case, error) {
	name := fmt.Sprintf("inside-%d", n)
	dir, remove, err := b.folder(name)
	c := race.Case{
		Name: name, Title: "a call with nothing pending, " + count(n) + " embedded files", Family: "inside", X: float64(n), Inside: true, Close: remove,
	}
	if err != nil {
		return c, err
	}
	f := &files{dir: dir, texts: small(n)}
	for _, who := range contender.Present(b.SQLite) {
		first, _, _ := strings.Cut(who.Name, ",")
		source := embedders[first]
		if source == "" || who.Program.Name == "" {
			continue
		}
		at, err := f.of(who)
		if err != nil {
			return c, err
		}
		overlay := filepath.Join(dir, who.Program.Name+".json")
		if err := overlayOf(overlay, filepath.Join(b.Builder.Root, "bench", source, "migrations"), at); err != nil {
			return c, err
		}
		p := program.Program{Name: fmt.Sprintf("%s-inside-%d", who.Program.Name, n), Package: source, C: who.Program.C, Overlay: overlay}
		bin, err := b.Builder.Path(ctx, p)
		if err != nil {
			return c, err
		}
		db := b.applied(who, n)
		c.Entrants = append(c.Entrants, race.Entrant{
			Name: who.Name, Kind: who.Kind,
			Prepare: func(ctx context.Context) error { return apply(ctx, who, db, at) },
			Command: func() measure.Command { return measure.Command{Args: []string{bin, db}} },
		})
	}
	return c, nil
}

// overlayOf writes the file that makes the compiler see the files of one folder
// in another, in the place of what is there.
func overlayOf(file, in, from string) error {
	in, err := filepath.Abs(in)
	if err != nil {
		return err
	}
	replace := map[string]string{}
	old, err := os.ReadDir(in)
	if err != nil {
		return err
	}
	for _, e := range old {
		replace[filepath.Join(in, e.Name())] = ""
	}
	put, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range put {
		replace[filepath.Join(in, e.Name())] = filepath.Join(from, e.Name())
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
