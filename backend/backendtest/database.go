package backendtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/run"
	"github.com/fastmigrate/fastmigrate/source"
)

// What the suite has recorded as tool and host: text that must come back as it
// is.
const (
	tool = `backendtest 1.0 'it''s' "quoted" \ % ? $1 名`
	host = "host-of-the-suite"
)

// database is a database of one subtest, and a backend that is open on it.
type database struct {
	*suite
	t testing.TB
	Database
	other backend.Backend // a further one, once there is need of it
}

// fresh returns a database that is not managed yet.
func (s *suite) fresh(t testing.TB) *database {
	t.Helper()
	d := &database{suite: s, t: t, Database: Database{Address: s.New(t)}}
	d.Backend = d.open()
	s.sample = d.Backend
	return d
}

// able says whether the backends have an ability: an optional interface.
func able[T any](s *suite, t testing.TB) bool {
	t.Helper()
	if s.sample == nil {
		s.fresh(t)
	}
	_, ok := s.sample.(T)
	return ok
}

// managed returns a database at version 0.
func (s *suite) managed(t testing.TB) *database {
	t.Helper()
	d := s.fresh(t)
	if err := d.Backend.Create(t.Context()); err != nil {
		t.Fatalf("Create: %v", err)
	}
	return d
}

// open opens a backend on the database and closes it when the test ends.
func (d *database) open() backend.Backend {
	d.t.Helper()
	b, err := d.Open(d.Address)
	if err != nil {
		d.t.Fatalf("Open: %v", err)
	}
	d.t.Cleanup(func() {
		if err := b.Close(); err != nil {
			d.t.Errorf("Close of the backend: %v", err)
		}
	})
	return b
}

// again returns another backend on the database, or the only one where that has
// the database for itself.
func (d *database) again() backend.Backend {
	d.t.Helper()
	if !d.shared() {
		return d.Backend
	}
	if d.other == nil {
		d.other = d.open()
	}
	return d.other
}

// request says how a run is to go. The zero value is up to the newest version.
type request struct {
	goal    plan.Goal
	session backend.SessionOptions
	events  func(run.Event)
}

// migrate does what a Migrator does: under the lock it plans the way from where
// the database stands, and goes it.
func migrate(ctx context.Context, b backend.Backend, folder fs.FS, r request) (report *run.Report, err error) {
	report = &run.Report{}
	migrations, err := source.FS(folder).Migrations()
	if err != nil {
		return report, err
	}
	s, err := b.Session(ctx, r.session)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	p, err := planned(ctx, b, s, migrations, r.goal)
	if err != nil {
		return report, err
	}
	return run.Execute(ctx, s, p, run.Options{Tool: tool, Host: host, OnEvent: r.events})
}

// reader is what planning needs of a backend or of a session.
type reader interface {
	State(ctx context.Context) (migration.State, error)
	History(ctx context.Context) ([]migration.Entry, error)
}

// planned makes a plan and inspects what is to be run.
func planned(ctx context.Context, b backend.Backend, r reader, migrations []migration.Migration, goal plan.Goal) (plan.Plan, error) {
	at, err := r.State(ctx)
	if err != nil {
		return plan.Plan{}, err
	}
	version, err := at.Version()
	if err != nil {
		return plan.Plan{}, err
	}
	entries, err := r.History(ctx)
	if err != nil {
		return plan.Plan{}, err
	}
	h := plan.History{Current: version, Entries: entries}
	p, err := plan.Linear(migrations, h, goal)
	if err != nil {
		return p, err
	}
	for i := range p.Steps {
		if err := inspect(ctx, b, &p.Steps[i]); err != nil {
			return p, err
		}
	}
	grouping, ok := b.(backend.Grouping)
	p.Group(ok && grouping.Groups(), plan.Limits{})
	p.Findings, err = plan.Findings(migrations, h, func(m migration.Migration) (migration.Checksum, error) {
		sum, _, err := migration.Sum(m.Up)
		return sum, err
	})
	return p, err
}

// inspect fills in the traits of one step.
func inspect(ctx context.Context, b backend.Backend, s *plan.Step) (err error) {
	inspector, can := b.(backend.Inspector)
	if script, ok := s.Body().(*migration.SQL); ok && can {
		s.Traits, err = inspector.Inspect(ctx, script)
		return err
	}
	s.Traits.Checksum, s.Traits.Bytes, err = migration.Sum(s.Body())
	return err
}

// up migrates over the other backend.
func (d *database) up(f files) (*run.Report, error) {
	d.t.Helper()
	return migrate(d.t.Context(), d.again(), f.folder(), request{})
}

// mustUp is up where nothing may go wrong.
func (d *database) mustUp(f files) *run.Report {
	d.t.Helper()
	report, err := d.up(f)
	if err != nil {
		d.t.Fatalf("up: %v", err)
	}
	return report
}

// at fails the test unless the database stands at the version.
func (d *database) at(v migration.Version) {
	d.t.Helper()
	state, err := d.again().State(d.t.Context())
	if err != nil || state != v.State() {
		d.t.Errorf("the database stands at %q, %v; want %q", state, err, v.State())
	}
}

// holds fails the test unless the table has the numbers.
func (d *database) holds(table string, want ...int) {
	d.t.Helper()
	got, there := d.Rows(d.t, d.Database, table)
	got = slices.Sorted(slices.Values(got))
	if !there || !slices.Equal(got, want) {
		d.t.Errorf("table %s (there: %v) holds %s, want %s", table, there, short(got), short(want))
	}
}

// lacks fails the test if there is such a table.
func (d *database) lacks(table string) {
	d.t.Helper()
	if got, there := d.Rows(d.t, d.Database, table); there {
		d.t.Errorf("table %s is there, with %s", table, short(got))
	}
}

// short shows some numbers of many.
func short(numbers []int) string {
	if len(numbers) > 20 {
		return fmt.Sprintf("%d numbers, %v …", len(numbers), numbers[:10])
	}
	return fmt.Sprint(numbers)
}

// entries returns the history.
func (d *database) entries() []migration.Entry {
	d.t.Helper()
	entries, err := d.again().History(d.t.Context())
	if err != nil {
		d.t.Fatalf("History: %v", err)
	}
	return entries
}

// last returns the newest entry of the history.
func (d *database) last() migration.Entry {
	d.t.Helper()
	entries := d.entries()
	if len(entries) == 0 {
		d.t.Fatal("the history is empty")
	}
	return entries[len(entries)-1]
}

// fails says in a test what an error should have been.
func fails(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want one that wraps %q", what, err, want)
	}
}

// first returns the numbers from 1 to n.
func first(n int) []int {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i + 1
	}
	return numbers
}
