package backend

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

// recordGrace is how long setting the version may take once the run was told to
// stop: what was executed should not be executed again for want of a moment.
const recordGrace = 5 * time.Second

// hookedSession is the lock, and the database that the backend's hooks reach.
type hookedSession struct {
	backend *hooked
	lock    io.Closer // nil where there is none
	began   time.Time // when the program at work was started
}

// State reads the version.
func (s *hookedSession) State(ctx context.Context) (migration.State, error) {
	return s.backend.state(ctx)
}

// History returns none.
func (s *hookedSession) History(context.Context) ([]migration.Entry, error) { return nil, nil }

// Apply executes the script and then sets the version.
func (s *hookedSession) Apply(ctx context.Context, w Work) (Result, error) {
	began := time.Now()
	file := w.Step.File()
	script, ok := w.Step.Body().(*migration.SQL)
	if !ok {
		return Result{}, placed(file, "apply", fmt.Errorf("%w: a body of kind %s", migration.ErrUnsupported, w.Step.Body().Kind()))
	}
	if err := s.expect(ctx, w.Step.From); err != nil {
		return Result{}, placed(file, "apply", err)
	}
	text, err := readScript(script, w.Step.Traits)
	if err != nil {
		return Result{}, placed(file, "read", err)
	}
	if err := s.backend.hooks.ExecSQL(ctx, text); err != nil {
		return Result{}, placed(file, "apply", err)
	}
	if err := s.record(ctx, w.Step.To); err != nil {
		return Result{}, unrecorded(w.Step, err)
	}
	return Result{Duration: time.Since(began)}, nil
}

// Begin has nothing to record, and nothing to let go of.
func (s *hookedSession) Begin(ctx context.Context, w Work) (Launch, error) {
	if err := s.expect(ctx, w.Step.From); err != nil {
		return Launch{}, placed(w.Step.File(), "begin", err)
	}
	s.began = time.Now()
	launch := Launch{Argument: s.backend.hooks.Argument}
	if files, ok := s.lock.(interface{ Inherit() []*os.File }); ok {
		launch.Inherit = files.Inherit()
	}
	return launch, nil
}

// End sets the version if the program ended well. It may have set its own
// number by itself.
func (s *hookedSession) End(ctx context.Context, w Work, failure error) (Result, error) {
	result := Result{Duration: time.Since(s.began)}
	if failure != nil {
		return result, nil
	}
	if err := s.expect(ctx, w.Step.From, w.Step.To); err != nil {
		return result, placed(w.Step.File(), "record", err)
	}
	if err := s.record(ctx, w.Step.To); err != nil {
		return result, unrecorded(w.Step, err)
	}
	return result, nil
}

// Mark sets the version.
func (s *hookedSession) Mark(ctx context.Context, e migration.Entry) error {
	if err := s.expect(ctx, e.From); err != nil {
		return err
	}
	return s.record(ctx, e.To)
}

// Close gives the lock back.
func (s *hookedSession) Close() error {
	if s.lock == nil {
		return nil
	}
	return s.lock.Close()
}

// expect fails where the database is at none of the states.
func (s *hookedSession) expect(ctx context.Context, states ...migration.State) error {
	at, err := s.backend.state(ctx)
	if err != nil {
		return err
	}
	for _, state := range states {
		if at == state {
			return nil
		}
	}
	return &migration.Error{
		Op:   "apply",
		Err:  fmt.Errorf("%w: from %s to %s, while this run was at work", migration.ErrMoved, states[0], at),
		Hint: "find out what else migrates this database; then run again",
	}
}

// record sets the version.
func (s *hookedSession) record(ctx context.Context, to migration.State) error {
	v, err := to.Version()
	if err != nil {
		return err
	}
	lenient, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	unwatch := context.AfterFunc(ctx, func() { time.AfterFunc(recordGrace, cancel) })
	defer unwatch()
	return s.backend.hooks.SetVersion(lenient, v)
}

// placed returns err as one about a migration's file.
func placed(file, op string, err error) error {
	return &migration.Error{Op: op, Origin: migration.Origin{File: file}, Hint: migration.HintOf(err), Err: err}
}

// unrecorded says that a migration was done and the version not set.
func unrecorded(s migration.Step, err error) error {
	version, _ := s.To.Version()
	return &migration.Error{
		Op: "record", Origin: migration.Origin{File: s.File()},
		Err:  fmt.Errorf("it was executed, and the version could not be set: %w", err),
		Hint: fmt.Sprintf("the next run executes it again; fastmigrate mark %d says that it is done", version),
	}
}
