//go:build linux

package crashtest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestCrowd starts 48 processes at once on one database, on a path where there
// is none and on one that is there: each migration is applied once, and all of
// them end well.
func TestCrowd(t *testing.T) {
	const crowd = 48
	for _, mode := range modes {
		for _, do := range []string{"create and up", "up"} {
			if slow && (mode == "wal") == (do == "up") {
				continue
			}
			t.Run(mode+"/"+do, func(t *testing.T) {
				f := everySort
				if mode == "wal" {
					f = withWAL(t, f)
				}
				want := f.undisturbed(t, mode)
				r := recovery{f, filepath.Join(scratch(t), "app.db"), want}
				if do == "up" {
					create(t, r.db, mode)
				}
				o := order{Do: do, DB: r.db, Dir: f.dir, Python: needPython(t), Wait: true, LockTimeout: 5 * time.Minute}
				gate, open, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				cmds := make([]*exec.Cmd, crowd)
				for i := range cmds {
					cmds[i] = o.command(t)
					cmds[i].Stdin, cmds[i].Stdout = gate, new(bytes.Buffer)
					cmds[i].Stderr = cmds[i].Stdout
					if err := cmds[i].Start(); err != nil {
						t.Fatal(err)
					}
				}
				gate.Close()
				open.Close() // all of them see the end of their input
				applied := 0
				for _, cmd := range cmds {
					err := cmd.Wait()
					result := parse(t, cmd.Stdout.(*bytes.Buffer).Bytes(), "")
					if err != nil || result.Error != "" {
						t.Errorf("%v: %s (hint: %s)", err, result.Error, result.Hint)
					}
					applied += len(result.Applied)
				}
				if all := len(f.parts) + len(f.programs); applied != all {
					t.Errorf("%d migrations were applied, want %d", applied, all)
				}
				if err := r.completed(t); err != nil {
					t.Error(err)
				}
				for _, v := range []string{"8", "9"} {
					if n := lines(t, r.db+".ran", v); n != 1 {
						t.Errorf("program %s ran %d times", v, n)
					}
				}
			})
		}
	}
}

// withWAL returns the folder with a first migration that sets the journal mode,
// so that a database which is made from nothing has it.
func withWAL(t *testing.T, f folder) folder {
	t.Helper()
	files := map[string]string{"0001-wal.sql": "PRAGMA journal_mode = WAL;\n"}
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(f.dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	f.dir = makeFolder(t, files)
	parts := map[int]int{1: 0}
	for v, n := range f.parts {
		parts[v] = n
	}
	f.parts = parts
	return f
}
