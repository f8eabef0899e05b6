package workload

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/bench/internal/contender"
	"github.com/fastmigrate/fastmigrate/bench/internal/measure"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
	"github.com/fastmigrate/fastmigrate/bench/internal/server"
)

// onServer is a case in which migrations are applied to a new database on a
// server.
type onServer struct {
	engine              server.Engine
	name, title, family string
	x                   float64
	texts               []contender.Text
	copies              bool          // there is COPY data in the texts
	trip                time.Duration // put before the server
	query, want         string        // shows that the work was done
}

func servers(s Sizes, e server.Engine) Workload {
	key, n := strings.ToLower(string(e)), s.Postgres
	if e == server.MariaDB {
		n = s.MariaDB
	}
	w := Workload{
		Name: key, Title: "Migrations on " + string(e), Axis: "milliseconds a round trip",
		Text: fmt.Sprintf("%s small migrations, each of which makes a table and puts a row into it, on the same machine and "+
			"behind a proxy that makes each round trip longer. The server syncs to disk as in production.", count(n)),
	}
	for _, trip := range s.Latencies {
		title := fmt.Sprintf("%s, %s migrations locally", e, count(n))
		if trip > 0 {
			title = fmt.Sprintf("%s, %s migrations, %v a round trip", e, count(n), trip)
		}
		w.Make = append(w.Make, onServer{
			engine: e, name: fmt.Sprintf("%s-%dms", key, trip.Milliseconds()), title: title, family: key,
			x: float64(trip.Milliseconds()), texts: small(n), trip: trip,
			query: fmt.Sprintf("SELECT name FROM t%d", n), want: "a",
		}.make)
	}
	return w
}

func serverScripts(s Sizes) Workload {
	w := Workload{
		Name: "server-script", Title: "One large script on a server",
		Text: "One migration of many INSERTs, a row each, and one of COPY data, locally. Peers hand a file's text to a driver, " +
			"which can't speak COPY.",
	}
	add := func(e server.Engine, what string, mb int, copies bool, make func(size int) (contender.Text, int)) {
		w.Make = append(w.Make, func(ctx context.Context, b *Bench) (race.Case, error) {
			text, rows := make(mb * megabyte)
			return onServer{
				engine: e, name: fmt.Sprintf("%s-%s-%d", strings.ToLower(string(e)), strings.ToLower(what), mb),
				title:  fmt.Sprintf("%s, %s MB of %s, %s rows", e, count(mb), what, count(rows)),
				family: strings.ToLower(string(e) + "-" + what), x: float64(mb), texts: []contender.Text{text}, copies: copies,
				query: "SELECT count(*) FROM t", want: fmt.Sprint(rows),
			}.make(ctx, b)
		})
	}
	add(server.Postgres, "INSERTs", s.ServerMB, false, inserts)
	add(server.MariaDB, "INSERTs", s.ServerMB, false, inserts)
	add(server.Postgres, "COPY", s.CopyMB, true, copies)
	return w
}

// make returns the case.
func (o onServer) make(_ context.Context, b *Bench) (race.Case, error) {
	dir, remove, err := b.folder(o.name)
	if err != nil {
		return race.Case{}, err
	}
	c := race.Case{Name: o.name, Title: o.title, Family: o.family, X: o.x, Against: contender.Psql, Close: remove}
	all := b.Postgres
	if o.engine == server.MariaDB {
		c.Against, all = contender.MariaDB, b.MariaDB
	}
	s, err := b.Server(o.engine)
	if err != nil {
		return c, err
	}
	address, err := s.Delayed(o.trip)
	if err != nil {
		return c, err
	}
	f := &files{dir: dir, texts: o.texts}
	database := ""
	for _, who := range contender.Present(all) {
		if o.copies && !who.Copy {
			c.Entrants = append(c.Entrants, race.Entrant{Name: who.Name, Kind: who.Kind, Cannot: "can't run COPY FROM stdin"})
			continue
		}
		at, err := f.of(who)
		if err != nil {
			return c, err
		}
		c.Entrants = append(c.Entrants, race.Entrant{
			Name: who.Name, Kind: who.Kind,
			Prepare: func(ctx context.Context) (err error) {
				if database != "" {
					if err := s.End(ctx, database); err != nil {
						return err
					}
				}
				database, err = s.Create(ctx)
				return err
			},
			Command: func() measure.Command { return who.Up(who.Bin, s.URL(address, database), at) },
			Check: func(ctx context.Context) error {
				got, err := s.Ask(ctx, database, o.query)
				if err == nil && got != o.want {
					err = fmt.Errorf("the work was not done: %s gives %q, want %q", o.query, got, o.want)
				}
				return err
			},
		})
	}
	c.Close = func() error {
		if database == "" {
			return remove()
		}
		return errors.Join(s.End(context.Background(), database), remove())
	}
	return c, nil
}
