package plan

import (
	"fmt"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Limits bounds what shares one transaction.
type Limits struct {
	Script int64 // bytes above which a script runs alone; 0 means 1 MB
	Group  int64 // bytes that the scripts of one transaction may have; 0 means 8 MB
}

// Group says of each step of the plan which transaction it belongs to, for a
// database that can commit several migrations together. Where shared is false
// each step has a transaction of its own.
func (p *Plan) Group(shared bool, l Limits) {
	if l.Script == 0 {
		l.Script = 1 << 20
	}
	if l.Group == 0 {
		l.Group = 8 << 20
	}
	number, open, bytes := 0, false, int64(0)
	for i := range p.Steps {
		s := &p.Steps[i]
		s.Alone = alone(s, l)
		if s.isProgram() {
			s.Transaction, open = 0, false
			continue
		}
		if joins := shared && s.Alone == "" && open && bytes+s.Traits.Bytes <= l.Group; !joins {
			number++
			bytes = 0
		}
		s.Transaction = number
		bytes += s.Traits.Bytes
		open = s.Alone == ""
	}
}

// Together puts all steps into one transaction, so that all of them are applied
// or none. The error wraps [migration.ErrNotAtomic] and names the first step
// that can't be part of it.
func (p *Plan) Together() error {
	for i := range p.Steps {
		s := &p.Steps[i]
		if why := outside(s); why != "" {
			return &migration.Error{
				Op: "plan", Origin: migration.Origin{File: s.File()},
				Err:  fmt.Errorf("%w: it %s", migration.ErrNotAtomic, why),
				Hint: fmt.Sprintf("apply it by itself first, with up --to %s; nothing was changed", s.To),
			}
		}
		s.Transaction, s.Alone = 1, ""
	}
	return nil
}

// isProgram says whether a step runs as a child process.
func (s *Step) isProgram() bool {
	_, program := s.Body().(*migration.Program)
	return program
}

// outside says why a step can't be part of any transaction of ours, or "".
func outside(s *Step) string {
	t := s.Traits
	switch {
	case s.isProgram():
		return "is an outside program, which no transaction can take back"
	case s.Resume > 0:
		return "goes on where an earlier run stopped"
	case t.OwnTransaction:
		return "manages its own transactions"
	case t.Outside:
		return "holds statements that must stand outside of a transaction"
	case !t.Wrapped:
		return "says no-transaction"
	}
	return ""
}

// alone says why a step can't share a transaction, or "".
func alone(s *Step, l Limits) string {
	t := s.Traits
	switch why := outside(s); {
	case why != "":
		return why
	case s.Body().Kind() == migration.KindGo:
		return "is a Go function, which is called once"
	case t.SessionState:
		return "changes settings of its connection"
	case t.Bytes > l.Script:
		return "is large"
	}
	return ""
}
