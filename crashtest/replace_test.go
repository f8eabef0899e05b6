//go:build linux

package crashtest

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
)

// TestKillRestore kills the restoring of a backup at each writing system call:
// the database is what it was or what the backup holds, and never without what it
// was being kept; the next restore succeeds.
func TestKillRestore(t *testing.T) {
	for i, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			template := filepath.Join(scratch(t), "template.db")
			create(t, template, mode)
			fill := "INSERT INTO a WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) SELECT zeroblob(1000) FROM n"
			do(t, template, "CREATE TABLE a (b)", fill)
			backedUp := order{Do: "backup", DB: template, Target: template + ".backup"}
			if err := backedUp.here(t); err != nil {
				t.Fatal(err)
			}
			restored := content(t, backedUp.Target)
			do(t, template, "DELETE FROM a WHERE rowid % 3 = 0", "CREATE TABLE c AS SELECT * FROM a", fill)
			was := content(t, template)
			in := func(dir string) order {
				o := order{Do: "restore", DB: filepath.Join(dir, "app.db"), Target: backedUp.Target, Keep: filepath.Join(dir, "kept.db")}
				duplicate(t, template, o.DB)
				return o
			}
			all := points(t, in(scratch(t)))
			some := sample(all, mode, 8, i)
			var stood tally
			each(t, some, func(p point, dir string) error {
				o := in(dir)
				if killed, err := killAt(t, o, p); err != nil || !killed {
					return fmt.Errorf("killed: %v, %w", killed, err)
				}
				kept := !absent(o.Keep)
				if kept && content(t, o.Keep) != was {
					return errors.New("what is kept is not whole")
				}
				switch got := content(t, o.DB); {
				case got == was:
					stood.add("as it was")
				case got == restored && kept:
					stood.add("restored")
				default:
					return fmt.Errorf("the database is neither the old nor the new one, or the old one was not kept (%v)", kept)
				}
				wanted := []string{"app.db", "kept.db"}
				if kept {
					wanted = append(wanted, "kept.db"+lockSuffix, "again.db")
					o.Keep = filepath.Join(dir, "again.db")
				}
				if err := o.here(t); err != nil {
					return fmt.Errorf("restore again: %w", err)
				}
				if content(t, o.DB) != restored {
					return errors.New("restored again it is not what the backup holds")
				}
				if more := beside(t, dir, wanted...); len(more) > 0 {
					return fmt.Errorf("left behind: %q", more)
				}
				return nil
			})
			t.Logf("%d writing system calls, killed at %d of them; stood %v", len(all), len(some), &stood)
			if !slow && (stood.of("as it was") == 0 || stood.of("restored") == 0) {
				t.Error("not both were met")
			}
		})
	}
}

// onCopy is a folder that does not fit into one transaction.
func onCopy(t *testing.T) folder {
	t.Helper()
	f := folder{parts: map[int]int{1: 1, 2: 2, 3: 1, 4: 0, 5: 1}, newest: 5}
	f.dir = makeFolder(t, map[string]string{
		"0001-log.sql":  "CREATE TABLE log (version INTEGER, part INTEGER);\nINSERT INTO log VALUES (1, 1);\n",
		"0002-own.sql":  "BEGIN;\nINSERT INTO log VALUES (2, 1);\nCOMMIT;\nBEGIN;\nCREATE TABLE two (a);\nINSERT INTO log VALUES (2, 2);\nCOMMIT;\nVACUUM;\n",
		"0003-big.sql":  "CREATE TABLE big (a);\nINSERT INTO big WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) SELECT zeroblob(1000) FROM n;\nINSERT INTO log VALUES (3, 1);\n",
		"0004-none.sql": "VACUUM;\n",
		"0005-drop.sql": "DELETE FROM big WHERE rowid % 2 = 0;\nINSERT INTO log VALUES (5, 1);\n",
	})
	return f
}

// TestKillOnCopy kills a run that is all or nothing, and happens on a copy, at
// each writing system call: nothing of it came about, or all of it.
func TestKillOnCopy(t *testing.T) {
	for i, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			f := onCopy(t)
			want := f.undisturbed(t, mode)
			template := filepath.Join(scratch(t), "template.db")
			create(t, template, mode)
			up := func(dir string) order {
				o := order{Do: "up", DB: filepath.Join(dir, "app.db"), Dir: f.dir, Atomic: true}
				duplicate(t, template, o.DB)
				return o
			}
			all := points(t, up(scratch(t)))
			some := sample(all, mode, 8, i)
			var stood tally
			each(t, some, func(p point, dir string) error {
				o := up(dir)
				r := recovery{f, o.DB, want}
				if killed, err := killAt(t, o, p); err != nil || !killed {
					return fmt.Errorf("killed: %v, %w", killed, err)
				}
				s, err := r.examine(t)
				if err != nil {
					return err
				}
				if s != (stand{}) && s != (stand{version: f.newest}) {
					return fmt.Errorf("stands at %v", s)
				}
				stood.add(s.String())
				_, err = r.complete(t, s)
				return err
			})
			t.Logf("%d writing system calls, killed at %d of them; stood at %v", len(all), len(some), &stood)
			if !slow && (stood.of("version 0") == 0 || stood.of("version 5") == 0) {
				t.Error("not both were met")
			}
		})
	}
}
