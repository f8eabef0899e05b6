package mysql_test

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/mysql"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// What a statement does to a table that takes part in no transaction can't be
// committed with its mark: a run that is cut off there asks.
func TestBareTables(t *testing.T) {
	for name, c := range map[string]struct{ before, script, statement string }{
		"there before":       {"CREATE TABLE m (id INT) ENGINE=MyISAM", "DO 0;\nDO 1;\nINSERT INTO m VALUES (1)", "INSERT INTO m"},
		"made by the script": {"DO 0", "CREATE TABLE m (id INT) ENGINE=Aria;\nDO 1;\nINSERT INTO m VALUES (1)", "INSERT INTO m"},
		"locked":             {"CREATE TABLE m (id INT)", "LOCK TABLES m WRITE;\nDO 1;\nINSERT INTO m VALUES (1)", "INSERT INTO m"},
		"own transaction":    {"CREATE TABLE m (id INT) ENGINE=MyISAM", "DO 0;\nDO 1;\nBEGIN; INSERT INTO m VALUES (1); COMMIT", "INSERT INTO m"},
	} {
		t.Run(name, func(t *testing.T) {
			url := managed(t)
			do(t, url, c.before)
			f := files{"0001-a.sql": c.script + ";\nINSERT INTO m VALUES (2);\nUNLOCK TABLES;"}
			runUntil(t, url, f, c.statement)
			err := fails(t, url, f, "0001-a.sql:3:", "--retry 1", "--resume-from 4")
			if !errors.Is(err, migration.ErrUnfinished) {
				t.Error(err)
			}
			one := migration.Version(1)
			if _, err := to(t.Context(), t, url, f, plan.Goal{Retry: &one}, fastmigrate.Options{}); err != nil {
				t.Fatal(err, migration.HintOf(err))
			}
			at(t, url, 1)
			expect(t, url, "SELECT id FROM m", "1 2")
		})
	}
}

// text is a script of many statements that is in memory nowhere.
type text struct {
	head, tail string
	left       int64
	n          int
	buffer     []byte
}

func (r *text) Read(p []byte) (int, error) {
	if len(r.buffer) == 0 {
		switch {
		case r.head != "":
			r.buffer, r.head = []byte(r.head), ""
		case r.left > 0:
			r.n++
			r.buffer = fmt.Appendf(nil, "INSERT INTO big VALUES (%d, '%s');\n", r.n, strings.Repeat("x;", 500))
			r.left -= int64(len(r.buffer))
		case r.tail != "":
			r.buffer, r.tail = []byte(r.tail), ""
		default:
			return 0, io.EOF
		}
	}
	n := copy(p, r.buffer)
	r.buffer = r.buffer[n:]
	return n, nil
}

func (r *text) Close() error { return nil }

type one struct{ m migration.Migration }

func (o one) Migrations() ([]migration.Migration, error) { return []migration.Migration{o.m}, nil }

// A script of 50 MB is run in constant memory, statement by statement.
func TestLarge(t *testing.T) {
	at := managed(t)
	script := &migration.SQL{Name: "0001-big.sql", Reader: func() (io.ReadCloser, error) {
		return &text{head: "CREATE TABLE big (id INT PRIMARY KEY, s TEXT);\n", left: 50 << 20, tail: "CREATE TABLE after_ (id INT);\n"}, nil
	}}
	b := open(t, at)
	m, err := fastmigrate.New(b, one{migration.Migration{Version: 1, Name: "big", Up: script}}, fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	report, err := m.Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 16<<20 {
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
	n := report.Applied[0].Result.Statements
	expect(t, at, "SELECT count(*), (SELECT segments_done FROM _fastmigrate_history) FROM big", fmt.Sprintf("%d|%d", n-2, n))
}

// A statement that the server would not take is not sent.
func TestTooLarge(t *testing.T) {
	server := testdb.MySQLServer(t, "max-allowed-packet=1M")
	at := server.NewDatabase(t)
	create(t, at)
	u, _ := url.Parse(at)
	b, err := mysql.Open(u.String(), mysql.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b.Close()
	fails(t, at, files{"0001-a.sql": "CREATE TABLE a (s LONGTEXT);\nINSERT INTO a VALUES ('" + strings.Repeat("x", 2<<20) + "');"}, "0001-a.sql:2:1", "max_allowed_packet", "split")
}
