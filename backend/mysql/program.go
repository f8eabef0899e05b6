package mysql

import (
	"context"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Begin records that an outside program begins and closes the script's
// connection. The lock is kept, and renewed while the program runs.
func (s *session) Begin(ctx context.Context, w backend.Work) (backend.Launch, error) {
	e := w.Entry
	e.Status, e.StartedAt = migration.Begun, now()
	if s.backend.address.config == nil {
		return backend.Launch{}, place(w.Step.File(), "begin", &migration.Error{
			Op: "begin", Err: fmt.Errorf("%w: an outside program needs the database's URL, and there is a handle of the caller's", migration.ErrUnsupported),
			Hint: "use mysql.Open, or write this migration as a function; nothing of it was run",
		})
	}
	c, err := s.marks(ctx)
	if err == nil {
		_, err = s.insert(ctx, c, e)
	}
	if err != nil {
		return backend.Launch{}, place(w.Step.File(), "begin", err)
	}
	s.drop()
	a := s.backend.address
	return backend.Launch{
		Argument: a.shown,
		Env:      []string{"MYSQL_PWD=" + a.config.Passwd, "DATABASE_URL=" + a.whole},
	}, nil
}

// End records how the program ended. A program may have moved the version to
// its own number by itself; anything else that moved it meanwhile is refused.
func (s *session) End(ctx context.Context, w backend.Work, failure error) (backend.Result, error) {
	var result backend.Result
	s.again(ctx) // it may have been idle for long
	c, err := s.marks(ctx)
	if err != nil {
		return result, place(w.Step.File(), "record", err)
	}
	err = c.transaction(ctx, func(ctx context.Context) error {
		e, ok, err := c.last(ctx)
		if err != nil {
			return err
		}
		if !ok || e.Status != migration.Begun || e.Name != w.Entry.Name || e.To != w.Step.To {
			return fmt.Errorf("%w: the entry of this program is not the history's last any more", migration.ErrMoved)
		}
		e.FinishedAt = now()
		e.Duration = e.FinishedAt.Sub(e.StartedAt).Truncate(time.Millisecond)
		result.Duration = e.Duration
		e.Status = migration.Applied
		if failure != nil {
			e.Status, e.Error = migration.Failed, failure.Error()
		}
		if err := c.do(ctx, filled(s.backend.history.Update(), s.backend.history.UpdateArgs(e)...)); err != nil {
			return fmt.Errorf("write history: %w", err)
		}
		if err := s.lock.held(ctx, c); err != nil || failure != nil {
			return err
		}
		n, err := c.exec(ctx, "UPDATE "+s.backend.names.meta+
			filled(" SET version = ? WHERE id = 1 AND version IN (?, ?)", versionOf(w.Step.To), versionOf(w.Step.From), versionOf(w.Step.To)))
		if err == nil && n != 1 {
			err = s.moved(ctx, c, w.Step.From)
		}
		return err
	})
	return result, place(w.Step.File(), "record", err)
}
