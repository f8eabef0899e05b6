package sqlscan_test

import (
	"testing"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

func TestMentions(t *testing.T) {
	for _, c := range []struct {
		text             string
		dialect          sqlscan.Dialect
		occurs, mentions bool
	}{
		{"INSERT INTO t VALUES (1)", sqlscan.SQLite, false, false},
		{"INSERT INTO t sElEcT 1", sqlscan.SQLite, true, true},
		{"INSERT INTO t VALUES ('select')", sqlscan.SQLite, true, false},
		{`INSERT INTO "select" VALUES (1) -- select`, sqlscan.SQLite, true, false},
		{"INSERT INTO selected VALUES (1)", sqlscan.SQLite, true, false},
		{"INSERT INTO t VALUES (1) returning", sqlscan.SQLite, true, true},
		{"INSERT INTO t VALUES (1) selec", sqlscan.SQLite, false, false},
		{"INSERT INTO t VALUES (/*!50003 (SELECT 1) */)", sqlscan.MySQL, true, true},
		{"INSERT INTO t VALUES (@@Identity)", sqlscan.MySQL, true, true},
		{"INSERT INTO t VALUES (`@@identity`)", sqlscan.MySQL, true, false},
	} {
		words := []string{"SELECT", "RETURNING", "@@IDENTITY"}
		if got := sqlscan.Occurs([]byte(c.text), words...); got != c.occurs {
			t.Errorf("Occurs(%q) = %v", c.text, got)
		}
		if got := sqlscan.Mentions([]byte(c.text), c.dialect, words...); got != c.mentions {
			t.Errorf("Mentions(%q) = %v", c.text, got)
		}
	}
}
