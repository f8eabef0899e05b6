// Command fastmigrate brings a database from the schema it has to the schema
// the program needs. See docs/CLI.md.
package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/cli"
	"github.com/fastmigrate/fastmigrate/connect"
)

// collectAt is how much garbage may gather, in percent of what lives. The
// process lives shortly and keeps little: a thousand small migrations end with
// the first collection, and a script of any size stays below 32 MB. Where more
// may gather, memory is touched for the first time instead, which costs as much.
const collectAt = 150

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	os.Exit(cli.Main(cli.Config{Open: open}))
}

// open returns the backend of whatever database the command line names.
func open(ctx context.Context, t cli.Target) (backend.Backend, error) {
	o := connect.Options{Exclusive: t.Run, Python: t.Python, Getenv: t.Getenv}
	o.SQLite.Alone = true
	return connect.OpenWith(ctx, t.Database, t.Migrations, o)
}
