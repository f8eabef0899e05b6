package fastmigrate

import "github.com/fastmigrate/fastmigrate/run"

// The events that [Options.OnEvent] is called with. The set may grow; a reader
// ignores what it does not know.
type (
	// Waiting says that another run holds the lock.
	Waiting = run.Waiting
	// Planned says what is going to be done, once the lock is held.
	Planned = run.Planned
	// BackedUp says that the database was copied before anything was done.
	BackedUp = run.BackedUp
	// Restored says that the database was restored after a failure.
	Restored = run.Restored
	// Copied says that the steps run on a copy of the database.
	Copied = run.Copied
	// Started says that a step has begun.
	Started = run.Started
	// Progressed says how far a long script has come.
	Progressed = run.Progressed
	// Interpreter says which program runs the bodies of one language, and why.
	Interpreter = run.Interpreter
	// Printed carries what an outside program printed.
	Printed = run.Printed
	// Applied says that a step is done and that its record is durable.
	Applied = run.Applied
	// Found says what a person should know.
	Found = run.Found
	// Failed says that a step was not applied, and why.
	Failed = run.Failed
)
