package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// lockSuffix is what the lock file has behind the database's name. It is a file
// of its own: closing any other descriptor on the database file itself would
// drop the locks that SQLite holds on it.
const lockSuffix = ".fastmigrate-lock"

const (
	defaultLockTimeout = 30 * time.Second
	lockPoll           = 25 * time.Millisecond
)

// lock lets one run at a time work on a database, across processes. It ends
// with the last process that holds its file: with us, or with an outside
// program that outlives us.
type lock struct{ file *os.File }

// acquire takes the lock of the database file, waiting as long as the options
// say.
func acquire(ctx context.Context, database string, o backend.SessionOptions) (*lock, error) {
	real, err := filepath.EvalSymlinks(database)
	if err != nil {
		real = database // it is not there yet
	}
	path := real + lockSuffix
	timeout := o.LockTimeout
	if timeout == 0 {
		timeout = defaultLockTimeout
	}
	for began, told := time.Now(), false; ; {
		l, err := try(path)
		if l != nil || err != nil {
			return l, err
		}
		holder := readHolder(path)
		if time.Since(began) >= timeout {
			return nil, &migration.Error{
				Op:   "lock",
				Err:  fmt.Errorf("%w%s", migration.ErrBusyRun, heldBy(holder)),
				Hint: "wait for it to end, or wait longer with --lock-timeout",
			}
		}
		if !told && o.Waiting != nil {
			o.Waiting(holder)
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the lock: %w", ctx.Err())
		case <-time.After(lockPoll):
		}
	}
}

// try takes the lock if it is free. The file is removed when a run ends, while
// its lock is still held; so whoever gets a lock has to see whether the file it
// locked is still the one in the folder.
func try(path string) (*lock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return nil, &migration.Error{
			Op: "lock", Err: fmt.Errorf("cannot make the lock file: %w", err),
			Hint: "the folder of the database must be writable for this user",
		}
	}
	got, err := tryLock(f)
	if err != nil || !got {
		return nil, errors.Join(err, f.Close())
	}
	ours, err := f.Stat()
	there, statErr := os.Stat(path)
	if err != nil || statErr != nil || !os.SameFile(ours, there) {
		return nil, f.Close()
	}
	l := &lock{f}
	l.sign()
	return l, nil
}

// sign writes into the file who holds the lock, for those who wait.
func (l *lock) sign() {
	host, _ := os.Hostname()
	text := fmt.Sprintf("pid %d on %s since %s\n", os.Getpid(), host, time.Now().UTC().Format("2006-01-02 15:04:05 UTC"))
	_ = l.file.Truncate(0)
	_, _ = l.file.WriteAt([]byte(text), 0)
}

// inherit returns the file to keep open in an outside program.
func (l *lock) inherit() []*os.File {
	if l == nil {
		return nil
	}
	return []*os.File{l.file}
}

// release removes the file while its lock is held, and gives the lock back.
func (l *lock) release() error {
	if l == nil {
		return nil
	}
	err := os.Remove(l.file.Name())
	if errors.Is(err, os.ErrNotExist) || runtime.GOOS == "windows" {
		err = nil // Windows does not remove a file that is open
	}
	return errors.Join(err, unlock(l.file), l.file.Close())
}

// readHolder returns what the holder of the lock wrote, or "".
func readHolder(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 512))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

func heldBy(holder string) string {
	if holder == "" {
		return ""
	}
	return ": " + holder
}
