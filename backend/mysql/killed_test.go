package mysql_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/run"
)

// A server that is killed in the middle of runs has what the history says, and
// the next run finishes.
func TestServerKilled(t *testing.T) {
	server := testdb.MySQLServer(t, "innodb-flush-log-at-trx-commit=1")
	for round := range 6 {
		at := server.NewDatabase(t)
		create(t, at)
		var b strings.Builder
		const tables = 40
		for i := range tables {
			fmt.Fprintf(&b, "CREATE TABLE t%d (id INT PRIMARY KEY AUTO_INCREMENT, n INT);\nINSERT INTO t%d (n) VALUES (1);\nINSERT INTO t%d (n) VALUES (2);\nALTER TABLE t%d ADD COLUMN x INT;\n", i, i, i, i)
		}
		f := files{"0001-a.sql": b.String()}
		ended := make(chan error)
		go func() {
			_, err := to(context.Background(), t, at, f, plan.Goal{}, fastmigrate.Options{})
			ended <- err
		}()
		// Killed once that many tables are there.
		db := raw(t, at)
		for n := 0; n < 8+6*round; {
			if err := db.QueryRow("SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE()").Scan(&n); err != nil {
				t.Fatal(err)
			}
		}
		server.Kill()
		if err := <-ended; err == nil {
			t.Error("the run did not notice")
		}
		server.Start(t)
		done := 0
		_ = raw(t, at).QueryRow("SELECT coalesce(max(segments_done), 0) FROM _fastmigrate_history").Scan(&done)
		begun := ask(t, at, "SELECT statement FROM _fastmigrate_progress WHERE state = 'begun'")
		t.Logf("killed with %d of %d statements done, begun %q", done, 4*tables, begun)
		for i := range done / 4 {
			expect(t, at, fmt.Sprintf("SELECT n, x FROM t%d ORDER BY n", i), "1| 2|")
		}
		report := mustUp(t, at, f)
		for _, f := range report.Findings {
			t.Log(f)
		}
		for i := range tables {
			expect(t, at, fmt.Sprintf("SELECT n, x FROM t%d ORDER BY n", i), "1| 2|")
		}
	}
}

// Cancelling ends the statement on the server, and tells what became of it.
func TestCancel(t *testing.T) {
	for name, c := range map[string]struct{ statement, left, state string }{
		"rows":       {"INSERT INTO a SELECT 2 + sleep(600)", "1", "failed|2"},
		"definition": {"ALTER TABLE a ADD COLUMN x INT -- sleep(600)\n", "1", "failed|2"},
		"own":        {"START TRANSACTION; INSERT INTO a VALUES (9); DO sleep(600); COMMIT", "1", "failed|2"},
	} {
		t.Run(name, func(t *testing.T) {
			url := managed(t)
			f := files{"0001-a.sql": "CREATE TABLE a (id INT);\nINSERT INTO a SELECT 1 + sleep(0.3);\n" + c.statement + ";\nCREATE TABLE b (id INT);"}
			ctx, cancel := context.WithCancel(t.Context())
			db := raw(t, url)
			go func() {
				defer cancel()
				if name == "definition" { // waits for whoever uses the table
					untilRunning(db, "INSERT INTO a")
					_, _ = db.Exec("LOCK TABLES a READ")
				}
				untilRunning(db, "sleep(600)")
			}()
			_, err := to(ctx, t, url, f, plan.Goal{}, fastmigrate.Options{})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
			mention(t, err, "0001-a.sql:3", "2 of its 4")
			expect(t, url, "SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE() AND command = 'Query' AND info LIKE '%sleep(600%' AND id <> CONNECTION_ID()", "0")
			expect(t, url, "SELECT * FROM a", c.left)
			expect(t, url, "SELECT state, segments_done FROM _fastmigrate_history", c.state)
			expect(t, url, "SELECT owner FROM _fastmigrate_lock", "")
			db.Close()
			mustUp(t, url, files{"0001-a.sql": replace(f["0001-a.sql"], "sleep(600)", "sleep(0)")})
			at(t, url, 1)
		})
	}
}

