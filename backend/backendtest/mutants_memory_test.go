package backendtest

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// mutant is a backend that breaks one promise, and the subtest that must
// notice.
type mutant struct {
	subtest, breaks string
	memory          *memoryChange
	file            *fileChange
}

// memoryChange is what a mutant of [Memory] does otherwise.
type memoryChange struct {
	state   func(*MemoryBackend) error // beforehand
	create  func(*MemoryBackend, context.Context) error
	entries func(*migration.Entry) // what is read of the history
	inspect func(*migration.SQL) (migration.Traits, error)
	enroll  func(*MemoryBackend, migration.Entry) error
	summary func(*backend.Summary)
	command string  // for backups
	failure Failure // what the harness says of it
	lock    func(*MemoryBackend, context.Context, backend.SessionOptions) (*memorySession, error)
	work    func(*backend.Work) // beforehand
	content func(*content, context.Context, backend.Work) error
	apply   func(*memorySession, context.Context, backend.Work) (backend.Result, error)
	group   func(*memorySession, context.Context, []backend.Work) ([]backend.Result, error)
	mark    func(*memorySession, migration.Entry) error
	begin   func(*memorySession, backend.Work)
	after   func(*memorySession, error) error
}

// memoryMutant is a backend with a change.
type memoryMutant struct {
	*MemoryBackend
	change *memoryChange
}

func (b *memoryMutant) State(ctx context.Context) (migration.State, error) {
	if b.change.state != nil {
		if err := b.change.state(b.MemoryBackend); err != nil {
			return "", err
		}
	}
	return b.MemoryBackend.State(ctx)
}

func (b *memoryMutant) History(ctx context.Context) ([]migration.Entry, error) {
	entries, err := b.MemoryBackend.History(ctx)
	for i := range entries {
		if b.change.entries != nil {
			b.change.entries(&entries[i])
		}
	}
	return entries, err
}

func (s *memoryMutantSession) History(ctx context.Context) ([]migration.Entry, error) {
	return (&memoryMutant{s.MemoryBackend, s.change}).History(ctx)
}

func (b *memoryMutant) Create(ctx context.Context) error {
	if b.change.create != nil {
		return b.change.create(b.MemoryBackend, ctx)
	}
	return b.MemoryBackend.Create(ctx)
}

func (b *memoryMutant) Inspect(ctx context.Context, script *migration.SQL) (migration.Traits, error) {
	if b.change.inspect != nil {
		return b.change.inspect(script)
	}
	return b.MemoryBackend.Inspect(ctx, script)
}

func (b *memoryMutant) Enroll(ctx context.Context, e migration.Entry) error {
	if b.change.enroll != nil {
		return b.change.enroll(b.MemoryBackend, e)
	}
	return b.MemoryBackend.Enroll(ctx, e)
}

func (b *memoryMutant) Summary(ctx context.Context) (migration.State, backend.Summary, error) {
	at, s, err := b.MemoryBackend.Summary(ctx)
	if b.change.summary != nil {
		b.change.summary(&s)
	}
	return at, s, err
}

func (b *memoryMutant) CreateDatabase(context.Context) error {
	if b.change.command == "" {
		return nil // even where it is there
	}
	return fs.ErrExist
}

func (b *memoryMutant) BackupCommand() string { return cmp.Or(b.change.command, "dump") }

func (b *memoryMutant) Verify(context.Context) ([]migration.Finding, error) { return nil, nil }

func (b *memoryMutant) Session(ctx context.Context, o backend.SessionOptions) (backend.Session, error) {
	if b.change.lock != nil {
		s, err := b.change.lock(b.MemoryBackend, ctx, o)
		if err != nil {
			return nil, err
		}
		return &memoryMutantSession{s, b.change}, nil
	}
	s, err := b.MemoryBackend.Session(ctx, o)
	if err != nil {
		return nil, err
	}
	return &memoryMutantSession{s.(*memorySession), b.change}, nil
}

// memoryMutantSession is a session with a change.
type memoryMutantSession struct {
	*memorySession
	change *memoryChange
}

func (s *memoryMutantSession) Apply(ctx context.Context, w backend.Work) (backend.Result, error) {
	c := s.change
	if c.work != nil {
		c.work(&w)
	}
	if c.content != nil {
		if err := c.content(&s.db.content, ctx, w); err != nil {
			return backend.Result{}, place(w.Step.File(), err)
		}
	}
	var result backend.Result
	var err error
	if c.apply != nil {
		result, err = c.apply(s.memorySession, ctx, w)
	} else {
		result, err = s.memorySession.Apply(ctx, w)
	}
	if c.after != nil {
		err = c.after(s.memorySession, err)
	}
	return result, err
}

func (s *memoryMutantSession) ApplyGroup(ctx context.Context, works []backend.Work) (results []backend.Result, err error) {
	if s.change.group != nil {
		return s.change.group(s.memorySession, ctx, works)
	}
	for _, w := range works {
		result, err := s.Apply(ctx, w)
		if err != nil {
			return results, err
		}
		results = append(results, result)
	}
	return results, nil
}

