package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
)

// activityEvery is how often it is asked how far a long statement is, and how
// long a statement takes before it is asked at all.
const activityEvery = time.Second

// observe tells, while something runs on the session's connection, what the
// server does, until the function that it returns is called.
func (s *session) observe(p *pipe) (stop func()) {
	if len(p.batch.items) == 0 {
		return func() {}
	}
	progress := backend.Progress{File: p.file, Bytes: p.bytes, Total: p.total, Statements: max(p.count-1, 0)}
	return s.watching(p.ctx, func(_ context.Context, activity string) {
		if progress.Activity = activity; activity != "" {
			s.options.Progress(progress)
		}
	})
}

// observeSeries is observe for a message with several scripts, which all of them
// have begun with: where the version is by now tells which of them runs.
func (s *session) observeSeries(m *message) (stop func()) {
	told := -1
	return s.watching(m.ctx, func(ctx context.Context, activity string) {
		if s.watch == nil {
			return
		}
		at, err := s.watch.state(ctx)
		i := slices.IndexFunc(m.works, func(w backend.Work) bool { return w.Step.From == at })
		if err != nil || i < 0 || i == told && activity == "" {
			return
		}
		told = i
		step := m.works[i].Step
		s.options.Progress(backend.Progress{File: step.File(), Total: step.Traits.Bytes, Activity: activity})
	})
}

// watching asks every now and then what the server does on the session's
// connection, until the function that it returns is called. It asks over a
// connection of its own, made when it is first needed.
func (s *session) watching(ctx context.Context, tell func(ctx context.Context, activity string)) (stop func()) {
	if s.options.Progress == nil || s.conn.pid == 0 || s.conn.loan != nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(activityEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				tell(ctx, s.activity(ctx, s.conn.pid))
			}
		}
	})
	return func() {
		cancel()
		watching.Wait()
	}
}

// activity says in a few words what a process of the server does, or "".
// Whatever fails here is not worth failing for.
func (s *session) activity(ctx context.Context, pid int) string {
	if s.watch == nil || s.watch.IsClosed() {
		c, err := s.backend.connect(ctx)
		if err != nil {
			return ""
		}
		s.watch = c
	}
	rows, err := s.watch.query(ctx, fmt.Sprintf(`SELECT phase, CASE WHEN tuples_total > 0 THEN tuples_done ELSE blocks_done END,
			CASE WHEN tuples_total > 0 THEN tuples_total ELSE blocks_total END, current_locker_pid,
			coalesce((SELECT relname FROM pg_class WHERE oid = index_relid), '')
		FROM pg_stat_progress_create_index WHERE pid = %d`, pid))
	if err == nil && len(rows) > 0 {
		r := rows[0]
		text := strings.TrimSpace("index " + string(r[4]))
		text += ": " + string(r[0])
		if done, total := number(r[1]), number(r[2]); total > 0 {
			text += fmt.Sprintf(" %d %%", min(100, 100*done/total))
		}
		if locker := number(r[3]); locker != 0 {
			text += fmt.Sprintf(", for server process %d", locker)
		}
		return text
	}
	rows, err = s.watch.query(ctx, fmt.Sprintf("SELECT pg_catalog.array_to_string(pg_catalog.pg_blocking_pids(%d), ', ')", pid))
	if err == nil && len(rows) > 0 && len(rows[0][0]) > 0 {
		return "waits for a lock that server process " + string(rows[0][0]) + " holds"
	}
	return ""
}

func number(text []byte) (n int64) {
	_, _ = fmt.Sscan(string(text), &n)
	return n
}
