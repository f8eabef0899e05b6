package plan

import "github.com/fastmigrate/fastmigrate/migration"

// There returns nil for a state, of a kind of history, that there is: a version
// that has a migration, or 0; the number of a function, or [migration.None]; a
// revision that an edge names, or [migration.Initial]. The error wraps
// [migration.ErrNoVersion] or [migration.ErrNoPath].
func There(kind string, migrations []migration.Migration, s migration.State) error {
	if kind == migration.Revisions {
		g, err := newGraph(migrations)
		if err == nil && !g.known[migration.Revision(s)] {
			err = g.stranger(migration.Revision(s), "")
		}
		return err
	}
	if kind == migration.Functions {
		if err := Gapless(migrations); err != nil || s == migration.None {
			return err
		}
		v, err := s.Version()
		if err != nil || find(migrations, v) < 0 {
			return (&sequence{functions: migrations}).noFunction(s)
		}
		return nil
	}
	goal, err := Goal{Target: s}.among(0)
	if err != nil {
		return err
	}
	return Exists(migrations, *goal.To)
}