// untilRunning waits until the server runs a statement with the words in it.
func untilRunning(db *sql.DB, words string) {
	for n := 0; n == 0; {
		if err := db.QueryRow("SELECT count(*) FROM information_schema.processlist WHERE info LIKE ? AND db = DATABASE() AND id <> CONNECTION_ID()", "%"+words+"%").Scan(&n); err != nil {
			return
		}
	}
}

// Of 32 programs at once each migration is applied by one.
func TestThirtyTwo(t *testing.T) {
	url := managed(t)
	f := files{}
	for i := 1; i <= 8; i++ {
		f[fmt.Sprintf("%04d-a.sql", i)] = fmt.Sprintf("CREATE TABLE t%d (id INT);\nINSERT INTO t%d VALUES (1);", i, i)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	applied := 0
	for range 32 {
		all.Go(func() {
			report, err := to(context.Background(), t, url, f, plan.Goal{}, fastmigrate.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			applied += len(report.Applied)
		})
	}
	all.Wait()
	if applied != 8 {
		t.Errorf("%d applied", applied)
	}
	at(t, url, 8)
	expect(t, url, "SELECT count(*) FROM _fastmigrate_history", "8")
}

// A run that is held up for longer than its lock lasts records nothing any
// more once another has taken it.
func TestFenced(t *testing.T) {
	url := managed(t)
	mustUp(t, url, files{"0001-a.sql": "CREATE TABLE a (id INT);"})
	// Taken over in the middle of a statement that changes rows.
	f := files{
		"0001-a.sql": "CREATE TABLE a (id INT);",
		"0002-b.sql": "INSERT INTO a VALUES (1);\nUPDATE _fastmigrate_lock SET owner = 'another', holder = 'pid 1 on elsewhere', expires = '2030-01-01';\nINSERT INTO a VALUES (2);",
	}
	err := fails(t, url, f, "pid 1 on elsewhere", "0002-b.sql")
	if !errors.Is(err, migration.ErrBusyRun) {
		t.Error(err)
	}
	expect(t, url, "SELECT count(*), (SELECT version FROM _meta) FROM a", "0|1")

	do(t, url, "UPDATE _fastmigrate_lock SET owner = 'another', holder = 'pid 1 on elsewhere', expires = UTC_TIMESTAMP(6) + INTERVAL 1 SECOND")
	holder := ""
	f["0002-b.sql"] = "INSERT INTO a VALUES (1);"
	if _, err := to(t.Context(), t, url, f, plan.Goal{}, fastmigrate.Options{LockTimeout: -1}); !errors.Is(err, migration.ErrBusyRun) {
		t.Error(err)
	}
	o := fastmigrate.Options{LockTimeout: 20 * time.Second, OnEvent: func(e fastmigrate.Event) {
		if w, ok := e.(run.Waiting); ok {
			holder = w.Holder
		}
	}}
	if _, err := to(t.Context(), t, url, f, plan.Goal{}, o); err != nil {
		t.Error(err)
	}
	if holder != "pid 1 on elsewhere" {
		t.Errorf("holder %q", holder)
	}
	at(t, url, 2)
}

// Another tool that moves the version meanwhile is noticed before anything is
// recorded.
func TestMoved(t *testing.T) {
	for name, script := range map[string]string{
		"whole":        "UPDATE _meta SET version = 5;",
		"by statement": "CREATE TABLE b (id INT);\nUPDATE _meta SET version = 5;\nINSERT INTO b VALUES (1);",
	} {
		t.Run(name, func(t *testing.T) {
			url := managed(t)
			if err := fails(t, url, files{"0001-a.sql": script}, "0001-a.sql"); !errors.Is(err, migration.ErrMoved) {
				t.Error(err)
			}
			expect(t, url, "SELECT version FROM _meta", "0")
		})
	}
}
