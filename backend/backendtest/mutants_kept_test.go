package backendtest

import (
	"context"
	"errors"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Keep returns the same mutant with another book.
func (b *fileMutant) Keep(k backend.Book) (backend.Backend, error) {
	books, err := b.Backend.Keep(k)
	if err != nil {
		return nil, err
	}
	return &keptMutant{fileMutant{books.(*sqlite.Backend), b.path, b.change}}, nil
}

// keptMutant is a mutant with another book, whose sessions commit several steps
// at once.
type keptMutant struct{ fileMutant }

func (b *keptMutant) Session(ctx context.Context, o backend.SessionOptions) (backend.Session, error) {
	s, err := b.fileMutant.Session(ctx, o)
	if err != nil {
		return nil, err
	}
	return &keptMutantSession{s.(*fileMutantSession)}, nil
}

type keptMutantSession struct{ *fileMutantSession }

func (s *keptMutantSession) ApplyGroup(ctx context.Context, works []backend.Work) ([]backend.Result, error) {
	if s.of.change.group != nil {
		return s.of.change.group(s.of.path, s.Session, ctx, works)
	}
	return s.Session.(backend.Grouper).ApplyGroup(ctx, works)
}

// keptMutants are the mutants with another book.
func keptMutants() []mutant {
	m := func(subtest, breaks string, c fileChange) mutant {
		return mutant{subtest: subtest, breaks: breaks, file: &c}
	}
	then := func(script string) fileChange {
		return fileChange{apply: func(path string, s backend.Session, ctx context.Context, w backend.Work) (backend.Result, error) {
			result, err := s.Apply(ctx, w)
			return result, errors.Join(err, execFile(path, script))
		}}
	}
	bare := fileChange{apply: func(path string, s backend.Session, ctx context.Context, w backend.Work) (backend.Result, error) {
		b := openFile(path)
		defer b.Close()
		db, err := b.DB()
		if err != nil {
			return backend.Result{}, err
		}
		code := w.Step.Body().(*migration.Go)
		if err := code.Call(func() error { return code.Func.(migration.Func)(ctx, db) }); err != nil {
			return backend.Result{}, err
		}
		return backend.Result{}, s.Mark(ctx, migration.Entry{Kind: w.Entry.Kind, From: w.Step.From, To: w.Step.To, Name: w.Step.Migration.Name})
	}}
	deaf := fileChange{apply: func(_ string, s backend.Session, ctx context.Context, w backend.Work) (backend.Result, error) {
		result, err := s.Apply(ctx, w)
		if errors.Is(err, migration.ErrMoved) {
			err = nil
		}
		return result, err
	}}
	return []mutant{
		m("functions", "a row is lost", then("DELETE FROM migrations WHERE id = 0")),
		m("functions", "the version is moved, too", then("UPDATE _meta SET version = 1")),
		m("functions", "another name", then("UPDATE migrations SET name = 'x'")),
		m("function fails", "no transaction", bare),
		m("functions moved", "no compare", deaf),
		m("function killed", "no transaction", bare),
		m("revisions", "a row too many", fileChange{group: func(path string, s backend.Session, ctx context.Context, works []backend.Work) ([]backend.Result, error) {
			results, err := s.(backend.Grouper).ApplyGroup(ctx, works)
			return results, errors.Join(err, execFile(path, "INSERT INTO migrations (from_revision, to_revision) SELECT from_revision, to_revision FROM migrations ORDER BY id DESC LIMIT 1"))
		}}),
		m("revisions fail", "one by one", fileChange{group: func(_ string, s backend.Session, ctx context.Context, works []backend.Work) (results []backend.Result, err error) {
			for _, w := range works {
				result, err := s.Apply(ctx, w)
				if err != nil {
					return results, err
				}
				results = append(results, result)
			}
			return results, nil
		}}),
		m("revisions moved", "no compare", deaf),
	}
}
