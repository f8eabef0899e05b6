package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Begin records that an outside program begins and closes the connection for
// scripts. The lock stays. The program gets the URL without its password as an
// argument, and with it in its environment, where other users don't see it.
func (s *session) Begin(ctx context.Context, w backend.Work) (backend.Launch, error) {
	at, ok := s.backend.lender.(*server)
	if !ok {
		return backend.Launch{}, noURL(w.Step.File())
	}
	if err := s.begins(ctx, w.Step.From, w.Step.To); err != nil {
		return backend.Launch{}, place(w.Step.File(), "begin", err)
	}
	e := w.Entry
	e.Status, e.StartedAt = migration.Begun, now()
	if err := s.write(ctx, w.Step.From, func(b *batch) {
		s.createHistory(b)
		b.ours(s.conn.insert(e))
	}); err != nil {
		return backend.Launch{}, place(w.Step.File(), "begin", err)
	}
	launch := backend.Launch{Argument: at.public, Env: []string{"DATABASE_URL=" + at.whole}}
	if password := at.config.Password; password != "" {
		launch.Env = append(launch.Env, "PGPASSWORD="+password)
	}
	err := s.conn.close()
	s.conn = nil
	return launch, err
}

// End connects again and records how the program ended. A program may have
// moved the version to its own number by itself; anything else that moved it
// meanwhile is refused.
func (s *session) End(ctx context.Context, w backend.Work, failure error) (backend.Result, error) {
	var result backend.Result
	fail := func(err error) (backend.Result, error) { return result, place(w.Step.File(), "record", err) }
	if err := s.ready(ctx); err != nil {
		return fail(err)
	}
	at, err := s.conn.state(ctx)
	if err != nil {
		return fail(err)
	}
	e, err := s.begunEntry(ctx, w)
	if err != nil {
		return fail(err)
	}
	e.FinishedAt = now()
	e.Duration = e.FinishedAt.Sub(e.StartedAt).Truncate(time.Millisecond)
	result.Duration = e.Duration
	e.Status = migration.Applied
	if failure != nil {
		e.Status, e.Error = migration.Failed, failure.Error()
	}
	step := w.Step
	if at == step.To || failure != nil {
		step.From = at
	}
	return result, place(w.Step.File(), "record", s.write(ctx, step.From, func(b *batch) {
		s.createHistory(b)
		if e.ID != 0 {
			b.ours(s.conn.update(e))
		} else {
			b.ours(s.conn.insert(e))
		}
		if failure == nil && step.From != step.To {
			b.ours(s.backend.book.move(s.conn, step))
		}
	}))
}

// begunEntry returns the entry that Begin wrote. Where the program put another
// database in place, which does not know of it, the entry is made again.
func (s *session) begunEntry(ctx context.Context, w backend.Work) (migration.Entry, error) {
	entries, there, err := s.conn.history(ctx)
	s.hasHistory = there
	if err != nil {
		return migration.Entry{}, err
	}
	for i := len(entries) - 1; i >= 0; i-- {
		if e := entries[i]; e.Status == migration.Begun && e.Name == w.Entry.Name && e.To == w.Step.To {
			return e, nil
		}
	}
	e := w.Entry
	e.StartedAt = now()
	return e, nil
}

// noURL says that there is nothing that a program could be told.
func noURL(file string) error {
	return &migration.Error{
		Op: "begin", Origin: migration.Origin{File: file},
		Err:  fmt.Errorf("%w: an outside program needs the database's URL, and this is a connection that is open", migration.ErrUnsupported),
		Hint: "open the database by its URL, with postgres.Open; or write the migration as a Go function",
	}
}
