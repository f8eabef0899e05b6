// Package workload holds the work that is measured, a file each: what is to be
// done, on which fresh state, by whom.
package workload

import (
	"context"
	"os"
	"path/filepath"

	"github.com/fastmigrate/fastmigrate/bench/internal/contender"
	"github.com/fastmigrate/fastmigrate/bench/internal/program"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
	"github.com/fastmigrate/fastmigrate/bench/internal/server"
)

// Workload is one of the kinds of work. Its cases are made one after the other,
// when their turn comes, and closed before the next, so that the disk holds the
// files of one.
type Workload struct {
	Name  string // for -only
	Title string
	Text  string // says what is done, for the page
	Axis  string // what grows, for the chart; empty where nothing does
	Make  []func(ctx context.Context, b *Bench) (race.Case, error)
}

// All returns the workloads of the given sizes.
func All(s Sizes) []Workload {
	return []Workload{
		nothing(s), smalls(s), scripts(s), heavy(s),
		servers(s, server.Postgres), servers(s, server.MariaDB), serverScripts(s), many(s), startup(), inside(s),
	}
}

// Bench is what all workloads stand on.
type Bench struct {
	Dir      string // for files that are removed in the end
	Builder  *program.Builder
	SQLite   []contender.Contender
	Postgres []contender.Contender
	MariaDB  []contender.Contender

	servers map[server.Engine]*server.Server
}

// Ready makes the contenders ready.
func (b *Bench) Ready(ctx context.Context) (err error) {
	if b.SQLite, err = contender.Ready(ctx, b.Builder, contender.ForSQLite()); err != nil {
		return err
	}
	if b.Postgres, err = contender.Ready(ctx, b.Builder, contender.ForPostgres()); err != nil {
		return err
	}
	b.MariaDB, err = contender.Ready(ctx, b.Builder, contender.ForMariaDB())
	return err
}

// Server returns a server, which is started when it is first asked for.
func (b *Bench) Server(e server.Engine) (*server.Server, error) {
	if s := b.servers[e]; s != nil {
		return s, nil
	}
	s, err := server.Start(e)
	if err != nil {
		return nil, err
	}
	if b.servers == nil {
		b.servers = map[server.Engine]*server.Server{}
	}
	b.servers[e] = s
	return s, nil
}

// Close ends the servers.
func (b *Bench) Close() error {
	var failed error
	for _, s := range b.servers {
		if err := s.Close(); err != nil {
			failed = err
		}
	}
	b.servers = nil
	return failed
}

// folder makes a folder for a case; the case's Close removes it.
func (b *Bench) folder(name string) (dir string, remove func() error, err error) {
	dir = filepath.Join(b.Dir, name)
	return dir, func() error { return os.RemoveAll(dir) }, os.MkdirAll(dir, 0o755)
}

// files are the migrations of a case, in the layout of each contender.
type files struct {
	dir     string
	texts   []contender.Text
	written map[string]string
}

// of returns where a contender's migrations are, which are written first where
// none wanted that layout before.
func (f *files) of(c contender.Contender) (string, error) {
	if at, ok := f.written[c.Layout.Key]; ok {
		return at, nil
	}
	at, err := c.Layout.Write(f.dir, f.texts)
	if err != nil {
		return "", err
	}
	if c.Hash != nil {
		if err := do(context.Background(), c.Hash(c.Bin, at)); err != nil {
			return "", err
		}
	}
	if f.written == nil {
		f.written = map[string]string{}
	}
	f.written[c.Layout.Key] = at
	return at, nil
}
