package mysql

import (
	"context"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// execution is one script that is being executed.
type execution struct {
	*scriptReader
	s      *session
	ctx    context.Context
	work   backend.Work
	traits migration.Traits
	conn   *connection
	began  time.Time
	result backend.Result

	entry      migration.Entry // the history's row; without an id until it is written
	wrapped    bool            // all of it is in one transaction, together with its record
	batch      batch
	message    message
	joined     bool   // the statement at hand is in the message
	own        bool   // the script's own transaction is open
	readOnly   bool   // it takes no writes, and so not our mark
	unsure     bool   // a mark says that the segment at hand is begun
	unknown    bool   // it is not known what became of the statement that failed
	repeated   bool   // the statement at hand was begun by an earlier run
	marked     bool   // there are rows in the progress table
	database   string // of names without one
	earlier    earlier
	reached    int // segments that are run
	chainAt    migration.Checksum
	done       int // segments that are durable
	doneChain  migration.Checksum
	recorded   bool
	pending    bool // the last segment is run and marked as begun only
	statements int
	told       int // statements at the last report of progress
}

// longScript is the size in bytes above which it is worth telling how far the
// script is.
const longScript = 64 << 10

// progressEvery is how many statements run between two reports of progress.
const progressEvery = 500

// Apply runs a step's script, or its function, and records it.
func (s *session) Apply(ctx context.Context, w backend.Work) (backend.Result, error) {
	c, err := s.marks(ctx)
	if err == nil {
		err = s.keep(ctx, c)
	}
	if err != nil {
		return backend.Result{}, place(w.Step.File(), "apply", err)
	}
	if code, ok := w.Step.Body().(*migration.Go); ok {
		return s.function(ctx, code, w)
	}
	r := &execution{s: s, ctx: ctx, work: w, traits: w.Step.Traits, began: time.Now(), entry: w.Entry, database: s.backend.names.database}
	r.entry.StartedAt, r.entry.Status = now(), migration.Begun
	err = r.apply()
	s.used = s.used || r.traits.SessionState || r.traits.TemporaryObjects || err != nil
	r.result.Statements, r.result.Duration = r.statements, time.Since(r.began)
	return r.result, place(w.Step.File(), "apply", err)
}

func (r *execution) apply() error {
	script, ok := r.work.Step.Body().(*migration.SQL)
	if !ok {
		return fmt.Errorf("%w: a body of kind %s", migration.ErrUnsupported, r.work.Step.Body().Kind())
	}
	var err error
	if r.conn, err = r.s.ready(r.ctx, r.agreed()); err != nil {
		return err
	}
	if err := r.takeUp(script); err != nil {
		return err
	}
	if r.scriptReader, err = open(script, r.s.server.mode); err != nil {
		return err
	}
	defer r.Close()
	r.wrapped = r.traits.Wrapped && r.entry.ID == 0
	if !r.wrapped {
		if r.conn.pinned == nil {
			return r.s.backend.notLent("an earlier run left it half done")
		}
		if r.entry.ID != 0 {
			if err := r.enter(); err != nil {
				return err
			}
		}
	}
	if err := r.all(); err != nil {
		return r.stopped(err)
	}
	return nil
}

// agreed says whether the server and we read the script's text alike for sure,
// so that its statements may be sent several at once: it sets nothing that
// changes how text is read, and has no semicolon inside of a statement but
// where rows are changed.
func (r *execution) agreed() bool { return !r.traits.SessionState && !r.traits.Routines }

// entered sees to it that the history has an entry before a statement is run
// that is marked by it, unless the first mark comes together with the entry.
func (r *execution) entered(run runAs) error {
	if r.wrapped || r.entry.ID != 0 {
		return nil
	}
	if c, err := r.s.marks(r.ctx); err != nil {
		return err
	} else if c.joins && (run == runDefines || run == runRepeats || run == runOpaque) {
		return nil
	}
	return r.enter()
}

// enter writes the entry into the history, or takes up the one of an earlier
// run.
func (r *execution) enter() error {
	c, err := r.s.marks(r.ctx)
	if err != nil {
		return err
	}
	ctx := context.WithoutCancel(r.ctx)
	if r.entry.ID == 0 {
		r.entry.ID, err = r.s.insert(ctx, c, r.entry)
		return err
	}
	n := r.s.backend.names
	table, stands := r.s.backend.book.stands(n, r.entry.From)
	met, err := c.exec(ctx, "UPDATE "+n.history+" AS h, "+table+", "+n.lock+" AS l SET"+r.s.alive()+
		filled(", h.state = 'begun', h.segments_done = ?, h.prefix_checksum = ?, h.error = ?, h.finished_at = ? WHERE h.id = ? AND ",
			r.entry.SegmentsDone, string(r.entry.PrefixChecksum), "", "", r.entry.ID)+stands+r.s.ours())
	if err == nil && met == 0 {
		err = r.s.moved(ctx, c, r.entry.From)
	}
	if err == nil && r.work.Trusted { // what was marked is what a person says by now
		err = c.do(ctx, "DELETE FROM "+n.progress+filled(" WHERE entry = ?", r.entry.ID))
	}
	return err
}

// all runs the statements of the script.
func (r *execution) all() error {
	for {
		st, n, m, ok, err := r.next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if err := r.flush(); err != nil {
			return err
		}
		if err := r.entered(m.run); err != nil {
			return err
		}
		if m.segment <= r.work.Resume {
			err = r.replay(st, n, m)
		} else {
			err = r.step(st, n, m)
		}
		if err != nil {
			return err
		}
	}
	if err := r.send(); err != nil {
		return err
	}
	if err := r.same(r.sum(), r.traits.Checksum); err != nil {
		return err
	}
	switch {
	case r.recorded:
		return nil
	case r.wrapped:
		return r.recordWhole()
	case r.batch.open:
		return r.commitBatch(true)
	}
	if err := r.entered(runHere); err != nil {
		return err
	}
	begun := r.pending
	r.pending = false
	err := r.control(r.seg.segments, r.chain, false, true)
	r.unknown = r.unknown || err != nil && begun
	return err
}

// elapsed returns how long the script has been running, in milliseconds.
func (r *execution) elapsed() int64 { return time.Since(r.began).Milliseconds() }

// same fails where the text that was executed is not the text that was
// inspected.
func (r *execution) same(sum, want migration.Checksum) error {
	if sum == want {
		return nil
	}
	return &migration.Error{
		Op: "apply", Origin: migration.Origin{File: r.file},
		Err:  fmt.Errorf("%w: it is not the text that was planned", migration.ErrChanged),
		Hint: "run again, with the file left alone",
	}
}

// step runs one statement as its move says.
func (r *execution) step(st *sqlscan.Statement, n nature, m move) error {
	if err := r.ctx.Err(); err != nil {
		return placed(r.file, st, fmt.Errorf("interrupted: %w", err))
	}
	if m.ends {
		if err := r.commitOwn(st, m.segment-1, r.before, "COMMIT", m.weak); err != nil {
			return err
		}
	}
	if skip, err := r.settled(st, n, m); skip || err != nil {
		return err
	}
	r.joined = false
	if err := r.dispatch(st, n, m); err != nil {
		return err
	}
	if !r.joined {
		r.statements++
		if m.closes {
			r.reached, r.chainAt = m.segment, r.chain
		}
	}
	if r.statements-r.told >= progressEvery && r.s.options.Progress != nil && r.traits.Bytes > longScript {
		r.told = r.statements
		r.s.options.Progress(backend.Progress{File: r.file, Bytes: st.End, Total: r.traits.Bytes, Statements: r.statements})
	}
	return nil
}

func (r *execution) dispatch(st *sqlscan.Statement, n nature, m move) error {
	if m.run != runData {
		if err := r.send(); err != nil {
			return err
		}
	}
	switch m.run {
	case runHere:
		return r.here(st, n)
	case runAlone:
		if err := r.closeBatch(); err != nil {
			return err
		}
		return r.here(st, n)
	case runBegin:
		if err := r.closeBatch(); err != nil {
			return err
		}
		r.own, r.unsure, r.readOnly = true, false, n.readOnly
		return r.statement(st)
	case runOwn:
		return r.inOwn(st, n, m)
	case runCommit:
		return r.commitOwn(st, m.segment, r.chain, string(st.Text), m.weak)
	case runRollback:
		return r.rollBackOwn(st, m)
	case runData:
		return r.data(st, m)
	}
	return r.alone(st, n, m)
}
