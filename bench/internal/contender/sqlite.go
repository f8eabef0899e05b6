package contender

import (
	"github.com/fastmigrate/fastmigrate/bench/internal/measure"
	"github.com/fastmigrate/fastmigrate/bench/internal/program"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

// The names of those that results are compared with.
const (
	Ours     = "fastmigrate"
	OursPure = "fastmigrate, pure Go"
	SQLite3  = "sqlite3"
	Psql     = "psql"
	MariaDB  = "mariadb"
)

// Our own programs. On servers the engine of SQLite does not matter.
var (
	ours     = program.Program{Name: "fastmigrate", Package: "cmd/fastmigrate", Parent: true, Made: true}
	oursC    = program.Program{Name: "fastmigrate", Package: "cmd/fastmigrate", Parent: true, Made: true, C: true}
	oursPure = program.Program{Name: "fastmigrate-pure", Package: "cmd/fastmigrate", Parent: true}
)

// ForSQLite returns the contenders on SQLite.
func ForSQLite() []Contender {
	pair := func(bin, db, files string) measure.Command { return command(bin, db, files) }
	return []Contender{
		own(Ours, "the program of `make build`, with SQLite's C engine: `fastmigrate up`", oursC),
		own(OursPure, "the same without a C compiler: SQLite translated to Go", oursPure),
		{
			Name: "goose, mattn", Kind: race.Peer, How: "goose's Provider in a program of a few lines, over mattn/go-sqlite3",
			Program: program.Program{Name: "goose-mattn", Package: "peers/goose/sqlite", C: true}, Layout: gooses, Up: pair,
		},
		{
			Name: "goose, modernc", Kind: race.Peer, How: "the same over modernc.org/sqlite",
			Program: program.Program{Name: "goose-modernc", Package: "peers/goose/sqlite"}, Layout: gooses, Up: pair,
		},
		{
			Name: "golang-migrate, mattn", Kind: race.Peer, How: "golang-migrate in a program of a few lines, with its driver sqlite3",
			Program: program.Program{Name: "migrate-mattn", Package: "peers/migrate/sqlite", C: true}, Layout: migrates, Up: pair,
		},
		{
			Name: "golang-migrate, modernc", Kind: race.Peer, How: "the same with its driver sqlite",
			Program: program.Program{Name: "migrate-modernc", Package: "peers/migrate/sqlite"}, Layout: migrates, Up: pair,
		},
		dbmate(func(db string) string { return "sqlite:" + db }),
		atlas(func(db string) string { return "sqlite://" + db }),
		{
			Name: "fastmigrate, Python", Kind: race.Peer, How: "the Python tool's `fastmigrate_run_migrations`",
			OnPath: "fastmigrate_run_migrations", Python: true, Layout: numbered, MustExist: true,
			Empty: func(bin, db string) measure.Command { return command("fastmigrate_create_db", "--db", db) },
			Up: func(bin, db, files string) measure.Command {
				return command(bin, "--db", db, "--migrations", files)
			},
		},
		{
			Name: SQLite3, Kind: race.Limit, How: "the shell, all scripts as one in one transaction; where nothing is to be done, it reads one row",
			OnPath: "sqlite3", Layout: sqlites,
			Up: func(bin, db, files string) measure.Command {
				return command(bin, "-bail", db, ".read '"+files+"'")
			},
			Idle: func(bin, db, _ string) measure.Command {
				return command(bin, "-bail", db, "SELECT name FROM t1 LIMIT 1")
			},
		},
	}
}

// own returns one of our own programs.
func own(name, how string, p program.Program) Contender {
	return Contender{
		Name: name, Kind: race.Ours, How: how, Program: p, Layout: numbered, Copy: true,
		Empty: func(bin, db string) measure.Command { return command(bin, "create", "--quiet", "--db", db) },
		Up: func(bin, db, files string) measure.Command {
			return command(bin, "up", "--create", "--quiet", "--db", db, "--migrations", files)
		},
	}
}

// dbmate is used as its documentation says, without the dump of the schema that
// it writes unless told.
func dbmate(url func(db string) string) Contender {
	return Contender{
		Name: "dbmate", Kind: race.Peer, How: "`dbmate --no-dump-schema migrate`", OnPath: "dbmate", Layout: dbmates,
		Up: func(bin, db, files string) measure.Command {
			return command(bin, "--url", url(db), "--migrations-dir", files, "--no-dump-schema", "migrate")
		},
	}
}

// atlas wants a file of hashes beside the migrations.
func atlas(url func(db string) string) Contender {
	return Contender{
		Name: "atlas", Kind: race.Peer, How: "`atlas migrate apply`", OnPath: "atlas", Layout: atlases,
		Hash: func(bin, files string) measure.Command {
			return command(bin, "migrate", "hash", "--dir", "file://"+files)
		},
		Up: func(bin, db, files string) measure.Command {
			return command(bin, "migrate", "apply", "--dir", "file://"+files, "--url", url(db))
		},
	}
}
