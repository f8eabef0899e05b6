package owndatabase

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// session is the lock that lets one run at a time work on the database.
type session struct {
	*own
	lock *os.File
}

// Session takes the lock, waiting as long as the options say.
func (b *own) Session(ctx context.Context, o backend.SessionOptions) (backend.Session, error) {
	if _, err := b.State(ctx); err != nil {
		return nil, err
	}
	const which = ".run"
	lock, err := tryLock(b.store.Path + which)
	holder, _ := os.ReadFile(b.store.Path + which)
	if lock == nil && err == nil && o.LockTimeout >= 0 {
		if o.Waiting != nil {
			o.Waiting(string(holder) + " at work on the database")
		}
		if o.LockTimeout == 0 {
			o.LockTimeout = 30 * time.Second
		}
		patient, cancel := context.WithTimeout(ctx, o.LockTimeout)
		defer cancel()
		lock, err = b.store.lock(patient, which)
	}
	switch {
	case lock != nil && ctx.Err() == nil:
		_, _ = lock.WriteAt([]byte(fmt.Sprintf("process %07d", os.Getpid())), 0)
		return &session{b, lock}, nil
	case lock != nil:
		return nil, errors.Join(ctx.Err(), lock.Close())
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err == nil || errors.Is(err, context.DeadlineExceeded):
		return nil, &migration.Error{
			Op: "lock", Err: fmt.Errorf("%w: %s", migration.ErrBusyRun, holder), Hint: "wait for it to end",
		}
	}
	return nil, err
}

// Close gives the lock back.
func (s *session) Close() error {
	if err := s.lock.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// move is a transaction in which the database goes from one of the states to
// another. Other programs do not take our lock: what is not compared in the
// transaction is not known.
func (s *session) move(ctx context.Context, e migration.Entry, from []migration.State, f func(*Data, *migration.Entry) error) error {
	return s.store.Update(ctx, func(d *Data) error {
		r, err := recordOf(*d)
		if err != nil {
			return err
		}
		if !slices.Contains(from, r.Version.State()) {
			return &migration.Error{
				Op: "apply", Err: fmt.Errorf("%w: from %s to %d", migration.ErrMoved, from[0], r.Version),
				Hint: "find out what else migrates this database; then run again",
			}
		}
		last := len(r.History) - 1
		e.ID, e.StartedAt = int64(len(r.History)+1), time.Now().UTC()
		if last >= 0 && r.History[last].Status == migration.Begun && r.History[last].Name == e.Name {
			e.ID, e.StartedAt = r.History[last].ID, r.History[last].StartedAt
			r.History = r.History[:last]
		}
		if err := f(d, &e); err != nil {
			return err
		}
		if e.Status != migration.Begun {
			e.FinishedAt = time.Now().UTC()
			e.Duration = e.FinishedAt.Sub(e.StartedAt).Truncate(time.Millisecond)
		}
		if e.Ended() {
			r.Version, err = e.To.Version()
		}
		r.History = append(r.History, e)
		return errors.Join(err, r.keep(d))
	})
}

// Apply executes a script and records it, in one transaction.
func (s *session) Apply(ctx context.Context, w backend.Work) (result backend.Result, err error) {
	began := time.Now()
	script, ok := w.Step.Body().(*migration.SQL)
	if !ok {
		return result, migration.ErrUnsupported
	}
	err = s.move(ctx, w.Entry, []migration.State{w.Step.From}, func(d *Data, e *migration.Entry) error {
		sum, _, err := statements(script, func(statement string, line int) error {
			result.Statements++
			err := ctx.Err()
			if err == nil {
				err = d.Execute(ctx, statement)
			}
			if err != nil {
				return &migration.Error{
					Op: "apply", Origin: migration.Origin{File: script.Name, Line: line}, Statement: statement, Err: err,
				}
			}
			return nil
		})
		if err == nil && sum != w.Step.Traits.Checksum {
			err = fmt.Errorf("%w: it is not the text that was planned", migration.ErrChanged)
		}
		e.Status, e.SegmentsDone = migration.Applied, 1
		return err
	})
	result.Duration = time.Since(began)
	return result, err
}

// Begin records that an outside program begins, and keeps the lock open in it.
func (s *session) Begin(ctx context.Context, w backend.Work) (backend.Launch, error) {
	return backend.Launch{Argument: s.store.Path, Inherit: []*os.File{s.lock}}, s.mark(ctx, w.Entry, migration.Begun)
}

// End records how the program ended. It may have moved the version by itself.
func (s *session) End(ctx context.Context, w backend.Work, failure error) (backend.Result, error) {
	if failure == nil {
		return backend.Result{}, s.mark(ctx, w.Entry, migration.Applied, w.Step.To)
	}
	w.Entry.Error = failure.Error()
	return backend.Result{}, s.mark(ctx, w.Entry, migration.Failed)
}

// Mark records an entry without running anything.
func (s *session) Mark(ctx context.Context, e migration.Entry) error { return s.mark(ctx, e, e.Status) }

func (s *session) mark(ctx context.Context, e migration.Entry, status migration.Status, also ...migration.State) error {
	return s.move(ctx, e, append([]migration.State{e.From}, also...), func(_ *Data, e *migration.Entry) error {
		e.Status = status
		return nil
	})
}

// statements hands a script's statements to do, a line each, and returns the
// checksum and the size of the text, which is never held as a whole.
func statements(script *migration.SQL, do func(statement string, line int) error) (migration.Checksum, int64, error) {
	text, err := script.Open()
	if err != nil {
		return "", 0, err
	}
	defer text.Close()
	var digest migration.Digest
	lines := bufio.NewReader(io.TeeReader(text, &digest))
	for n := 1; err == nil; n++ {
		var line string
		if line, err = lines.ReadString('\n'); err != nil && !errors.Is(err, io.EOF) {
			return "", 0, err
		}
		line = strings.TrimSpace(strings.TrimPrefix(line, "\uFEFF"))
		if line == "" || line[0] == '#' {
			continue
		}
		if err := do(line, n); err != nil {
			return "", 0, err
		}
	}
	sum, size := digest.Sum()
	return sum, size, nil
}
