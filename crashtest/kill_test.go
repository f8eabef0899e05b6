//go:build linux

package crashtest

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// TestKillARun kills a run at each of its writing system calls in
// turn, looks at what is left, and runs again.
func TestKillARun(t *testing.T) {
	for i, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			folder := everySort
			want := folder.undisturbed(t, mode)
			template := filepath.Join(scratch(t), "template.db")
			create(t, template, mode)
			up := func(dir string) order {
				db := filepath.Join(dir, "app.db")
				duplicate(t, template, db)
				return order{Do: "up", DB: db, Dir: folder.dir, Python: needPython(t)}
			}
			all := points(t, up(scratch(t)))
			some := sample(all, mode, 6, i)
			var killed, retried atomic.Int32
			var stood tally
			each(t, some, func(p point, dir string) error {
				o := up(dir)
				r := recovery{folder, o.DB, want}
				if did, err := killAt(t, o, p); err != nil || !did {
					return err
				}
				killed.Add(1)
				s, err := r.examine(t)
				if err != nil {
					return err
				}
				stood.add(s.String())
				again, err := r.complete(t, s)
				if again {
					retried.Add(1)
				}
				return err
			})
			t.Logf("%d writing system calls, killed at %d of them; programs retried %d times; stood at %v",
				len(all), killed.Load(), retried.Load(), &stood)
			if int(killed.Load()) < len(some)*9/10 {
				t.Errorf("only %d of %d processes were killed", killed.Load(), len(some))
			}
			if slow {
				return
			}
			// Wherever something was committed by itself, some run was killed.
			for _, s := range []string{
				"version 0", "version 4", "version 5", "version 5, 6 begun with 1 commits", "version 6", "version 7",
				"version 7, 8 begun with 0 commits", "version 8", "version 8, 9 begun with 0 commits", "version 9", "version 11",
				"version 11, 12 begun with 1 commits", "version 11, 12 begun with 2 commits", "version 12", "version 13",
			} {
				if stood.of(s) == 0 {
					t.Errorf("no process was killed at %s", s)
				}
			}
		})
	}
}

// TestKillAProgram kills an outside program, and not the run that started it, at
// each of its writing system calls.
func TestKillAProgram(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			folder := everySort
			want := folder.undisturbed(t, mode)
			template := filepath.Join(scratch(t), "template.db")
			create(t, template, mode)
			// What is no Python stops the run at the program.
			before := order{Do: "up", DB: template, Dir: folder.dir, Python: "/bin/false"}
			if err := before.here(t); err == nil {
				t.Fatal("/bin/false runs Python")
			}
			killed := 0
			for _, call := range []string{"pwrite64", "write", "fsync", "fdatasync", "unlink"} {
				step := 2
				if full() {
					step = 1
				} else if slow {
					step = 4
				}
				for n := 1; ; n += step {
					r := recovery{folder, filepath.Join(scratch(t), "app.db"), want}
					duplicate(t, template, r.db)
					o := order{Do: "up", DB: r.db, Dir: folder.dir, Python: killing(t, point{name: call, n: n})}
					err := o.here(t)
					s, wrong := r.examine(t)
					if err == nil {
						wrong = r.completed(t)
					} else if wrong == nil {
						killed++
						if s != (stand{version: 8}) {
							t.Errorf("stands at %v after the program was killed", s)
						}
						_, wrong = r.complete(t, s)
					}
					if wrong != nil {
						t.Errorf("killed at %s %d (%v): %v", call, n, err, wrong)
					}
					if err == nil {
						break
					}
				}
			}
			t.Logf("killed at %d system calls", killed)
			if killed < 5 {
				t.Error("that is too few")
			}
		})
	}
}

// killing returns an interpreter that is killed at a system call of a program.
func killing(t *testing.T, p point) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "python")
	text := fmt.Sprintf("#!/bin/sh\nexec %s -qq -o /dev/null -e trace=%s -e '%s' %s \"$@\"\n",
		need(t, "strace"), p.name, p.injection("signal=SIGKILL"), needPython(t))
	if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}
