//go:build linux

package crashtest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// absent says that there is no file at a path.
func absent(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// version returns the version of a database by our engine.
func version(t *testing.T, db string) (migration.Version, error) {
	t.Helper()
	b := sqlitefile.Open(db)
	defer b.Close()
	return fastmigrate.Version(t.Context(), b)
}

// TestKillCreate kills the making of a database at each writing system call:
// it is there whole or not at all, and the next one succeeds.
func TestKillCreate(t *testing.T) {
	dir := scratch(t)
	in := func(dir string) order { return order{Do: "create", DB: filepath.Join(dir, "new", "app.db")} }
	var made atomic.Int32
	some := sample(points(t, in(dir)), "wal", 1, 0)
	each(t, some, func(p point, dir string) error {
		o := in(dir)
		if killed, err := killAt(t, o, p); err != nil || !killed {
			return fmt.Errorf("killed: %v, %w", killed, err)
		}
		if !absent(o.DB) {
			made.Add(1)
			if v, err := version(t, o.DB); err != nil || v != 0 {
				return fmt.Errorf("it was made, at version %d, %w", v, err)
			}
		}
		if err := o.here(t); err != nil {
			return fmt.Errorf("make it again: %w", err)
		}
		up := order{Do: "up", DB: o.DB, Dir: makeFolder(t, map[string]string{"0001-a.sql": "CREATE TABLE a (b);"})}
		if err := up.here(t); err != nil {
			return fmt.Errorf("and run: %w", err)
		}
		if more := beside(t, filepath.Dir(o.DB), "app.db"); len(more) > 0 {
			return fmt.Errorf("left behind: %q", more)
		}
		do(t, o.DB, "INSERT INTO a VALUES (1)")
		return nil
	})
	t.Logf("killed at %d writing system calls; the database was made %d times", len(some), made.Load())
}

// TestKillBackup kills a backup at each writing system call: the copy is there
// whole or not at all, and the next backup of the same name succeeds, or says
// that it is there.
func TestKillBackup(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			template := filepath.Join(scratch(t), "template.db")
			create(t, template, mode)
			do(t, template, "CREATE TABLE a (b)",
				"INSERT INTO a WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT zeroblob(1000) FROM n")
			want := content(t, template)
			in := func(dir string) order {
				o := order{Do: "backup", DB: filepath.Join(dir, "app.db"), Target: filepath.Join(dir, "copy.db")}
				duplicate(t, template, o.DB)
				return o
			}
			var whole atomic.Int32
			all := points(t, in(scratch(t)))
			some := sample(all, mode, 4, 0)
			each(t, some, func(p point, dir string) error {
				o := in(dir)
				if killed, err := killAt(t, o, p); err != nil || !killed {
					return fmt.Errorf("killed: %v, %w", killed, err)
				}
				if absent(o.Target) {
					if err := o.here(t); err != nil {
						return fmt.Errorf("back up again: %w", err)
					}
				} else {
					whole.Add(1)
				}
				if got := content(t, o.Target); got != want {
					return errors.New("the copy is not whole")
				}
				if got := content(t, o.DB); got != want {
					return errors.New("the database is not whole")
				}
				// Where the copy was whole, the next backup of its name does nothing.
				if more := beside(t, dir, "app.db", "copy.db"); len(more) > 0 && !slices.Equal(more, []string{"copy.db" + lockSuffix}) {
					return fmt.Errorf("left behind: %q", more)
				}
				return nil
			})
			t.Logf("%d writing system calls, killed at %d of them; the copy was there %d times", len(all), len(some), whole.Load())
		})
	}
}

// TestKillEnroll kills the adoption of a database at each writing system call:
// it is adopted whole or not at all, and the next attempt succeeds.
func TestKillEnroll(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			template := filepath.Join(scratch(t), "template.db")
			if err := os.WriteFile(template, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			do(t, template, "PRAGMA journal_mode = "+mode, "CREATE TABLE a (b)", "CREATE INDEX a_b ON a (b)", "INSERT INTO a VALUES (1), (2)")
			in := func(dir string) order {
				o := order{Do: "enroll", DB: filepath.Join(dir, "app.db"), Dir: filepath.Join(dir, "new", "migrations")}
				duplicate(t, template, o.DB)
				return o
			}
			o := in(scratch(t))
			some := sample(points(t, o), "wal", 1, 0)
			want := content(t, o.DB)
			draft, err := os.ReadFile(filepath.Join(o.Dir, fastmigrate.EnrollFile))
			if err != nil {
				t.Fatal(err)
			}
			var adopted atomic.Int32
			each(t, some, func(p point, dir string) error {
				o := in(dir)
				if killed, err := killAt(t, o, p); err != nil || !killed {
					return fmt.Errorf("killed: %v, %w", killed, err)
				}
				err := o.here(t)
				if errors.Is(err, migration.ErrManaged) {
					adopted.Add(1)
				} else if err != nil {
					return fmt.Errorf("enroll again: %w (hint: %s)", err, migration.HintOf(err))
				}
				if v, err := version(t, o.DB); err != nil || v != 1 {
					return fmt.Errorf("at version %d, %w", v, err)
				}
				if got := content(t, o.DB); got != want {
					return fmt.Errorf("content is\n%s\nwant\n%s", got, want)
				}
				if got, err := os.ReadFile(filepath.Join(o.Dir, fastmigrate.EnrollFile)); err != nil || string(got) != string(draft) {
					return fmt.Errorf("the draft is %q, %w", got, err)
				}
				if more := beside(t, o.Dir, fastmigrate.EnrollFile); len(more) > 0 {
					return fmt.Errorf("left behind: %q", more)
				}
				return nil
			})
			t.Logf("killed at %d writing system calls; adopted %d times", len(some), adopted.Load())
		})
	}
}
