package contender

import (
	"net/url"
	"strings"

	"github.com/fastmigrate/fastmigrate/bench/internal/measure"
	"github.com/fastmigrate/fastmigrate/bench/internal/program"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

// ForPostgres returns the contenders on PostgreSQL. A database is a URL.
func ForPostgres() []Contender {
	plain := func(db string) string { return db + "?sslmode=disable" }
	pair := func(bin, db, files string) measure.Command { return command(bin, plain(db), files) }
	return []Contender{
		own(Ours, "the program of `make build`: `fastmigrate up`", ours),
		{
			Name: "goose", Kind: race.Peer, How: "goose's Provider in a program of a few lines, over pgx",
			Program: program.Program{Name: "goose-postgres", Package: "peers/goose/postgres"}, Layout: gooses, Up: pair,
		},
		{
			Name: "golang-migrate", Kind: race.Peer, How: "golang-migrate in a program of a few lines, with its driver pgx/v5",
			Program: program.Program{Name: "migrate-postgres", Package: "peers/migrate/postgres"}, Layout: migrates, Up: pair,
		},
		{
			Name: "tern", Kind: race.Peer, How: "tern's Migrator in a program of a few lines",
			Program: program.Program{Name: "tern", Package: "peers/tern"}, Layout: terns, Up: pair,
		},
		dbmate(plain),
		atlas(plain),
		{
			Name: Psql, Kind: race.Limit, How: "the shell, all scripts as one: `psql -1`", OnPath: "psql", Layout: psqls, Copy: true,
			Real: "/usr/lib/postgresql/*/bin/psql", // Debian's on the PATH is in Perl, and takes 50 ms to find it
			Up: func(bin, db, files string) measure.Command {
				return command(bin, "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", files, db)
			},
		},
	}
}

// ForMariaDB returns the contenders on MariaDB. A database is a URL.
func ForMariaDB() []Contender {
	// Arguments are put into the text by the driver: a round trip less for each
	// record. golang-migrate asks for multiStatements.
	pair := func(bin, db, files string) measure.Command {
		return command(bin, dsn(db)+"?multiStatements=true&interpolateParams=true&parseTime=true", files)
	}
	return []Contender{
		own(Ours, "the program of `make build`: `fastmigrate up`", ours),
		{
			Name: "goose", Kind: race.Peer, How: "goose's Provider in a program of a few lines, over go-sql-driver/mysql",
			Program: program.Program{Name: "goose-mysql", Package: "peers/goose/mysql"}, Layout: gooses, Up: pair,
		},
		{
			Name: "golang-migrate", Kind: race.Peer, How: "golang-migrate in a program of a few lines, with its driver mysql",
			Program: program.Program{Name: "migrate-mysql", Package: "peers/migrate/mysql"}, Layout: migrates, Up: pair,
		},
		dbmate(func(db string) string { return db }),
		atlas(func(db string) string { return db }),
		{
			Name: MariaDB, Kind: race.Limit, How: "the shell, all scripts as one behind START TRANSACTION, which MariaDB commits at each CREATE TABLE",
			OnPath: "mariadb", Layout: mariadbs,
			Up: func(bin, db, files string) measure.Command {
				c := command(append([]string{bin}, MariaDBArgs(db)...)...)
				c.Stdin = files
				return c
			},
		},
	}
}

// MariaDBArgs returns the arguments with which the shell mariadb opens a
// database.
func MariaDBArgs(db string) []string {
	u, _ := url.Parse(db)
	return []string{
		"--no-defaults", "--batch", "--protocol=tcp", "--host=" + u.Hostname(), "--port=" + u.Port(),
		"--user=" + u.User.Username(), "--database=" + strings.TrimPrefix(u.Path, "/"),
	}
}

// dsn returns a database as go-sql-driver/mysql wants it named.
func dsn(db string) string {
	u, _ := url.Parse(db)
	return u.User.Username() + "@tcp(" + u.Host + ")" + u.Path
}
