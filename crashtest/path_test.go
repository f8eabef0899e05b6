//go:build linux

package crashtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
)

// TestOddPaths makes, migrates and backs up databases whose names mean something
// to a shell, to SQL or to a URL.
func TestOddPaths(t *testing.T) {
	f := everySort
	want := f.undisturbed(t, "delete")
	for _, name := range []string{
		"with space.db", `quote'"` + "`.db", "a?mode=ro&x.db", "100%41.db", "per%cent.db", "a#b.db", "a:b.db", "file:c.db",
		":memory:.db", "-dash.db", "$HOME.db", "a\\b.db", "a;b,c.db", "line\nbreak.db", "über-数据库-🙂.db", "no utf-8 \xff.db",
	} {
		t.Run(strings.ToValidUTF8(name, "_"), func(t *testing.T) {
			t.Parallel()
			top := scratch(t)
			for _, path := range []string{filepath.Join(top, "dir of "+name, name), name} {
				r := recovery{f, path, want}
				if !filepath.IsAbs(path) {
					r.db = filepath.Join(top, "work", path)
					if err := os.Mkdir(filepath.Dir(r.db), 0o755); err != nil {
						t.Fatal(err)
					}
				}
				dir, err := filepath.Abs(f.dir)
				if err != nil {
					t.Fatal(err)
				}
				o := order{Do: "create and up", DB: path, Dir: dir, Python: needPython(t)}
				if strings.HasPrefix(path, "file:") { // which Python's SQLite may take for a URL
					continue
				}
				if strings.Contains(name, "\xff") { // JSON can't carry it
					if !filepath.IsAbs(path) {
						continue
					}
					if err := o.here(t); err != nil {
						t.Fatal(err)
					}
				} else {
					cmd := o.command(t)
					if !filepath.IsAbs(path) {
						cmd.Dir = filepath.Dir(r.db)
					}
					if result := finish(t, cmd); result.Error != "" {
						t.Fatalf("%s (hint: %s)", result.Error, result.Hint)
					}
				}
				if err := r.completed(t); err != nil {
					t.Fatal(err)
				}
				b := sqlitefile.Open(r.db)
				if err := fastmigrate.Backup(t.Context(), b, r.db+".copy"); err != nil {
					t.Fatal(err)
				}
				b.Close()
				if content(t, r.db+".copy") != want {
					t.Error("the copy differs")
				}
				base := filepath.Base(r.db)
				if more := beside(t, filepath.Dir(r.db), base, base+".ran", base+".copy"); len(more) > 0 {
					t.Errorf("left behind: %q", more)
				}
			}
		})
	}
}

// TestSymlink runs on a link to a database. Lock and journal lie beside the real
// file, so that a run under the other name meets them.
func TestSymlink(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			top := scratch(t)
			for _, dir := range []string{"real", "link"} {
				if err := os.Mkdir(filepath.Join(top, dir), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			real, link := filepath.Join(top, "real", "app.db"), filepath.Join(top, "link", "other.db")
			create(t, real, mode)
			if err := os.Symlink("../real/app.db", link); err != nil {
				t.Fatal(err)
			}
			long := newLong(t)
			p := order{Do: "up", DB: link, Dir: long.dir}.start(t, "ready")
			long.awaitWriting(t, real, mode)
			var others []started
			for _, name := range []string{real, link} {
				others = append(others, order{Do: "up", DB: name, Dir: long.dir, LockTimeout: -1}.start(t, "ready"))
			}
			for _, other := range others {
				if result := other.outcome(t); !result.Busy {
					t.Errorf("a second run says %+v", result)
				}
			}
			p.kill()
			if more := beside(t, filepath.Dir(link), "other.db"); len(more) > 0 {
				t.Errorf("beside the link: %q", more)
			}
			if absent(real+"-journal") && absent(real+"-wal") {
				t.Error("nothing to recover from was left")
			}
			long.shorten(t)
			if err := (order{Do: "up", DB: link, Dir: long.dir}).here(t); err != nil {
				t.Fatal(err)
			}
			if more := beside(t, filepath.Dir(real), "app.db"); len(more) > 0 {
				t.Errorf("left behind: %q", more)
			}
			long.finished(t, real)
		})
	}
}
