package postgres_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate"
)

// A connection that breaks during a statement outside of a transaction leaves
// open what came of it, also where the server can be reached again at once: it
// is not recorded as failed, so that the next run finds out.
func TestBrokenOutside(t *testing.T) {
	d := managed(t)
	f := files{
		"0001-a": "CREATE TABLE a (x int);",
		"0002-b": "-- fastmigrate: no-transaction\nCREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO a VALUES (1); COMMIT; PERFORM pg_sleep(60); END $$;\nCALL p();",
	}
	ended := make(chan error, 1)
	go func() {
		_, err := f.migrator(t, d.url, fastmigrate.Options{}).Up(context.Background())
		ended <- err
	}()
	for deadline := time.Now().Add(time.Minute); d.ask("SELECT count(*) FROM pg_class WHERE relname = 'a'") != "1" || d.ask("SELECT count(*) FROM a") != "1"; {
		if time.Now().After(deadline) {
			t.Fatal("the procedure never committed")
		}
		time.Sleep(20 * time.Millisecond)
	}
	d.ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event = 'PgSleep'")
	if err := <-ended; err == nil {
		t.Fatal("no error")
	}
	d.expect("SELECT state FROM _fastmigrate_history ORDER BY id DESC LIMIT 1", "begun")
	_, err := d.up(f)
	if err == nil || !strings.Contains(err.Error(), "nothing tells whether it took effect") {
		t.Errorf("the next run: %v", err)
	}
	d.expect("SELECT count(*) FROM a", "1")
}
