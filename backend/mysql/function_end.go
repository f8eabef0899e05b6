package mysql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

// record makes what the function did durable, together with its record.
func (f *call) record() error {
	ctx := context.WithoutCancel(f.ctx)
	if err := f.ensure(ctx); err != nil {
		return err
	}
	if err := f.conn.do(ctx, "RELEASE SAVEPOINT "+savepoint); err != nil {
		if isNumber(err, errNoSavepoint) {
			f.open = false
			return errors.New("the server ended the function's transaction, as for a deadlock, and the function went on")
		}
		return err
	}
	if err := f.enter(ctx); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if err := f.s.backend.book.record(ctx, f.s, f.conn, f.work.Step); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	err := f.conn.commit(ctx)
	if broken(err) {
		return f.settle(err)
	}
	return err
}

// enter writes into the history that the function is applied, where that is
// kept, or where it says that it is begun.
func (f *call) enter(ctx context.Context) error {
	e := f.entry
	e.Status, e.FinishedAt, e.Duration = migration.Applied, now(), time.Since(f.began).Truncate(time.Millisecond)
	if e.ID == 0 {
		if !f.s.backend.writesHistory {
			return nil
		}
		_, err := f.s.insert(ctx, f.conn, e)
		return err
	}
	n := f.s.backend.names
	table, stands := f.s.backend.book.stands(n, e.From)
	met, err := f.conn.exec(ctx, "UPDATE "+n.history+" AS h, "+table+", "+n.lock+" AS l SET"+f.s.alive()+
		filled(", h.state = 'applied', h.finished_at = ?, h.duration_ms = ?, h.error = ? WHERE h.id = ? AND h.state = 'begun' AND ",
			e.FinishedAt.Format(timeFormat), e.Duration.Milliseconds(), "", e.ID)+stands+f.s.ours())
	if err == nil && met == 0 {
		err = f.s.moved(ctx, f.conn, e.From)
	}
	return err
}

// settle finds out whether a COMMIT took effect whose connection broke: while
// we have the lock nobody else moves the database to where the step leads.
func (f *call) settle(failure error) error {
	f.open = false
	ctx, cancel := context.WithTimeout(context.WithoutCancel(f.ctx), aLittle)
	defer cancel()
	f.s.again(ctx)
	f.s.drop()
	c, err := f.s.ready(ctx, false) // once it is there, the server is done with the old one
	if err != nil {
		return fmt.Errorf("%w; it is not known whether it was committed; run again to find out", failure)
	}
	entries, err := f.s.backend.book.entries(ctx, c)
	at, stateErr := c.state(ctx)
	switch step := f.work.Step; {
	case err != nil || stateErr != nil:
		return fmt.Errorf("%w; it is not known whether it was committed; run again to find out", failure)
	case step.From != step.To && at == step.To, step.From == step.To && recorded(entries, step):
		return nil
	}
	return fmt.Errorf("%w; it was not committed", failure)
}

// recorded says whether a function has a row that leaves the state as it was:
// one whose number is below the highest.
func recorded(entries []migration.Entry, s migration.Step) bool {
	for _, e := range entries {
		if e.To == s.Migration.Version.State() {
			return true
		}
	}
	return false
}

// failed ends what is open, and says what is left of the function.
func (f *call) failed(failure error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(f.ctx), aLittle)
	defer cancel()
	if f.open && !f.conn.ping(ctx) {
		f.open = false // the server has rolled it back
	}
	if f.open {
		failure = errors.Join(failure, f.conn.rollback())
	}
	if one, ok := failure.(interface{ Unwrap() []error }); ok && len(one.Unwrap()) == 1 {
		failure = one.Unwrap()[0]
	}
	if f.entry.ID == 0 {
		return failure
	}
	f.s.again(ctx)
	c, err := f.s.marks(ctx)
	n := f.s.backend.names
	where := filled(" WHERE h.id = ? AND h.state = 'begun'", f.entry.ID) + f.s.ours()
	switch {
	case err != nil:
	case !f.kept:
		err = c.do(ctx, "DELETE h FROM "+n.history+" AS h JOIN "+n.lock+" AS l"+where)
	default:
		err = c.do(ctx, "UPDATE "+n.history+" AS h JOIN "+n.lock+" AS l"+filled(" SET h.error = ?", failure.Error())+where)
	}
	if err != nil {
		failure = errors.Join(failure, fmt.Errorf("and that could not be recorded: %w", err))
	}
	if !f.kept {
		return failure
	}
	// The hint replaces one of the cause's: mending the function is not enough.
	retry, mark := commands(f.work.Step, "--retry")
	return &migration.Error{
		Op: "apply", Origin: migration.Origin{File: f.work.Step.File()}, Statement: statementOf(failure), Output: outputOf(failure),
		Err:  fmt.Errorf("%w (what the server committed by itself before that is not taken back)", failure),
		Hint: "look at the database; then fastmigrate " + retry + " calls the function again, and fastmigrate " + mark + " says that its work is done",
	}
}

// statementOf returns the statement that an error names.
func statementOf(err error) string {
	var e *migration.Error
	if errors.As(err, &e) {
		return e.Statement
	}
	return ""
}

// outputOf returns the output that an error carries: the stack of a panic.
func outputOf(err error) string {
	var e *migration.Error
	if errors.As(err, &e) {
		return e.Output
	}
	return ""
}
