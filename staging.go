package fastmigrate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/run"
)

// stage says that a plan is carried out on a copy, because it does not fit into
// one transaction, or why it can't be.
func (m *Migrator) stage(ctx context.Context, staging backend.Staging, p *Plan, why error) error {
	for i := range p.Steps {
		s := &p.Steps[i]
		err := staging.Stageable(ctx, s.Step)
		if errors.Is(err, migration.ErrUnsupported) {
			return &migration.Error{Op: "plan", Err: fmt.Errorf("%w, and there can be no copy: %w", why, err), Hint: migration.HintOf(err)}
		}
		if err != nil {
			return &migration.Error{
				Op: "plan", Origin: migration.Origin{File: s.File()},
				Err:  fmt.Errorf("%w, neither in one transaction (%s) nor on a copy: %w", migration.ErrNotAtomic, because(why, s.File()), err),
				Hint: fmt.Sprintf("apply it by itself first, with up --to %s; nothing was changed", s.To),
			}
		}
	}
	grouping, ok := m.backend.(backend.Grouping)
	p.Group(ok && grouping.Groups(), plan.Limits{})
	p.Copy = because(why, "")
	return nil
}

// because returns what an error of plan.Together says, in a few words; of the
// file itself it says "it".
func because(err error, file string) string {
	var e *migration.Error
	text := err.Error()
	if !errors.As(err, &e) || e.Origin.File == "" {
		return text
	}
	_, why, _ := strings.Cut(text, migration.ErrNotAtomic.Error()+": it ")
	if e.Origin.File == file {
		return "it " + why
	}
	return e.Origin.File + " " + why
}

// onCopy carries a plan out on a copy of the database, which then becomes the
// database.
func (m *Migrator) onCopy(ctx context.Context, s backend.Session, p Plan) (*Report, error) {
	stager, ok := s.(backend.Stager)
	if !ok {
		return &Report{Start: p.Start, End: p.Start}, fmt.Errorf("%w: %s has no copies", migration.ErrNotAtomic, m.backend.Name())
	}
	stage, err := stager.Stage(ctx)
	if err != nil {
		return &Report{Start: p.Start, End: p.Start}, err
	}
	m.tell(run.Copied{File: stage.Copy(), Why: p.Copy})
	report, err := run.ExecuteOnCopy(ctx, stage, p, m.runOptions())
	return report, errors.Join(err, stage.Close())
}
