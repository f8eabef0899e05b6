package postgres

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"github.com/fastmigrate/fastmigrate/migration"
)

// cancelPatience is how long a cancelled statement may take to end before the
// connection is given up.
const cancelPatience = 5 * time.Second

// prepareConfig sets what all our connections have in common: a name, the
// encoding that scripts are in, and cancelling by asking the server to.
func prepareConfig(c *pgconn.Config) {
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "fastmigrate"
	}
	c.RuntimeParams["client_encoding"] = "UTF8"
	c.BuildContextWatcherHandler = func(pc *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: pc, DeadlineDelay: cancelPatience}
	}
}

// connection is one connection that nobody else uses: ours, or one that a caller
// lends.
type connection struct {
	*pgconn.PgConn
	pgx     *pgx.Conn // the same connection, for functions
	backend *Backend
	public  string // the database's URL without the password
	schema  string // of our tables
	pid     int    // of the server's process; 0 where a pooler stands in between
	since   string // when that process began, as the server writes it

	// looked says that it was found out whether the table of a book that is not
	// that of numbered files is there, and its schema.
	looked, hasBook, hasSchemaToo bool

	*loan // nil where the connection is ours
}

// onPath returns the expression for the schema that has a table, among those on
// the search path, or else the first of those.
func onPath(table string) string {
	return `coalesce((SELECT n.nspname FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE c.oid = pg_catalog.to_regclass(` + literal(table) + `) AND n.nspname !~ '^pg_temp'), pg_catalog.current_schema())`
}

// connect gets a connection, and finds out which schema our tables are in and
// whether a pooler stands in between: then the process that answers is not the
// one that was named to us.
func (b *Backend) connect(ctx context.Context) (*connection, error) {
	c, err := b.lend(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.greet(ctx); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// lend gets a connection of which nothing is known yet.
func (b *Backend) lend(ctx context.Context) (*connection, error) {
	c, err := b.lender.lend(ctx)
	if err == nil {
		c.backend = b
	}
	return c, err
}

// greet finds out about a new connection what connect says.
func (c *connection) greet(ctx context.Context) error {
	rows, err := c.query(ctx, `SELECT pg_catalog.pg_backend_pid(),
		(SELECT backend_start FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()),
		`+c.backend.book.schema())
	if err == nil {
		err = c.speakUTF8(ctx)
	}
	if err != nil {
		return err
	}
	if pid, _ := strconv.Atoi(string(rows[0][0])); pid == int(c.PID()) {
		c.pid, c.since = pid, string(rows[0][1])
	}
	c.schema = c.backend.home.found(string(rows[0][2]))
	return nil
}

// server is a database by its URL.
type server struct {
	config *pgx.ConnConfig
	whole  string // the URL, for programs that we start
	public string // the URL without the password
}

// lend connects.
func (s *server) lend(ctx context.Context) (*connection, error) {
	conn, err := pgx.ConnectConfig(ctx, s.config)
	if err != nil {
		return nil, unreachable(s.public, err)
	}
	return &connection{PgConn: conn.PgConn(), pgx: conn, public: s.public}, nil
}

// close closes the connection; the server rolls back what is open. One that is
// lent is given back as it was.
func (c *connection) close() error {
	if c.loan != nil {
		return c.giveBack()
	}
	if c.IsClosed() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), cancelPatience)
	defer cancel()
	_ = c.Close(ctx) // there is nothing left that could be lost
	return nil
}

// query runs statements of ours and returns the rows of the last that has any.
func (c *connection) query(ctx context.Context, sql string) ([][][]byte, error) {
	watched, done := c.watched(ctx)
	results, err := c.Exec(watched, c.shielded(sql)).ReadAll()
	done()
	if err != nil {
		c.unshield()
		return nil, c.explain(ctx, err)
	}
	var rows [][][]byte
	for _, r := range results {
		if len(r.Rows) > 0 {
			rows = r.Rows
		}
	}
	return rows, nil
}

// exec runs statements of ours.
func (c *connection) exec(ctx context.Context, sql string) error {
	_, err := c.query(ctx, sql)
	return err
}

// rollback ends the transaction, if one is open, without its effects. Where the
// connection is gone the server does it.
func (c *connection) rollback() error {
	if c.IsClosed() || c.TxStatus() == 'I' {
		return nil
	}
	if c.enclosed() {
		return c.toSavepoint()
	}
	err := c.exec(context.Background(), "ROLLBACK")
	if err != nil {
		_ = c.close()
	}
	return nil
}

// meta returns the version table's name.
func (c *connection) meta() string { return quote(c.schema) + "._meta" }

// hasSchema fails where there is no schema that our tables could be in.
func (c *connection) hasSchema() error {
	if c.schema != "" {
		return nil
	}
	return &migration.Error{
		Op:   "open",
		Err:  errors.New("no schema of the search path exists, so there is no place for the version table"),
		Hint: "name a schema with ?schema= in the URL",
	}
}

// shell quotes a word for a shell where it needs it.
func shell(word string) string {
	if word != "" && strings.IndexFunc(word, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,", r)
	}) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
