package fastmigrate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// keptBodies and keptBody bound what is kept in memory of the scripts of one
// plan, in bytes: all scripts together, and one of them. Opening a thousand
// small files twice takes longer than running them.
const (
	keptBodies = 8 << 20
	keptBody   = 64 << 10
)

// inspect fills in the traits of all steps' bodies, several at once: reading
// many small files is mostly waiting for the system. All scripts that must not
// be run come out as errors, so that they are mended at once.
func (m *Migrator) inspect(ctx context.Context, steps []plan.Step) error {
	var next, room atomic.Int64
	room.Store(keptBodies)
	errs := make([]error, len(steps))
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(steps)) {
		workers.Go(func() {
			buffer := make([]byte, keptBody+1)
			for i := int(next.Add(1)) - 1; i < len(steps); i = int(next.Add(1)) - 1 {
				errs[i] = m.inspectStep(ctx, &steps[i], &room, buffer)
			}
		})
	}
	workers.Wait()
	var refused []error
	for i, err := range errs {
		switch {
		case errors.Is(err, migration.ErrRefused):
			refused = append(refused, err)
		case err != nil:
			return unread(steps[i].File(), err)
		}
	}
	return errors.Join(refused...)
}

// inspectStep fills in the traits of one step's body, which the buffer is there
// to be read into.
func (m *Migrator) inspectStep(ctx context.Context, s *plan.Step, room *atomic.Int64, buffer []byte) (err error) {
	if code, ok := s.Body().(*migration.Go); ok {
		s.Traits = migration.Traits{Wrapped: true, SessionState: true, AllTables: m.options.Strict}
		return code.Unfit(m.backend.Name())
	}
	script, ok := s.Body().(*migration.SQL)
	inspector, can := m.backend.(backend.Inspector)
	if !ok || !can {
		s.Traits.Checksum, s.Traits.Bytes, err = migration.Sum(s.Body())
		return err
	}
	if script, err = keep(script, room, buffer); err != nil {
		return err
	}
	if s.Direction == migration.Down {
		s.Migration.Down = script
	} else {
		s.Migration.Up = script
	}
	s.Traits, err = inspector.Inspect(ctx, script)
	return err
}

// keep returns the script with its text in memory if it is small and there is
// room, and the script itself if not.
func keep(script *migration.SQL, room *atomic.Int64, buffer []byte) (*migration.SQL, error) {
	limit := min(len(buffer)-1, int(room.Load()))
	if limit <= 0 {
		return script, nil
	}
	r, err := script.Open()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", script.Name, err)
	}
	defer r.Close()
	n, err := io.ReadFull(r, buffer[:limit+1])
	switch {
	case err == nil:
		return script, nil // it is longer
	case err != io.EOF && err != io.ErrUnexpectedEOF:
		return nil, fmt.Errorf("read %s: %w", script.Name, err)
	}
	text := bytes.Clone(buffer[:n])
	room.Add(-int64(n))
	return &migration.SQL{Name: script.Name, Reader: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(text)), nil
	}}, nil
}

// unread says which file it is that could not be inspected.
func unread(file string, err error) error {
	var placed *migration.Error
	if errors.As(err, &placed) && placed.Origin.File != "" {
		return err
	}
	return &migration.Error{Op: "inspect", Origin: migration.Origin{File: file}, Hint: migration.HintOf(err), Err: err}
}
