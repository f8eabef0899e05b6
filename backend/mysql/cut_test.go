package mysql_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	neturl "net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/mysql"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// cutStatements are those of a script that is cut off at each point, with a
// query each that tells whether it took effect.
var cutStatements = []struct{ text, probe string }{
	{"CREATE TABLE a (id INT PRIMARY KEY AUTO_INCREMENT, n INT)", "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN ('a', 'z')"},
	{"INSERT INTO a (n) VALUES (1)", "SELECT count(*) FROM %s WHERE n IN (1, 2)"},
	{"INSERT INTO a (n) VALUES (3)", "SELECT count(*) FROM %s WHERE n IN (3, 4)"},
	{"ALTER TABLE a ADD COLUMN x INT, ADD INDEX an (n)", "SELECT count(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'x'"},
	{"UPDATE a SET n = n + 1", "SELECT count(*) FROM %s WHERE n = 2"},
	{"START TRANSACTION; INSERT INTO a (n) VALUES (10); INSERT INTO a (n) VALUES (11); COMMIT", "SELECT count(*) DIV 2 FROM %s WHERE n IN (10, 11)"},
	{"CREATE TRIGGER at BEFORE INSERT ON a FOR EACH ROW SET NEW.x = NEW.n", "SELECT count(*) FROM information_schema.triggers WHERE trigger_schema = DATABASE()"},
	{"DROP INDEX an ON a", ""},
	{"RENAME TABLE a TO z", "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'z'"},
	{"INSERT INTO z (n) VALUES (12)", "SELECT count(*) FROM %s WHERE n = 12"},
}

// Whatever packet of a run is the last that the server gets, or answers to,
// what the history says is there, and the next run finishes.
func TestCut(t *testing.T) {
	var script strings.Builder
	for _, s := range cutStatements {
		script.WriteString(s.text + ";\n")
	}
	f := files{"0001-a.sql": script.String(), "0002-b.sql": "INSERT INTO z (n) VALUES (20);\nINSERT INTO z (n) VALUES (21);\n"}
	step := 4
	if os.Getenv("FASTMIGRATE_CRASH_FULL") != "" {
		step = 1
	}
	server := testdb.MySQLServer(t)
	for _, after := range []bool{false, true} {
		over := false
		for n := 1; !over && !t.Failed(); n += step {
			at := server.NewDatabase(t)
			create(t, at)
			o := testdb.ProxyOptions{CutBefore: n}
			if after {
				o = testdb.ProxyOptions{CutAfter: n}
			}
			t.Run(fmt.Sprintf("%d,%t", n, after), func(t *testing.T) { cut(t, at, f, o, &over) })
		}
	}
}

func cut(t *testing.T, direct string, f files, o testdb.ProxyOptions, over *bool) {
	u, proxy := proxied(t, direct, o)
	b, err := mysql.Open(u.String(), mysql.Options{LockExpiry: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	m, err := fastmigrate.New(b, f.source(), fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Up(context.Background())
	b.Close()
	if err == nil && !proxy.Cut() {
		*over = true
		return
	}
	quiet(t, direct)
	history(t, direct)
	mustUp(t, direct, f)
	expect(t, direct, "SELECT version, (SELECT count(*) FROM _fastmigrate_progress AS p JOIN _fastmigrate_history AS h ON h.id = p.entry WHERE h.state <> 'applied') FROM _meta", "2|0")
	expect(t, direct, "SELECT n, x FROM z ORDER BY n", "2| 4| 10| 11| 12|12 20|20 21|21")
}

// quiet waits until the server is done with what it was sent.
func quiet(t *testing.T, url string) {
	t.Helper()
	u, _ := neturl.Parse(url)
	sum := sha256.Sum256([]byte(strings.TrimPrefix(u.Path, "/")))
	name := fmt.Sprintf("fastmigrate.%x", sum[:16])
	conn, err := raw(t, url).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var got int
	err = conn.QueryRowContext(t.Context(), "SELECT GET_LOCK(?, 20) + RELEASE_LOCK(?)", name, name).Scan(&got)
	if err != nil || got != 2 {
		t.Fatalf("a statement of the earlier run is still at work: %d, %v", got, err)
	}
}

// history checks that what the history says is applied is there, and that
// nothing else is but for what is marked as begun.
func history(t *testing.T, url string) {
	t.Helper()
	done, begun := 0, 0
	db := raw(t, url)
	_ = db.QueryRow("SELECT segments_done, (SELECT coalesce(max(statement), 0) FROM _fastmigrate_progress WHERE state = 'begun') FROM _fastmigrate_history WHERE to_state = '1'").Scan(&done, &begun)
	table := "a"
	if ask(t, url, cutStatements[8].probe) == "1" {
		table = "z"
	}
	for i, s := range cutStatements {
		if s.probe == "" || i+1 == begun {
			continue
		}
		is := 0
		probe := s.probe
		if strings.Contains(probe, "%s") {
			probe = fmt.Sprintf(probe, table)
		}
		_ = db.QueryRow(probe).Scan(&is) // where the table is not there it is not done
		if want := i < done; (is == 1) != want && !(i == 4 && done < 2) {
			t.Errorf("the history says %d, begun %d; of statement %d there is %d", done, begun, i+1, is)
		}
	}
}
