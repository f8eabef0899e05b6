//go:build linux

package crashtest

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// nobody is a user whom the permissions of files bind.
const nobody = 65534

// public returns a folder that all users can read, in which the test binary lies
// as "run".
func public(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for at := dir; at != os.TempDir() && at != "/"; at = filepath.Dir(at) {
		if err := os.Chmod(at, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	src, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	dst, err := os.OpenFile(filepath.Join(dir, "run"), os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(dst, src)
	if err := errors.Join(err, dst.Close()); err != nil {
		t.Fatal(err)
	}
	return dir
}

// asNobody carries an order out as a user who is not root.
func asNobody(t *testing.T, dir string, o order) outcome {
	t.Helper()
	cmd := o.command(t)
	self := exec.Command(filepath.Join(dir, "run"))
	self.Env, self.Dir = cmd.Env, dir
	if os.Getuid() == 0 {
		self.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return finish(t, self)
}

func TestReadOnly(t *testing.T) {
	dir := public(t)
	migrations := filepath.Join(dir, "migrations")
	if err := os.Mkdir(migrations, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(migrations, "0001-a.sql"), []byte("CREATE TABLE a (b);"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, mode := range modes {
		for _, tt := range []struct {
			name         string
			file, folder os.FileMode
			told         string
		}{
			{"file", 0o444, 0o777, "readonly database"},
			{"folder", 0o666, 0o555, "permission denied"},
			{"secret file", 0o000, 0o777, "unable to open database file"},
		} {
			t.Run(mode+"/"+tt.name, func(t *testing.T) {
				at := filepath.Join(dir, mode+tt.name)
				db := filepath.Join(at, "app.db")
				if err := os.Mkdir(at, 0o777); err != nil {
					t.Fatal(err)
				}
				create(t, db, mode)
				before, err := os.ReadFile(db)
				if err != nil {
					t.Fatal(err)
				}
				if err := errors.Join(os.Chmod(db, tt.file), os.Chmod(at, tt.folder)); err != nil {
					t.Fatal(err)
				}
				o := order{Do: "up", DB: db, Dir: migrations}
				result := asNobody(t, dir, o)
				told := strings.Contains(result.Error, tt.told)
				if mode == "wal" { // which SQLite can't even read without writing
					told = told || strings.Contains(result.Error, "readonly database") || strings.Contains(result.Error, "unable to open database file")
				}
				if !told || !strings.Contains(result.Hint, "writable") {
					t.Errorf("it says %q (hint: %s)", result.Error, result.Hint)
				}
				if more := beside(t, at, "app.db"); len(more) > 0 && (mode != "wal" || absent(db+"-shm") || !absent(db+lockSuffix)) {
					t.Errorf("left behind: %q", more)
				}
				if after, err := os.ReadFile(db); err != nil || string(after) != string(before) {
					t.Errorf("the file was changed; %v", err)
				}
				if err := errors.Join(os.Chmod(at, 0o777), os.Chmod(db, 0o666)); err != nil {
					t.Fatal(err)
				}
				for _, suffix := range []string{"-wal", "-shm"} {
					_ = os.Chmod(db+suffix, 0o666)
				}
				if result := asNobody(t, dir, o); result.Error != "" || result.End != "1" {
					t.Errorf("once it may write: %+v", result)
				}
			})
		}
	}
}
