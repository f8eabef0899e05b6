//go:build linux

package crashtest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/source"
)

// story is a random folder of migrations, each with the script that takes it
// back, and what a database has at each version when the scripts are simply
// executed one after the other, by the driver alone.
type story struct {
	*rand.Rand
	dir    string
	newest int
	plain  []string // content by version
}

// TestStories lets databases live through random schemas and data, killed runs,
// ways up and down, backups and restoring. Each time a database stands at a
// version it has what a plain run of the scripts up to there gives.
func TestStories(t *testing.T) {
	stories := 8
	if slow {
		stories = 3
	}
	for range stories {
		seed := rand.Uint64()
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			s := &story{Rand: rand.New(rand.NewPCG(seed, 0))}
			mode := modes[s.IntN(len(modes))]
			s.write(t, mode)
			s.live(t, mode)
		})
	}
}

// write makes the folder, and the plain database beside it.
func (s *story) write(t *testing.T, mode string) {
	t.Helper()
	s.dir = filepath.Join(t.TempDir(), "migrations")
	if err := os.MkdirAll(filepath.Join(s.dir, source.RollbackFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	db := filepath.Join(scratch(t), "plain.db")
	create(t, db, mode)
	s.plain = []string{content(t, db)}
	var tables []string
	for s.newest = 0; s.newest < 4+s.IntN(6); {
		s.newest++
		up, down := s.migration(&tables)
		name := fmt.Sprintf("%04d-step.sql", s.newest)
		for path, text := range map[string]string{name: up, filepath.Join(source.RollbackFolder, name): down} {
			if err := os.WriteFile(filepath.Join(s.dir, path), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		do(t, db, up, fmt.Sprintf("UPDATE _meta SET version = %d", s.newest))
		s.plain = append(s.plain, content(t, db))
	}
}

// migration returns a random script and the one that takes it back.
func (s *story) migration(tables *[]string) (up, down string) {
	if len(*tables) == 0 || s.IntN(3) == 0 {
		name := fmt.Sprintf("t%d", s.newest)
		*tables = append(*tables, name)
		up = fmt.Sprintf("CREATE TABLE %s (a INTEGER PRIMARY KEY, b TEXT, c%s);\n", name, []string{"", " NOT NULL DEFAULT 7", " CHECK (c IS NOT 'x')"}[s.IntN(3)])
		for range s.IntN(40) {
			up += fmt.Sprintf("INSERT INTO %s (b) VALUES ('%s');\n", name, strings.Repeat("it''s; ", s.IntN(30)))
		}
		return s.dress(up), fmt.Sprintf("DROP TABLE %s;\n", name)
	}
	table := (*tables)[s.IntN(len(*tables))]
	switch s.IntN(4) {
	case 0:
		return s.dress(fmt.Sprintf("ALTER TABLE %s ADD COLUMN d%d TEXT DEFAULT 'new';\n", table, s.newest)),
			fmt.Sprintf("ALTER TABLE %s DROP COLUMN d%d;\n", table, s.newest)
	case 1:
		return s.dress(fmt.Sprintf("CREATE INDEX i%d ON %s (b, a);\n", s.newest, table)), fmt.Sprintf("DROP INDEX i%d;\n", s.newest)
	case 2:
		return s.dress(fmt.Sprintf("CREATE TRIGGER g%[1]d AFTER DELETE ON %[2]s BEGIN UPDATE %[2]s SET b = 'gone; ' || old.a WHERE a = old.a + 1; END;\n", s.newest, table)),
			fmt.Sprintf("DROP TRIGGER g%d;\n", s.newest)
	}
	return s.dress(fmt.Sprintf("UPDATE %s SET b = b || '+%d';\n", table, s.newest)),
		fmt.Sprintf("UPDATE %s SET b = substr(b, 1, length(b) - %d);\n", table, len(fmt.Sprint(s.newest))+1)
}

// dress lets some scripts manage their own transaction.
func (s *story) dress(script string) string {
	switch s.IntN(4) {
	case 0:
		return "BEGIN TRANSACTION;\n" + script + "COMMIT;\n"
	case 1:
		return "PRAGMA foreign_keys = off;\nBEGIN;\n" + script + "COMMIT;\nPRAGMA foreign_keys = on;\n"
	}
	return script
}

// live lets a database be killed on its way up, and then go up and down, be
// backed up and restored.
func (s *story) live(t *testing.T, mode string) {
	t.Helper()
	db := filepath.Join(scratch(t), "app.db")
	create(t, db, mode)
	for range 4 {
		killed, err := killAfter(t, order{Do: "up", DB: db, Dir: s.dir}, time.Duration(s.Int64N(int64(15*time.Millisecond))))
		if err != nil {
			t.Fatal(err)
		}
		if at := s.at(t, db); !killed && at != s.newest {
			t.Fatalf("a run that was not killed ended at version %d of %d", at, s.newest)
		}
	}
	b := sqlitefile.Open(db)
	defer b.Close()
	m, err := fastmigrate.New(b, source.Dir(s.dir), fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	to := func(v int) {
		t.Helper()
		if _, err := m.Run(t.Context(), plan.Towards(migration.Version(v).State())); err != nil {
			t.Fatalf("to %d: %v", v, err)
		}
		if at := s.at(t, db); at != v {
			t.Fatalf("at %d, want %d", at, v)
		}
	}
	to(s.newest)
	for n := range 3 {
		kept := s.IntN(s.newest + 1)
		to(kept)
		copied := fmt.Sprintf("%s.%d", db, n)
		if err := fastmigrate.Backup(t.Context(), b, copied); err != nil {
			t.Fatal(err)
		}
		to(s.IntN(s.newest + 1))
		if _, err := fastmigrate.Restore(t.Context(), b, copied, backend.RestoreOptions{Keep: copied + ".kept"}); err != nil {
			t.Fatal(err)
		}
		if at := s.at(t, db); at != kept {
			t.Fatalf("restored to version %d, want %d", at, kept)
		}
	}
}

// at returns the version that a database stands at, and fails the test unless it
// has there what the plain one had.
func (s *story) at(t *testing.T, db string) int {
	t.Helper()
	handle := open(t, db)
	var version int
	if err := handle.QueryRow("SELECT version FROM _meta").Scan(&version); err != nil {
		t.Fatal(err)
	}
	if err := handle.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.plain[version], withoutHistory(content(t, db))); diff != "" {
		t.Fatalf("at version %d it is not what a plain run gives (-want +got):\n%s", version, diff)
	}
	return version
}

// withoutHistory leaves the history table out of a schema: plain runs have none.
func withoutHistory(text string) string {
	head, tail, found := strings.Cut(text, "table|"+historyTable+"|")
	if !found {
		return text
	}
	_, rest, _ := strings.Cut(tail, "\n)")
	return strings.TrimPrefix(strings.TrimSuffix(head, "\n")+rest, "\n")
}
