package mysql_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/plan"
)

// inserts are n statements, of which each is a line, and inserts a row that has
// the number of its line from first on.
func inserts(first, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "INSERT INTO a (id, s) VALUES (%d, 'a; b -- c'); -- a comment; with a semicolon\n", first+i)
	}
	return b.String()
}

// Statements that change rows are sent together, and take few round trips.
func TestMessages(t *testing.T) {
	url := managed(t)
	u, proxy := proxied(t, url, testdb.ProxyOptions{})
	do(t, url, "CREATE TABLE a (id INT PRIMARY KEY, s TEXT)")
	mustUp(t, u.String(), files{"0001-a.sql": inserts(1, 5000)})
	if trips := proxy.RoundTrips(); trips > 100 {
		t.Errorf("%d round trips", trips)
	}
	expect(t, url, "SELECT count(*), min(s), max(s) FROM a", "5000|a; b -- c|a; b -- c")
	at(t, url, 1)
}

// In a character set in which a byte of a character may look like a quote or a
// backslash, the server might see the end of a statement elsewhere.
func TestMessagesNotInEveryCharacterSet(t *testing.T) {
	for charset, together := range map[string]bool{"utf8mb4": true, "latin1": true, "gbk": false, "sjis": false} {
		t.Run(charset, func(t *testing.T) {
			url := managed(t)
			u, proxy := proxied(t, url, testdb.ProxyOptions{})
			values := u.Query()
			values.Set("charset", charset)
			u.RawQuery = values.Encode()
			do(t, url, "CREATE TABLE a (id INT PRIMARY KEY, s TEXT)")
			mustUp(t, u.String(), files{"0001-a.sql": inserts(1, 300)})
			if trips := proxy.RoundTrips(); together != (trips < 300) {
				t.Errorf("%d round trips", trips)
			}
			expect(t, url, "SELECT count(*) FROM a", "300")
		})
	}
}

// The statement that fails among others in a message is named with its place,
// and those before it are kept, and counted, whatever triggers do.
func TestMessageFails(t *testing.T) {
	for name, c := range map[string]struct{ statement, place, why string }{
		"duplicate":   {"INSERT INTO a VALUES (3, '');", ":1", "Duplicate"},
		"syntax":      {"INSERT INTO a VALUES (1000, ''),\n  (1001 1);", "+1:9", "syntax"},
		"column":      {"INSERT INTO a (id,\n nowhere) VALUES (1000, '');", "+1:2", "nowhere"},
		"delimiter":   {"DELIMITER //\nINSERT INTO a VALUES (1000, '') -- x\n//\nINSERT INTO a VALUES (3, '')//\nDELIMITER ;", "+3:1", "Duplicate"},
		"from itself": {"INSERT INTO a VALUES ((SELECT max(a.id) FROM a AS a), '');", ":1", "Duplicate"},
	} {
		for _, before := range []int{3, 4, 7, 8, 9, 30, 700} {
			t.Run(fmt.Sprint(name, before), func(t *testing.T) {
				url := managed(t)
				do(t, url, "CREATE TABLE log (id INT); CREATE TABLE b (id INT);")
				do(t, url, "CREATE TABLE a (id INT PRIMARY KEY, s TEXT); CREATE TRIGGER ta BEFORE INSERT ON a FOR EACH ROW BEGIN INSERT INTO log VALUES (NEW.id); UPDATE log SET id = id + 1 LIMIT 1; END")
				line := 1 + before + 1
				place := fmt.Sprintf("0001-a.sql:%d%s", line, c.place)
				if below, ok := strings.CutPrefix(c.place, "+"); ok {
					var by int
					var column int
					fmt.Sscanf(below, "%d:%d", &by, &column)
					place = fmt.Sprintf("0001-a.sql:%d:%d", line+by, column)
				}
				good := before
				if name == "delimiter" {
					good++
				}
				f := files{"0001-a.sql": "ALTER TABLE b ADD n INT;\n" + inserts(1, before) + c.statement + "\n" + inserts(2000, 20)}
				fails(t, url, f, place, c.why, fmt.Sprintf("%d of its", good+1))
				expect(t, url, "SELECT count(*), (SELECT count(*) FROM log), (SELECT segments_done FROM _fastmigrate_history) FROM a", fmt.Sprintf("%d|%d|%d", good, good, good+1))
				f["0001-a.sql"] = "ALTER TABLE b ADD n INT;\n" + inserts(1, before) + inserts(2000, 20)
				if name == "delimiter" {
					f["0001-a.sql"] = "ALTER TABLE b ADD n INT;\n" + inserts(1, before) + strings.Replace(c.statement, "(3,", "(1999,", 1) + "\n" + inserts(2000, 20)
				}
				mustUp(t, url, f)
				at(t, url, 1)
			})
		}
	}
}

// A run that is interrupted while a message is at work has recorded what is
// there, and the next one goes on.
func TestMessageInterrupted(t *testing.T) {
	url := managed(t)
	do(t, url, "CREATE TABLE b (id INT); CREATE TABLE a (id INT PRIMARY KEY, s TEXT)")
	f := files{"0001-a.sql": "ALTER TABLE b ADD n INT;\n" + inserts(1, 12000)}
	for round := 0; ; round++ {
		if round == 100 {
			t.Fatal("it comes to no end")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(150+37*round)*time.Millisecond)
		_, err := to(ctx, t, url, f, plan.Goal{}, fastmigrate.Options{})
		cancel()
		expect(t, url, "SELECT (SELECT count(*) FROM a) - coalesce((SELECT greatest(max(segments_done) - 1, 0) FROM _fastmigrate_history), 0)", "0")
		if err == nil || t.Failed() {
			break
		}
	}
	expect(t, url, "SELECT count(*) FROM a", "12000")
	at(t, url, 1)
}

// A transaction that the server ends because of a deadlock leaves nothing that is
// taken for done.
func TestMessageDeadlock(t *testing.T) {
	url := managed(t)
	do(t, url, "CREATE TABLE a (id INT PRIMARY KEY, s TEXT); CREATE TABLE b (id INT); CREATE TABLE heavy (id INT)")
	other, err := raw(t, url).Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer other.Rollback()
	// The server ends the transaction that has changed less.
	for _, s := range []string{"INSERT INTO heavy SELECT seq FROM seq_1_to_5000", "INSERT INTO a VALUES (50, '')"} {
		if _, err := other.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	f := files{"0001-a.sql": "ALTER TABLE b ADD n INT;\n" + inserts(1, 100)}
	done := make(chan error, 1)
	go func() {
		_, err := up(t, url, f)
		done <- err
	}()
	for waiting := 0; waiting == 0; time.Sleep(200 * time.Millisecond) { // what the server tells is as old as a tenth of a second
		if err := other.QueryRow("SELECT count(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		if len(done) > 0 {
			t.Fatal("the row was not waited for: ", <-done)
		}
	}
	if _, err := other.Exec("UPDATE a SET s = 'mine' WHERE id = 1"); err != nil {
		t.Fatal("the other transaction was ended: ", err)
	}
	mention(t, <-done, "0001-a.sql:51:1", "Deadlock")
	if err := other.Rollback(); err != nil {
		t.Fatal(err)
	}
	expect(t, url, "SELECT count(*), (SELECT segments_done FROM _fastmigrate_history) FROM a", "0|1")
	mustUp(t, url, f)
	expect(t, url, "SELECT count(*), (SELECT segments_done FROM _fastmigrate_history) FROM a", "100|101")
}
