package postgres_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/postgres"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// A migration that another program is in the way of is tried again, but not
// inside a transaction of the caller's, who gets the error.
func TestCallersRetry(t *testing.T) {
	each(t, func(t *testing.T, d *db, l *lent) {
		d.exec("CREATE TABLE busy (n int)")
		release := d.hold("LOCK TABLE busy")
		defer release()
		again := 0
		b := l.open(postgres.Options{LockTimeout: 20 * time.Millisecond, Retries: 1})
		m, err := fastmigrate.New(b, source.FS(files{"0001-a": "ALTER TABLE busy ADD m int"}.folder()), fastmigrate.Options{OnEvent: func(e fastmigrate.Event) {
			if p, ok := e.(fastmigrate.Progressed); ok && strings.Contains(p.Activity, "trying again") {
				again++
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = m.Up(t.Context())
		var server *pgconn.PgError
		if !errors.As(err, &server) || server.Code != "55P03" || again != map[bool]int{true: 0, false: 1}[l.within] {
			t.Errorf("tried again %d times, %v", again, err)
		}
		if got := l.ask("SELECT count(*) FROM work"); got != "1" {
			t.Errorf("the connection has lost what was done on it: %s", got)
		}
	})
}

// Where a caller's connection breaks while it commits, it is said that the
// outcome is not known: the connection is not ours to make anew.
func TestCallersBroken(t *testing.T) {
	each(t, func(t *testing.T, d *db, l *lent) {
		if l.within {
			return // there the caller commits
		}
		d.exec(`CREATE FUNCTION dies() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
			CREATE CONSTRAINT TRIGGER dies AFTER UPDATE ON _meta DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dies()`)
		_, err := l.over(t, source.FS(files{"0001-a": "CREATE TABLE a (n int)"}.folder()), fastmigrate.Options{}).Up(t.Context())
		if err == nil || !strings.Contains(err.Error(), "it is not known whether it was") || migration.HintOf(err) == "" {
			t.Error(err)
		}
		d.expect("SELECT version, to_regclass('a') FROM _meta", "0|<nil>")
	})
}

// A pooler may give each transaction another connection, so only a transaction
// can be worked in behind one.
func TestCallersPooler(t *testing.T) {
	d := managed(t)
	address := pooled(t, d.url)
	for name, lend := range callers {
		if name == "*pgxpool.Pool" || strings.HasPrefix(name, "*sql") {
			continue // as those beneath
		}
		l := lend(t, address+"?default_query_exec_mode=exec")
		s, err := l.open(postgres.Options{}).Session(t.Context(), backend.SessionOptions{})
		if l.within {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := s.Close(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := l.over(t, source.FS(files{"0001-a": "CREATE TABLE a (n int)"}.folder()), fastmigrate.Options{}).Up(t.Context()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if err := l.commit(); err != nil {
				t.Error(err)
			}
			continue
		}
		if !errors.Is(err, migration.ErrUnsupported) || !strings.Contains(err.Error(), "pooler") {
			t.Errorf("%s: %v", name, err)
		}
	}
	d.expect("SELECT version, to_regclass('a') FROM _meta", "1|a")
}
