package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Begin records that an outside program begins and closes the connection, so
// that the program finds the database as if nobody else had it open.
func (s *session) Begin(ctx context.Context, w backend.Work) (backend.Launch, error) {
	var argument string
	err := s.ready(ctx)
	if err == nil {
		argument, err = s.argument(ctx)
	}
	if err != nil {
		return backend.Launch{}, place(w.Step.File(), "begin", err)
	}
	e := w.Entry
	e.Status, e.StartedAt = migration.Begun, now()
	err = s.conn.write(ctx, func() error {
		if err := s.conn.expect(ctx, w.Step.From); err != nil {
			return err
		}
		_, err := s.conn.insert(ctx, e)
		return err
	})
	if err != nil {
		return backend.Launch{}, place(w.Step.File(), "begin", err)
	}
	if s.replaceable() {
		err = s.drop()
	}
	return backend.Launch{Argument: argument, Inherit: s.lock.Inherit()}, err
}

// argument returns what an outside program is given: the path as the user wrote
// it, or else the path as the engine knows it.
func (s *session) argument(ctx context.Context) (string, error) {
	file, err := s.conn.file(ctx)
	switch {
	case err != nil:
		return "", err
	case file == "":
		return "", &migration.Error{
			Op:   "begin",
			Err:  fmt.Errorf("%w: an outside program cannot reach a database in memory", migration.ErrUnsupported),
			Hint: "use a database file, or write this migration in SQL",
		}
	case s.backend.path != "":
		return s.backend.path, nil
	}
	return file, nil
}

// End opens the database again and records how the program ended. A program
// may have moved the version to its own number by itself; anything else that
// moved it meanwhile is refused.
func (s *session) End(ctx context.Context, w backend.Work, failure error) (backend.Result, error) {
	if s.conn == nil {
		if err := s.backend.exists(); err != nil {
			return backend.Result{}, &migration.Error{
				Op: "record", Origin: migration.Origin{File: w.Step.File()},
				Err:  fmt.Errorf("the database is gone after it ran: %w", err),
				Hint: "restore the database from a backup; a migration must not remove it",
			}
		}
		if err := s.pin(ctx); err != nil {
			return backend.Result{}, place(w.Step.File(), "record", err)
		}
	}
	var result backend.Result
	err := s.conn.write(ctx, func() error {
		e, err := s.begunEntry(ctx, w)
		if err != nil {
			return err
		}
		e.FinishedAt = now()
		e.Duration = e.FinishedAt.Sub(e.StartedAt).Truncate(time.Millisecond)
		result.Duration = e.Duration
		if failure != nil {
			e.Status, e.Error = migration.Failed, failure.Error()
			return s.conn.update(ctx, e)
		}
		e.Status = migration.Applied
		if err := s.conn.expect(ctx, w.Step.From, w.Step.To); err != nil {
			return err
		}
		if result.Findings, err = s.keys.check(ctx, s.conn, wordsOf(w.Step.Body()), s.options.Strict); err != nil {
			return err
		}
		if err := s.conn.update(ctx, e); err != nil {
			return err
		}
		return s.conn.move(ctx, w.Step)
	})
	if err != nil {
		return result, place(w.Step.File(), "record", err)
	}
	return result, nil
}

// begunEntry returns the entry that Begin wrote. Where the program put another
// file in place, which does not know of it, the entry is made again.
func (s *session) begunEntry(ctx context.Context, w backend.Work) (migration.Entry, error) {
	entries, err := s.conn.history(ctx)
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

// wordsOf returns traits that say a program names each of its words as a
// table: which of them are tables, the schema tells.
func wordsOf(body migration.Body) migration.Traits {
	r, err := body.Open()
	if err != nil {
		return migration.Traits{AllTables: true}
	}
	defer r.Close()
	names := make(tableNames)
	words := bufio.NewScanner(r)
	words.Split(bufio.ScanWords)
	for words.Scan() && len(names) <= maxTables {
		for _, name := range strings.FieldsFunc(words.Text(), notInNames) {
			names[strings.ToLower(name)] = struct{}{}
		}
	}
	var t migration.Traits
	t.Tables, t.AllTables = names.sorted()
	t.AllTables = t.AllTables || words.Err() != nil
	return t
}

func notInNames(r rune) bool {
	return r != '_' && r != '$' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}
