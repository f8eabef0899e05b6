package fastmigrate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/run"
	"github.com/fastmigrate/fastmigrate/source"
)

// The types of the engine that a caller meets, under the names they have here.
type (
	// Plan is what is to be done; see [plan.Plan].
	Plan = plan.Plan
	// Goal says where to go; see [plan.Goal].
	Goal = plan.Goal
	// Report says what a run did; see [run.Report].
	Report = run.Report
	// Event is something that happened during a run; see [run.Event].
	Event = run.Event
	// Finding is something a person should know; see [migration.Finding].
	Finding = migration.Finding
)

// Options says how a Migrator behaves. The zero value is ready to use.
type Options struct {
	// LockTimeout is how long to wait for another run on the same database to
	// end. 0 means 30 s, negative not at all.
	LockTimeout time.Duration
	// Strict turns findings into errors: files that came late or were edited,
	// and rows that refer to nothing after a migration.
	Strict bool
	// Atomic applies all that is pending, or nothing: in one transaction or,
	// where a migration can't be part of one, on a copy of the database that then
	// becomes the database, if nobody has written to that meanwhile. It fails
	// with an error that wraps [migration.ErrNotAtomic] where the database or a
	// migration can do neither.
	Atomic bool
	// Repair lets a migration first remove what an earlier attempt at it left
	// behind half done, such as an index that the database calls invalid.
	Repair bool
	// Backup is a new file to which the database is copied before anything is
	// done; nothing is run where that fails. Empty means no copy.
	Backup string
	// RestoreOnFailure makes the database again what it was, from Backup, where
	// a run fails that has changed it. What was written meanwhile, by other
	// programs too, is kept in the file that the report names.
	RestoreOnFailure bool
	// Python is the interpreter of .py migrations. Empty means that it is looked
	// for: $FASTMIGRATE_PYTHON, $VIRTUAL_ENV, ./.venv, python3, python.
	Python string
	// Getenv looks up environment variables for that. nil means os.Getenv.
	Getenv func(string) string
	// OnEvent is called with what happens, one call at a time and from the
	// goroutine that runs. It may be nil. See [LogEvents] for log/slog.
	OnEvent func(Event)
	// Tool is what the history says made its entries. Empty means
	// "fastmigrate".
	Tool string
	// History enters functions and revisions into the history table, too. For
	// numbered files it is always written.
	History bool
}

// Migrator applies the migrations of one source to one database: numbered files,
// functions of the program, or the edges of a graph of revisions.
type Migrator struct {
	backend backend.Backend
	source  source.Source
	kind    string // of the history
	options Options
	host    string
	single  bool // each step is committed by itself, whatever the options say
}

// New returns a Migrator. Neither the source nor the database is touched before
// one of its methods is called. It fails where one of the two is nil, and with
// an error that wraps [migration.ErrUnsupported] where the database can't keep
// the history of such migrations.
func New(b backend.Backend, s source.Source, o Options) (*Migrator, error) {
	if b == nil || s == nil {
		return nil, errors.New("fastmigrate: New needs a backend and a source")
	}
	if o.RestoreOnFailure && o.Backup == "" {
		return nil, errors.New("fastmigrate: RestoreOnFailure needs Backup, the file to restore from")
	}
	if o.Tool == "" {
		o.Tool = "fastmigrate"
	}
	kind := source.KindOf(s)
	b, err := backend.Keep(b, backend.Book{Kind: kind, History: o.History})
	if err != nil {
		return nil, err
	}
	host, _ := os.Hostname()
	return &Migrator{backend: b, source: s, kind: kind, options: o, host: host}, nil
}

// State reads where the database stands: a version, the number of the highest
// function that is applied or [migration.None], or a revision. It takes no lock
// and writes nothing. The errors are those of [backend.Backend].
func (m *Migrator) State(ctx context.Context) (migration.State, error) { return m.backend.State(ctx) }

// Up applies all migrations above the database's version. With nothing to do
// it neither locks nor writes.
//
// There is always a report, also beside an error. An error of a migration is a
// [*migration.Error] with its place, the statement and a hint; what was applied
// before it stays.
func (m *Migrator) Up(ctx context.Context) (*Report, error) { return m.Run(ctx, Goal{}) }

// UpTo applies the migrations up to and with version v. The error wraps
// [migration.ErrNoVersion] where there is no such migration.
func (m *Migrator) UpTo(ctx context.Context, v migration.Version) (*Report, error) {
	return m.Run(ctx, plan.UpTo(v))
}

// Down takes the newest applied migration back. The error wraps
// [migration.ErrNoRollback] where it has no rollback script.
func (m *Migrator) Down(ctx context.Context) (*Report, error) {
	return m.Run(ctx, Goal{Direction: migration.Down})
}

