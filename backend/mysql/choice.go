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

// commands returns how a step is made again, with an option of that verb's, and
// how its outcome is recorded without running it. A --retry names the migration.
func commands(s migration.Step, option string) (again, mark string) {
	mark = "mark " + string(s.To)
	if s.Migration.From != "" { // an edge of a graph
		again = "to " + string(s.To) + " " + option
		if option == "--retry" {
			again += " " + string(s.To)
		}
		return again, mark
	}
	again = s.Direction.String() + " " + option
	if option == "--retry" {
		again += " " + string(s.Migration.Version.State())
	}
	return again, mark
}

// choice is a failure that a person has to decide about: where to go on.
func (r *execution) choice(line int, why string, sentinel error, next int) *migration.Error {
	again, mark := commands(r.work.Step, "--resume-from")
	return &migration.Error{
		Op: "apply", Origin: migration.Origin{File: r.work.Step.File(), Line: line},
		Err: fmt.Errorf("%w: %s", sentinel, why),
		Hint: fmt.Sprintf("fastmigrate %s %d goes on at statement %d, whatever stands before it; fastmigrate %s says that all of it is done",
			again, next, next, mark),
	}
}

// ask says that a statement was begun by an earlier run and that it can't be
// told what came of it.
func (r *execution) ask(st *sqlscan.Statement, m move, why string) error {
	r.unknown = true
	retry, _ := commands(r.work.Step, "--retry")
	resume, _ := commands(r.work.Step, "--resume-from")
	err := placed(r.file, st, fmt.Errorf("%w: it can't be told whether statement %d took effect: %s", migration.ErrUnfinished, m.segment, why))
	err.Hint = fmt.Sprintf("look at the database; then fastmigrate %s runs the statement again, and fastmigrate %s %d goes on behind it", retry, resume, m.segment+1)
	return err
}
