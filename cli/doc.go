// Package cli is the command line of fastmigrate. A program gets all of it by
// one call, over the databases that it can open itself:
//
//	func main() { os.Exit(cli.Main(cli.Config{Open: open})) }
//
//	func open(ctx context.Context, t cli.Target) (backend.Backend, error) {
//		return connect.Open(ctx, t.Database, t.Migrations)
//	}
//
// With Config.Migrations these are the verbs of a program over the migrations in
// its code, which carries only the driver that it names.
//
// There is one file a verb. A verb returns what it has to say as a value, see
// json.go, which is then printed as text or as JSON; what happens during a run
// is told as it happens, see events.go. Errors become text in errors.go and
// exit codes in exit.go, and nowhere else.
//
// The reference of verbs, flags, exit codes and JSON is docs/CLI.md.
package cli