func (s *memoryMutantSession) Mark(ctx context.Context, e migration.Entry) error {
	if s.change.mark != nil {
		return s.change.mark(s.memorySession, e)
	}
	return s.memorySession.Mark(ctx, e)
}

func (s *memoryMutantSession) Begin(ctx context.Context, w backend.Work) (backend.Launch, error) {
	if s.change.begin != nil {
		s.change.begin(s.memorySession, w)
	}
	return s.memorySession.Begin(ctx, w)
}

// memoryMutants are the mutants of [Memory].
func memoryMutants() []mutant {
	m := func(subtest, breaks string, c memoryChange) mutant {
		return mutant{subtest: subtest, breaks: breaks, memory: &c}
	}
	entry := func(subtest, breaks string, f func(*migration.Entry)) mutant {
		return m(subtest, breaks, memoryChange{entries: f})
	}
	stuck := false
	return []mutant{
		m("state", "create is quiet", memoryChange{create: func(b *MemoryBackend, ctx context.Context) error { _ = b.Create(ctx); return nil }}),
		m("state", "asking makes the table", memoryChange{state: func(b *MemoryBackend) error { _ = b.Create(context.Background()); return nil }}),
		m("order", "the version is one too high", memoryChange{after: func(s *memorySession, err error) error { s.db.content.version++; return err }}),
		entry("odd names", "quotes are lost", func(e *migration.Entry) { e.Name = strings.ReplaceAll(e.Name, "'", "") }),
		entry("odd names", "only ASCII", func(e *migration.Entry) { e.Name = strings.Map(func(r rune) rune { return min(r, 127) }, e.Name) }),
		m("odd texts", "empty scripts fail", memoryChange{content: func(_ *content, _ context.Context, w backend.Work) error {
			if w.Step.Traits.Statements == 0 {
				return errors.New("empty query")
			}
			return nil
		}}),
		m("applied once", "the version stays", memoryChange{after: func(s *memorySession, err error) error { s.db.content.version = 0; return err }}),
		m("applied once", "statements run twice", memoryChange{after: func(s *memorySession, err error) error {
			for name, numbers := range s.db.content.tables {
				s.db.content.tables[name] = append(numbers, numbers...)
			}
			return err
		}}),
		m("applied once", "recorded twice", memoryChange{after: func(s *memorySession, err error) error {
			h := &s.db.content.history
			*h = append(*h, slices.Clone(*h)...)
			return err
		}}),
		entry("records", "no tool", func(e *migration.Entry) { e.Tool = "" }),
		entry("records", "no host", func(e *migration.Entry) { e.Host = "" }),
		entry("records", "no checksum", func(e *migration.Entry) { e.Checksum = "" }),
		entry("records", "no kind", func(e *migration.Entry) { e.Kind = "" }),
		entry("records", "never finished", func(e *migration.Entry) { e.FinishedAt = time.Time{} }),
		entry("records", "local times", func(e *migration.Entry) { e.StartedAt = e.StartedAt.In(time.FixedZone("X", 7200)) }),
		entry("records", "no ids", func(e *migration.Entry) { e.ID = 0 }),
		m("failure midway", "no place", memoryChange{after: func(_ *memorySession, err error) error {
			if err != nil {
				return errors.New(err.Error())
			}
			return nil
		}}),
		m("failure midway", "another line", memoryChange{after: func(_ *memorySession, err error) error {
			var e *migration.Error
			if errors.As(err, &e) {
				e.Origin.Line++
			}
			return err
		}}),
		m("failure midway", "what came before is lost", memoryChange{group: func(s *memorySession, ctx context.Context, works []backend.Work) ([]backend.Result, error) {
			s.options.Atomic = true
			return s.ApplyGroup(ctx, works)
		}}),
		m("failure midway", "an error is swallowed", memoryChange{after: func(*memorySession, error) error { return nil }}),
		m("atomicity", "no transaction", memoryChange{apply: untransacted}),
		m("atomicity", "no progress, where that is promised", memoryChange{failure: Progress}),
		m("resume", "no progress, where that is promised", memoryChange{failure: Progress}),
		m("resume", "dirty for ever", memoryChange{after: func(_ *memorySession, err error) error {
			if stuck = stuck || err != nil; stuck {
				return errors.New("dirty")
			}
			return nil
		}}),
		m("changed underneath", "no second look", memoryChange{work: func(w *backend.Work) {
			w.Step.Traits.Checksum, _, _ = migration.Sum(&migration.SQL{Reader: w.Step.Body().Open})
		}}),
		m("moved", "no compare", memoryChange{content: func(c *content, _ context.Context, w backend.Work) error { return c.move(w.Step.From) }}),
		m("moved", "marks blindly", memoryChange{mark: blindMark}),
		m("lock", "none", memoryChange{lock: unlocked}),
		m("lock", "nobody says who has it", memoryChange{lock: func(b *MemoryBackend, ctx context.Context, o backend.SessionOptions) (*memorySession, error) {
			if tell := o.Waiting; tell != nil {
				o.Waiting = func(string) { tell("") }
			}
			s, err := b.Session(ctx, o)
			if err != nil {
				return nil, err
			}
			return s.(*memorySession), nil
		}}),
		m("lock given back", "kept after a failure", memoryChange{after: func(s *memorySession, err error) error { s.closed = err != nil; return err }}),
		m("findings", "checksum of the bytes", memoryChange{entries: func(e *migration.Entry) { e.Checksum = "0" + e.Checksum[1:] }}),
		m("findings", "no checksum", memoryChange{entries: func(e *migration.Entry) { e.Checksum = "" }}),
		m("findings", "no from", memoryChange{entries: func(e *migration.Entry) { e.From = e.To }}),
		entry("down", "always up", func(e *migration.Entry) { e.Direction = migration.Up }),
		m("down", "not run", memoryChange{apply: func(s *memorySession, ctx context.Context, w backend.Work) (backend.Result, error) {
			if w.Step.Direction == migration.Down {
				return backend.Result{}, s.Mark(ctx, w.Entry)
			}
			return s.Apply(ctx, w)
		}}),
		m("down fails", "the version moves", memoryChange{apply: func(s *memorySession, ctx context.Context, w backend.Work) (backend.Result, error) {
			result, err := s.Apply(ctx, w)
			if err != nil {
				s.db.content.version--
			}
			return result, err
		}}),
		m("mark", "not recorded", memoryChange{mark: func(s *memorySession, e migration.Entry) error {
			err := s.Mark(context.Background(), e)
			s.db.content.history = nil
			return err
		}}),
		m("mark", "blindly", memoryChange{mark: blindMark}),
		m("enroll", "not recorded", memoryChange{enroll: func(b *MemoryBackend, e migration.Entry) error {
			e.Status = ""
			return b.Enroll(context.Background(), e)
		}}),
		m("enroll", "again and again", memoryChange{enroll: func(b *MemoryBackend, e migration.Entry) error {
			b.db.content.managed = false
			return b.Enroll(context.Background(), e)
		}}),
		m("programs", "begun and refused", memoryChange{begin: func(s *memorySession, w backend.Work) { s.db.content.record(w.Entry) }}),
		m("large script", "all in memory", memoryChange{work: func(w *backend.Work) {
			r, _ := w.Step.Migration.Up.Open()
			text, _ := io.ReadAll(r)
			w.Step.Migration.Up = &migration.SQL{Name: w.Step.File(), Reader: func() (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader(string(text))), nil
			}}
		}}),
		m("cancel between statements", "ignored", memoryChange{apply: func(s *memorySession, ctx context.Context, w backend.Work) (backend.Result, error) {
			return s.Apply(context.WithoutCancel(ctx), w)
		}}),
		m("cancel a long statement", "goes on to its end", memoryChange{apply: func(s *memorySession, ctx context.Context, w backend.Work) (backend.Result, error) {
			ended, cancel := context.WithCancel(context.Background())
			cancel()
			return s.Apply(neverDone{ended}, w)
		}}),
		m("groups", "one for all", memoryChange{group: func(s *memorySession, ctx context.Context, works []backend.Work) ([]backend.Result, error) {
			s.options.Atomic = true
			return s.ApplyGroup(ctx, works)
		}}),
		m("groups", "more is told than is there", memoryChange{group: func(s *memorySession, ctx context.Context, works []backend.Work) ([]backend.Result, error) {
			results, err := s.ApplyGroup(ctx, works)
			return append(results, backend.Result{}), err
		}}),
		m("all or nothing", "a part", memoryChange{group: func(s *memorySession, ctx context.Context, works []backend.Work) ([]backend.Result, error) {
			s.options.Atomic = false
			return s.ApplyGroup(ctx, works)
		}}),
		m("summary", "counts what was taken back", memoryChange{summary: func(s *backend.Summary) {
			if two := migration.Version(1).Digest() + migration.Version(2).Digest(); s.Digest == two {
				s.Digest += migration.Version(5).Digest()
			}
		}}),
		m("server", "makes what is there", memoryChange{}),
		m("server", "tells the password", memoryChange{command: "dump memory://user:secret@host"}),
		m("goroutines", "one is left", memoryChange{after: func(_ *memorySession, err error) error { go func() { select {} }(); return err }}),
	}
}

// neverDone is a context that looks alive between statements, and in which a
// statement that sleeps ends well.
type neverDone struct{ context.Context }

func (neverDone) Err() error { return nil }

// untransacted executes statement by statement, and records at the end.
func untransacted(s *memorySession, ctx context.Context, w backend.Work) (backend.Result, error) {
	c := &s.db.content
	if _, err := c.apply(ctx, w.Step); err != nil {
		return backend.Result{}, err
	}
	w.Entry.Status = migration.Applied
	return backend.Result{}, s.Mark(ctx, w.Entry)
}

// blindMark does not compare.
func blindMark(s *memorySession, e migration.Entry) error {
	s.db.content.version, _ = e.From.Version()
	return s.Mark(context.Background(), e)
}

// unlocked opens a session without the lock.
func unlocked(b *MemoryBackend, _ context.Context, o backend.SessionOptions) (*memorySession, error) {
	return &memorySession{MemoryBackend: b, options: o, closed: true}, nil
}