// DownTo takes migrations back until the database is at version v. Nothing is
// done unless all of them have a rollback script.
func (m *Migrator) DownTo(ctx context.Context, v migration.Version) (*Report, error) {
	return m.Run(ctx, plan.DownTo(v))
}

// To goes to a state, up or down as need be: the number of a version or of a
// function, or the name of a revision. The error wraps [migration.ErrNoVersion]
// or [migration.ErrNoPath] where there is no way.
func (m *Migrator) To(ctx context.Context, target migration.State) (*Report, error) {
	return m.Run(ctx, plan.Towards(target))
}

// Run plans the way to a goal and goes it, all under one lock.
func (m *Migrator) Run(ctx context.Context, goal Goal) (*Report, error) {
	began := time.Now()
	files, err := source.List(m.source)
	if err != nil {
		return &Report{}, err
	}
	// Where the database is locked, it may be by another run: its end is waited
	// for, and no shorter than that takes.
	if report, err := m.nothing(ctx, files, goal); report != nil || err != nil && !errors.Is(err, migration.ErrLocked) {
		if report == nil {
			report = &Report{}
		}
		report.Duration = time.Since(began)
		return report, err
	}
	migrations := files.Migrations()
	for again := 0; ; again++ {
		report, err := m.locked(ctx, func(s backend.Session) (*Report, error) {
			p, err := m.plan(ctx, s, migrations, goal)
			if err != nil {
				return &Report{Start: p.Start, End: p.Start}, err
			}
			return m.execute(ctx, s, p)
		})
		// Another tool was faster. Nothing of a plan that is all or nothing was
		// kept, so that there may be another way from where the database is now.
		if !m.whole() || !errors.Is(err, migration.ErrMoved) || len(report.Applied) > 0 || report.Backup != "" || again >= replans || ctx.Err() != nil {
			return report, err
		}
	}
}

// replans is how often a plan is made anew because another tool moved the
// database.
const replans = 5

// Plan works out what Run would do. It takes no lock and writes nothing. Where
// the Migrator is strict and there are findings, the plan comes with an error
// that wraps [migration.ErrStrict].
func (m *Migrator) Plan(ctx context.Context, goal Goal) (Plan, error) {
	migrations, err := m.source.Migrations()
	if err != nil {
		return Plan{}, err
	}
	p, err := m.plan(ctx, m.backend, migrations, goal)
	if err != nil {
		return p, err
	}
	return p, run.Strict(m.options.Strict, p.Findings)
}

// Execute carries a plan out. The error wraps [migration.ErrStalePlan] where
// the database does not stand any more where the plan starts, and
// [migration.ErrChanged] where a file is not the one that was planned.
func (m *Migrator) Execute(ctx context.Context, p Plan) (*Report, error) {
	if p.Empty() {
		at, err := m.backend.State(ctx)
		if err != nil {
			return &Report{Start: p.Start, End: p.Start}, err
		}
		return run.Nothing(at, p, m.runOptions())
	}
	return m.locked(ctx, func(s backend.Session) (*Report, error) { return m.execute(ctx, s, p) })
}

// locked runs f on a session.
func (m *Migrator) locked(ctx context.Context, f func(backend.Session) (*Report, error)) (*Report, error) {
	s, err := m.backend.Session(ctx, backend.SessionOptions{
		LockTimeout: m.options.LockTimeout,
		Strict:      m.options.Strict,
		Atomic:      (m.options.Atomic || m.whole()) && !m.single,
		Repair:      m.options.Repair,
		Waiting:     func(holder string) { m.tell(run.Waiting{Holder: holder}) },
		Progress:    func(p backend.Progress) { m.tell(run.Progressed{Progress: p}) },
	})
	if err != nil {
		return &Report{}, err
	}
	report, err := f(s)
	return report, errors.Join(err, s.Close())
}

func (m *Migrator) runOptions() run.Options {
	return run.Options{
		Strict: m.options.Strict, Python: m.options.Python, Getenv: m.options.Getenv,
		OnEvent: m.options.OnEvent, Tool: m.options.Tool, Host: m.host,
	}
}

func (m *Migrator) tell(e Event) {
	if m.options.OnEvent != nil {
		m.options.OnEvent(e)
	}
}

// entry returns an entry with what is the same in all of them.
func (m *Migrator) entry(from, to migration.State, status migration.Status, name string) migration.Entry {
	return migration.Entry{
		Kind: m.kind, From: from, To: to, Name: name, Status: status, Tool: m.options.Tool, Host: m.host,
	}
}

// nameOf returns the file of a version, or its number where it has none.
func nameOf(migrations []migration.Migration, v migration.Version) string {
	for _, mig := range migrations {
		if mig.Version == v {
			return mig.Up.File()
		}
	}
	return fmt.Sprint(v)
}
