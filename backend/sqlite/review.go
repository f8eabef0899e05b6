package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/segment"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Review looks for tables that scripts make anew and, doing so, lose indexes,
// triggers or the rows of other tables.
func (b *Backend) Review(ctx context.Context, steps []migration.Step) (found []migration.Finding, err error) {
	err = b.use(ctx, func(c *connection) error {
		found, err = c.review(ctx, steps)
		return err
	})
	return found, err
}

// Review is like [Backend.Review], on the session's own connection.
func (s *session) Review(ctx context.Context, steps []migration.Step) ([]migration.Finding, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	return s.conn.review(ctx, steps)
}

var (
	_ backend.Reviewer = (*Backend)(nil)
	_ backend.Reviewer = (*session)(nil)
)

// longReview is the size in bytes above which a script is read a second time
// only where it is one that makes a table anew.
const longReview = 8 << 20

// review follows what the scripts make of the schema, by their words.
func (c *connection) review(ctx context.Context, steps []migration.Step) ([]migration.Finding, error) {
	o, err := c.outline(ctx)
	if err != nil {
		return nil, err
	}
	var found []migration.Finding
	for _, step := range steps {
		script, ok := step.Body().(*migration.SQL)
		if !ok || !step.Traits.Replaces && step.Traits.Bytes > longReview {
			continue
		}
		if err := c.follow(ctx, o, script); err != nil {
			return nil, err
		}
		for _, f := range o.lost() {
			if f.File = script.Name; step.Migration.Version > 0 { // an edge of a graph has none
				f = f.About(step.Migration.Version)
			}
			found = append(found, f)
		}
	}
	return found, nil
}

// outline reads what belongs to the tables that there are.
func (c *connection) outline(ctx context.Context) (*outline, error) {
	items, err := c.schema(ctx)
	if err != nil {
		return nil, err
	}
	o := &outline{tables: make(map[string]*owned)}
	for _, i := range items {
		o.apply(deed(i.text), false)
	}
	return o, nil
}

// follow reads a script.
func (c *connection) follow(ctx context.Context, o *outline, script *migration.SQL) error {
	r, err := c.backend.open(script)
	if err != nil {
		return err
	}
	defer r.Close()
	o.begin()
	for {
		st, _, m, ok, err := r.next()
		if err != nil || !ok {
			return err
		}
		if !r.repeated {
			o.apply(deed(string(st.Text)), m.Run == segment.Bare)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// lost returns what the script has lost of tables that it made anew.
func (o *outline) lost() []migration.Finding {
	var found []migration.Finding
	for _, g := range o.gone {
		now, there := o.tables[g.is]
		if !there {
			continue // dropped, and not made anew
		}
		var missing []string
		for _, i := range g.had {
			if !slices.ContainsFunc(now.had, func(n item) bool { return strings.EqualFold(n.name, i.name) }) {
				missing = append(missing, "the "+i.kind+" "+i.name)
			}
		}
		if len(missing) > 0 {
			found = append(found, migration.Finding{
				Code:    migration.CodeRebuild,
				Message: fmt.Sprintf("makes the table %s anew without %s", now.name, enumerate(missing)),
				Hint: fmt.Sprintf("make what is missing anew behind it, or drop it before where that is meant; "+
					"fastmigrate rebuild %s writes such a script", now.name),
			})
		}
		for _, child := range g.emptied {
			found = append(found, migration.Finding{
				Code:    migration.CodeRebuild,
				Message: fmt.Sprintf("drops the table %s with foreign keys on, which %s, and makes it anew", g.name, child),
				Hint:    "leave PRAGMA foreign_keys = ON out: migrations run with foreign keys off",
			})
		}
		for _, r := range o.references {
			if r.parent != g.is && r.parent == g.was && o.tables[g.was] == nil {
				found = append(found, migration.Finding{
					Code:    migration.CodeRebuild,
					Message: fmt.Sprintf("leaves foreign keys of %s that lead to %s, which it drops", r.child, g.name),
					Hint: fmt.Sprintf("give the new table the old one's name, not the old one another: references follow it; "+
						"fastmigrate rebuild %s writes such a script", now.name),
				})
			}
		}
	}
	return found
}

// enumerate returns a list as a sentence has it.
func enumerate(all []string) string {
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:len(all)-1], ", ") + " and " + all[len(all)-1]
}
