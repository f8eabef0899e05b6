package filelock

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

const (
	defaultTimeout = 30 * time.Second
	poll           = 25 * time.Millisecond
)

// Options says how a lock is waited for.
type Options struct {
	// Timeout is how long to wait for whoever holds the lock. 0 means 30 s,
	// negative not at all.
	Timeout time.Duration
	// Waiting is called once when the lock is held, with who holds it. It may
	// be nil.
	Waiting func(holder string)
	// Unwritable is the hint for a lock file that can't be made.
	Unwritable string
}

// Lock is a lock that is held. A nil Lock holds nothing.
type Lock struct{ file *os.File }

// Acquire takes the lock that stands for the file at path, waiting as long as
// the options say. The error wraps [migration.ErrBusyRun] where somebody kept
// it, and ctx's error where the wait was cancelled.
func Acquire(ctx context.Context, path string, o Options) (*Lock, error) {
	timeout := o.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	for began, told := time.Now(), false; ; {
		l, err := try(path)
		if l != nil || err != nil {
			return l, o.explain(err)
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
		case <-time.After(poll):
		}
	}
}

// explain returns err with what to do about it, where that is known.
func (o Options) explain(err error) error {
	var denied *fs.PathError
	if !errors.As(err, &denied) {
		return err
	}
	return &migration.Error{Op: "lock", Err: fmt.Errorf("cannot make the lock file: %w", err), Hint: o.Unwritable}
}

// try takes the lock if it is free. The file is removed when a run ends, while
// its lock is still held; so whoever gets a lock has to see whether the file it
// locked is still the one in the folder.
func try(path string) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return nil, err
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
	l := &Lock{f}
	l.sign()
	return l, nil
}

// sign writes into the file who holds the lock, for those who wait.
func (l *Lock) sign() {
	host, _ := os.Hostname()
	text := fmt.Sprintf("pid %d on %s since %s\n", os.Getpid(), host, time.Now().UTC().Format("2006-01-02 15:04:05 UTC"))
	_ = l.file.Truncate(0)
	_, _ = l.file.WriteAt([]byte(text), 0)
}

// Inherit returns the file to keep open in an outside program.
func (l *Lock) Inherit() []*os.File {
	if l == nil {
		return nil
	}
	return []*os.File{l.file}
}

// Close removes the file while its lock is held, and gives the lock back.
func (l *Lock) Close() error {
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
