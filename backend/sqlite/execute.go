package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// longScript is the size in bytes above which it is worth telling how far the
// script is.
const longScript = 64 << 10

// Between two reports of progress run so many statements, or, where each may take
// long, so much time passes. Of the first ones of a script all are told, and one
// that may take long behind others that don't.
const (
	progressEvery = 500
	progressAfter = 20 * time.Millisecond
)

// execution is one script that is being executed.
type execution struct {
	*scriptReader
	session *session
	traits  migration.Traits
	short   bool  // short statements are known not to take long
	count   int   // statements so far
	done    int64 // of them, in bytes of the script
	told    time.Time
	brief   bool // the last statement was a short one
	inserts inserter
}

// execute opens a step's script.
func (s *session) execute(w backend.Work) (*execution, error) {
	script, ok := w.Step.Body().(*migration.SQL)
	if !ok {
		return nil, fmt.Errorf("%w: a body of kind %s", migration.ErrUnsupported, w.Step.Body().Kind())
	}
	r, err := s.backend.open(script)
	if err != nil {
		return nil, err
	}
	e := &execution{scriptReader: r, session: s, traits: w.Step.Traits, inserts: inserter{conn: s.conn}}
	e.short = s.direct && !e.traits.Routines
	s.direct = e.short // what this script makes, the next ones meet
	return e, nil
}

// withoutRoutines says that the schema has neither triggers nor virtual tables,
// through which a short statement may take long.
func (c *connection) withoutRoutines(ctx context.Context) (bool, error) {
	var without bool
	err := c.QueryRowContext(ctx, `SELECT NOT EXISTS (
		SELECT 1 FROM sqlite_schema WHERE type = 'trigger' OR sql LIKE 'CREATE VIRTUAL%')`).Scan(&without)
	return without, describe(err)
}

// statement runs one statement of the script.
func (e *execution) statement(ctx context.Context, st *sqlscan.Statement, n nature) error {
	if err := ctx.Err(); err != nil {
		return e.session.conn.placed(e.File, st, fmt.Errorf("interrupted: %w", err))
	}
	if !n.short && (e.count < progressEvery || e.brief || time.Since(e.told) > progressAfter) {
		e.progress()
	}
	e.brief = n.short
	if err := e.run(ctx, st.Text, n); err != nil {
		if cause := ctx.Err(); cause != nil {
			err = fmt.Errorf("interrupted: %w", cause)
		}
		return e.session.conn.placed(e.File, st, err)
	}
	if n.session {
		// With it each statement that writes returns a row, which nobody reads: to
		// SQLite it is at work still, and keeps the transaction from ending.
		if err := e.session.conn.exec(ctx, "PRAGMA count_changes = OFF"); err != nil {
			return e.session.conn.placed(e.File, st, err)
		}
	}
	e.done = st.End
	if e.count++; e.count%progressEvery == 0 && e.traits.Bytes > longScript {
		e.progress()
	}
	return nil
}

// run runs one statement: with its values bound, if it is one of many that begin
// alike.
func (e *execution) run(ctx context.Context, text []byte, n nature) error {
	short := e.short && n.short
	if short && len(e.repeats.row) > 0 {
		if done, err := e.inserts.insert(context.WithoutCancel(ctx), e.repeats.head, e.repeats.row); done {
			return err
		}
	}
	if !e.repeated {
		e.inserts.reset()
	}
	return e.session.conn.run(ctx, text, n, short)
}

// Close closes the script and what was prepared for it.
func (e *execution) Close() error {
	e.inserts.reset()
	return e.scriptReader.Close()
}

// progress tells how far the script is. It is worth that before a statement
// that may take long.
func (e *execution) progress() {
	e.told = time.Now()
	if e.session.options.Progress != nil {
		e.session.options.Progress(backend.Progress{File: e.File, Bytes: e.done, Total: e.traits.Bytes, Statements: e.count})
	}
}

// same fails where the text that was executed is not the text that was
// inspected.
func (e *execution) same(sum, want migration.Checksum) error {
	if sum == want {
		return nil
	}
	return &migration.Error{
		Op: "apply", Origin: migration.Origin{File: e.File},
		Err:  fmt.Errorf("%w: it is not the text that was planned", migration.ErrChanged),
		Hint: "run again, with the file left alone",
	}
}
