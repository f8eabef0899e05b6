package postgres_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/fastmigrate/fastmigrate/backend/postgres"
	"github.com/fastmigrate/fastmigrate/migration"
)

// A connection that can't be used says why.
func TestCallersUnfit(t *testing.T) {
	d := managed(t)
	refuses := func(what, says string, b *postgres.Backend) {
		t.Helper()
		_, err := b.State(t.Context())
		if !errors.Is(err, migration.ErrUnsupported) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", what, err)
		}
	}
	conn := connected(t, d.url)
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	refuses("in a transaction", "it has an open transaction", postgres.NewConn(conn, postgres.Options{}))
	if _, err := tx.Exec(t.Context(), "SELECT nix"); err == nil {
		t.Fatal("no error")
	}
	refuses("failed", "its transaction has failed", postgres.NewTx(tx, postgres.Options{}))
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	refuses("ended", "its transaction has ended", postgres.NewTx(tx, postgres.Options{}))
	rows, err := conn.Query(t.Context(), "SELECT generate_series(1, 100000)")
	if err != nil {
		t.Fatal(err)
	}
	refuses("in use", "it is in use", postgres.NewConn(conn, postgres.Options{}))
	rows.Close()
	conn.Close(t.Context())
	refuses("closed", "it is closed", postgres.NewConn(conn, postgres.Options{}))
	ended, err := handle(t, d.url).Begin()
	if err != nil {
		t.Fatal(err)
	}
	_ = ended.Rollback()
	refuses("ended, of database/sql", "already been committed or rolled back", postgres.NewSQLTx(ended, postgres.Options{}))

	another := sql.OpenDB(anotherDriver{})
	defer another.Close()
	refuses("another driver's", "not pgx's", postgres.NewDB(another, postgres.Options{}))
	c, err := another.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	refuses("another driver's connection", "not pgx's", postgres.NewSQLConn(c, postgres.Options{}))
	begun, err := c.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	refuses("another driver's transaction", "not pgx's", postgres.NewSQLTx(begun, postgres.Options{}))
}

// anotherDriver is one of database/sql that is not pgx's.
type anotherDriver struct{}

func (d anotherDriver) Connect(context.Context) (driver.Conn, error) { return d, nil }
func (d anotherDriver) Driver() driver.Driver                        { return d }
func (d anotherDriver) Open(string) (driver.Conn, error)             { return d, nil }
func (d anotherDriver) Prepare(string) (driver.Stmt, error)          { return nil, errors.New("unexpected") }
func (d anotherDriver) Begin() (driver.Tx, error)                    { return d, nil }
func (d anotherDriver) Commit() error                                { return nil }
func (d anotherDriver) Rollback() error                              { return nil }
func (d anotherDriver) Close() error                                 { return nil }

// A driver that wraps pgx's and shows it is as good as that.
func TestCallersWrapped(t *testing.T) {
	d := managed(t)
	config, err := pgx.ParseConfig(d.url)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(wrapping{stdlib.GetConnector(*config)})
	defer db.Close()
	if state, err := postgres.NewDB(db, postgres.Options{}).State(t.Context()); err != nil || state != "0" {
		t.Error(state, err)
	}
}

// wrapping is a driver that wraps another's connections.
type wrapping struct{ driver.Connector }

func (w wrapping) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := w.Connector.Connect(ctx)
	return wrapped{c}, err
}

type wrapped struct{ driver.Conn }

func (w wrapped) Raw() driver.Conn { return w.Conn }
