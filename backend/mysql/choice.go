package mysql

import (
	"fmt"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// changed says that the applied part of the script is not the same any more.
func (r *execution) changed(line int, why string) error {
	err := r.choice(line, why, migration.ErrChanged, r.work.Resume+1)
	err.Hint = "restore that part of the file, or: " + err.Hint
	return err
}

// choice is a failure that a person has to decide about: where to go on.
func (r *execution) choice(line int, why string, sentinel error, next int) *migration.Error {
	version, _ := r.work.Step.To.Version()
	return &migration.Error{
		Op: "apply", Origin: migration.Origin{File: r.work.Step.File(), Line: line},
		Err: fmt.Errorf("%w: %s", sentinel, why),
		Hint: fmt.Sprintf("fastmigrate %s --resume-from %d goes on at statement %d, whatever stands before it; fastmigrate mark %d says that all of it is done",
			r.work.Step.Direction, next, next, version),
	}
}

// ask says that a statement was begun by an earlier run and that it can't be
// told what came of it.
func (r *execution) ask(st *sqlscan.Statement, m move, why string) error {
	r.unknown = true
	state := r.work.Step.To
	if r.work.Step.Direction == migration.Down {
		state = r.work.Step.From
	}
	version, _ := state.Version()
	err := placed(r.file, st, fmt.Errorf("%w: it can't be told whether statement %d took effect: %s", migration.ErrUnfinished, m.segment, why))
	err.Hint = fmt.Sprintf("look at the database; then fastmigrate %s --retry %d runs the statement again, and fastmigrate %s --resume-from %d goes on behind it",
		r.work.Step.Direction, version, r.work.Step.Direction, m.segment+1)
	return err
}
