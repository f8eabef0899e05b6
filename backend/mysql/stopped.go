package mysql

import (
	"context"
	"errors"
	"fmt"

	"github.com/fastmigrate/fastmigrate/migration"
)

// cause returns the words of the innermost of our errors.
func cause(err error) string {
	var e *migration.Error
	for errors.As(err, &e) {
		err = e.Err
	}
	return err.Error()
}

// stopped ends what is open on the connection, and notes how far the script
// came and why it did not go on.
func (r *execution) stopped(failure error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), defaultLockTimeout)
	defer cancel()
	if r.recorded {
		return failure
	}
	failure = errors.Join(failure, r.flush(), r.send(), r.release())
	if one, ok := failure.(interface{ Unwrap() []error }); ok && len(one.Unwrap()) == 1 {
		failure = one.Unwrap()[0]
	}
	if r.entry.ID == 0 && !r.wrapped && !r.unknown {
		_ = r.enter() // a failure is in the history, unless the database is another's by now
	}
	if r.entry.ID == 0 && (r.wrapped || !r.unknown) {
		return r.hinted(failure, "mend the script and run again; nothing of it was kept")
	}
	r.s.again(ctx)
	if err := r.report(ctx, failure); err != nil {
		failure = errors.Join(failure, fmt.Errorf("and that could not be recorded: %w", err))
	}
	switch {
	case r.unknown:
		return r.hinted(failure, "it is not known whether the statement took effect; that is looked into when you run again")
	case r.done > 0:
		return r.hinted(failure, fmt.Sprintf("%d of its %d statements are applied; mend the rest of the file and run again: it goes on behind them", r.done, max(r.traits.Segments, r.done)))
	}
	return r.hinted(failure, "mend the script and run again; nothing of it was kept")
}

// release ends the open transaction: what of a batch is good is committed, as
// it would be if each statement were committed by itself.
func (r *execution) release() error {
	b, own := r.batch, r.own
	r.batch, r.own = batch{}, false
	switch {
	case !b.open && !own, r.conn == nil, !r.conn.ping(context.Background()):
		return nil // the server has ended it
	case b.open && !r.wrapped && r.reached > r.done && r.conn.do(context.Background(), "RELEASE SAVEPOINT "+savepoint) == nil:
		if err := r.commitBatch(false); err != nil {
			return errors.Join(err, r.conn.rollback())
		}
		return nil
	}
	return r.conn.rollback()
}

// report writes into the history how far the script came, and why no further.
func (r *execution) report(ctx context.Context, failure error) error {
	c, err := r.s.marks(ctx)
	if err != nil {
		return err
	}
	status := migration.Failed
	if r.unknown {
		status = migration.Begun
	}
	return c.do(ctx, "UPDATE "+r.s.backend.names.history+" AS h, "+r.s.backend.names.lock+" AS l"+
		filled(" SET h.state = ?, h.finished_at = ?, h.duration_ms = ?, h.error = ? WHERE h.id = ? AND h.state = 'begun' AND l.id = 1 AND l.owner = ?",
			string(status), now().Format(timeFormat), r.elapsed(), failure.Error(), r.entry.ID, r.s.lock.owner))
}

// hinted gives the failure a hint if it has none.
func (r *execution) hinted(failure error, hint string) error {
	var e *migration.Error
	if errors.As(failure, &e) && migration.HintOf(failure) == "" {
		e.Hint = hint
	} else if e == nil {
		return &migration.Error{Op: "apply", Origin: migration.Origin{File: r.work.Step.File()}, Err: failure, Hint: hint}
	}
	return failure
}
