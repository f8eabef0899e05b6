package migration

// Migration is the authored unit: a place in a history, a name, what leads to
// it and perhaps what leads back.
//
// In a graph of revisions it is one edge: From and To are set, and one of Up and
// Down, which tells the direction.
type Migration struct {
	Version Version // the version that the database has once Up is applied
	Name    string  // the description, without number and extension: "add-tags"
	Up      Body    // nil only for an edge that leads down
	Down    Body    // nil when nothing leads back

	From, To Revision // of an edge; empty elsewhere
}

// Edge says which way an edge leads, and by which body. ok is false for what is
// not an edge.
func (m Migration) Edge() (d Direction, body Body, ok bool) {
	if m.From == "" || m.To == "" {
		return Up, nil, false
	}
	if m.Up != nil {
		return Up, m.Up, true
	}
	return Down, m.Down, m.Down != nil
}

// Label returns the number and the name, as in "0004-add-tags".
func (m Migration) Label() string { return m.Version.String() + "-" + m.Name }

// Step is one migration in one direction, with the states on both sides of it.
type Step struct {
	Migration Migration
	Direction Direction
	From, To  State
	Traits    Traits // what inspection found in the body
}

// Body returns what the step does: the migration's Up or its Down.
func (s Step) Body() Body {
	if s.Direction == Down {
		return s.Migration.Down
	}
	return s.Migration.Up
}

// File returns the name of the file that the step runs.
func (s Step) File() string { return s.Body().File() }
