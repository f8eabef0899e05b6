//go:build linux

package crashtest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// growing is a folder whose migrations make the database larger and larger:
// the second by some 100 KB, the fifth by some 2 MB, the others by little.
func growing(t *testing.T) folder {
	t.Helper()
	fill := func(rows string) string {
		return "INSERT INTO big WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + rows + ") SELECT zeroblob(1000) FROM n;\n"
	}
	f := folder{parts: map[int]int{1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1}, newest: 6}
	f.dir = makeFolder(t, map[string]string{
		"0001-log.sql":  "CREATE TABLE log (version INTEGER, part INTEGER);\nCREATE TABLE big (a);\nINSERT INTO log VALUES (1, 1);\n",
		"0002-fill.sql": fill("100") + "INSERT INTO log VALUES (2, 1);\n",
		"0003-own.sql":  "BEGIN;\nCREATE TABLE own (a);\nINSERT INTO log VALUES (3, 1);\nCOMMIT;\n",
		"0004-more.sql": "CREATE TABLE more (a);\nINSERT INTO log VALUES (4, 1);\n",
		"0005-fill.sql": "INSERT INTO log VALUES (5, 1);\n" + fill("2000"),
		"0006-last.sql": "CREATE TABLE last (a);\nINSERT INTO log VALUES (6, 1);\n",
	})
	return f
}

// starved checks what a run that found no room has left and said, and that the
// next one, with room, comes to the end.
func (r recovery) starved(t *testing.T, result outcome, told string) stand {
	t.Helper()
	s, err := r.examine(t)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(result.Error, told) || result.Hint == "" {
		t.Errorf("the error is %q (hint: %s), want one with %q", result.Error, result.Hint, told)
	}
	if result.End != "" && string(result.End) != strconv.Itoa(s.version) {
		t.Errorf("it stands at %v and says %s", s, result.End)
	}
	// No lock lies there that the next run would have to take over.
	if !absent(r.db + lockSuffix) {
		t.Error("the lock file was left")
	}
	if _, err := r.complete(t, s); err != nil {
		t.Error(err)
	}
	return s
}

// TestFileSizeLimit runs with a limit on the size of files that is met in the
// fifth migration, in the one transaction that it shares with the fourth. SQLite
// calls this an I/O error.
func TestFileSizeLimit(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			f := growing(t)
			r := recovery{f, filepath.Join(scratch(t), "app.db"), f.undisturbed(t, mode)}
			create(t, r.db, mode)
			result := order{Do: "up", DB: r.db, Dir: f.dir, FileSize: 1 << 20}.run(t)
			if s := r.starved(t, result, "0005-fill.sql: disk I/O error"); s.version != 4 {
				t.Errorf("stands at %v, want version 4", s)
			}
		})
	}
}

// TestDiskFullAtEveryWrite lets each writing system call in turn, and all of its
// kind behind it, fail because the disk is full.
func TestDiskFullAtEveryWrite(t *testing.T) {
	for i, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			f := growing(t)
			want := f.undisturbed(t, mode)
			template := filepath.Join(scratch(t), "template.db")
			create(t, template, mode)
			up := func(dir string) order {
				o := order{Do: "up", DB: filepath.Join(dir, "app.db"), Dir: f.dir}
				duplicate(t, template, o.DB)
				return o
			}
			var writes []point
			for _, p := range points(t, up(scratch(t))) {
				// The first writes who holds the lock, which may fail.
				if p.name == "pwrite64" && p.n > 2 {
					writes = append(writes, p)
				}
			}
			// Nine in ten are of the large migration.
			var some []point
			for n := i; n < len(writes); n++ {
				if some = append(some, writes[n]); !full() && n < 100 && !slow {
					n += 7
				} else if !full() {
					n += len(writes) / 10
				}
			}
			var stood tally
			each(t, some, func(p point, dir string) error {
				o := up(dir)
				r := recovery{f, o.DB, want}
				result := finish(t, traced(t, o, "/dev/null", p.injection("error=ENOSPC")+"+"))
				if result.Error == "" && mode == "wal" {
					// What is committed lies in the -wal, and can be copied later.
					stood.add("the end")
					_, err := r.complete(t, stand{version: f.newest})
					return err
				}
				told := "disk is full"
				if strings.Contains(p.line, `"\0"`) { // SQLite makes room in the shared memory
					told = "disk I/O error"
				}
				stood.add(r.starved(t, result, told).String())
				return nil
			})
			t.Logf("%d writes, the disk was full at %d; stood at %v", len(writes), len(some), &stood)
		})
	}
}

// inside, in the environment, says that the test runs where it may mount.
const inside = "FASTMIGRATE_CRASH_INSIDE"

// TestSmallDisk runs on a disk of 1 MB, for which it needs to be root or to be
// allowed to make a namespace of its own; TestDiskFullAtEveryWrite needs neither.
func TestSmallDisk(t *testing.T) {
	if os.Getenv(inside) == "" {
		cmd := exec.Command("/proc/self/exe", "-test.run=^TestSmallDisk$", "-test.v")
		cmd.Env = append(os.Environ(), inside+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
		if os.Getuid() != 0 {
			cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
			cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
		}
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Logf("NOT RUN: this user may not mount: %v", err)
			return
		}
		t.Logf("%s", out)
		if err != nil {
			t.Error(err)
		}
		return
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Logf("NOT RUN: this user may not mount: %v", err)
		return
	}
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			f := growing(t)
			dir := t.TempDir()
			r := recovery{f, filepath.Join(dir, "app.db"), f.undisturbed(t, mode)}
			if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
				t.Logf("NOT RUN: this user may not mount: %v", err)
				return
			}
			defer syscall.Unmount(dir, syscall.MNT_DETACH)
			create(t, r.db, mode)
			result := order{Do: "up", DB: r.db, Dir: f.dir}.run(t)
			if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=40m"); err != nil {
				t.Fatal(err)
			}
			if s := r.starved(t, result, "disk is full"); s.version != 4 {
				t.Errorf("stands at %v, want version 4", s)
			}
		})
	}
}
