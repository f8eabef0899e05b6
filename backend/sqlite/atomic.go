package sqlite

import (
	"context"
	"errors"
	"slices"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// together applies all of the works in one transaction, or none of them. Each
// is recorded before the next runs, which may look.
func (s *session) together(ctx context.Context, works []backend.Work) (results []backend.Result, err error) {
	first := works[0].Step
	if err := s.conn.begin(ctx); err != nil {
		return nil, place(first.File(), "apply", err)
	}
	defer func() {
		if err != nil {
			results, err = nil, errors.Join(err, s.conn.rollback())
		}
		s.used = s.used || slices.ContainsFunc(works, changesSession)
		_ = s.ready(ctx) // where this fails, so does what comes next
	}()
	if err := s.conn.expect(ctx, first.From); err != nil {
		return nil, err
	}
	for i := range works {
		result, err := s.atomicMember(ctx, &works[i], i < len(works)-1)
		if err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	if !s.options.Strict && ctx.Err() == nil {
		for i, findings := range s.keys.attribute(ctx, s.conn, works) {
			results[i].Findings = append(results[i].Findings, findings...)
		}
	}
	return results, place(works[len(works)-1].Step.File(), "record", s.conn.commit(ctx, "COMMIT"))
}

// atomicMember runs and records one of several works, and sees to it that the
// next one does not meet what it did to the connection.
func (s *session) atomicMember(ctx context.Context, w *backend.Work, followed bool) (backend.Result, error) {
	var before surroundings
	leaves := followed && changesSession(*w)
	brief := context.WithoutCancel(ctx)
	if leaves {
		var err error
		if before, err = look(brief, s.conn); err != nil {
			return backend.Result{}, place(w.Step.File(), "apply", err)
		}
	}
	result, err := s.member(ctx, w, false)
	if err != nil {
		return result, err
	}
	if leaves {
		err = before.restore(brief, s.conn)
	}
	if err == nil {
		err = s.record(brief, []backend.Work{*w})
	}
	return result, place(w.Step.File(), "record", err)
}

// changesSession says whether a work may leave something behind on its
// connection.
func changesSession(w backend.Work) bool {
	t := w.Step.Traits
	return t.SessionState || t.Outside || w.Step.Body().Kind() == migration.KindGo
}
