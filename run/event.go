package run

import (
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/script"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// Event is something that happened during a run: [Waiting], [Planned],
// [BackedUp], [Copied], [Started], [Progressed], [Interpreter], [Printed], [Applied],
// [Found], [Failed] or [Restored]. The set may grow; a reader ignores what it does not know.
type Event interface{ event() }

// Waiting says that another run holds the lock.
type Waiting struct{ Holder string }

// Planned says what is going to be done, once the lock is held.
type Planned struct{ Plan plan.Plan }

// Started says that a step has begun. Steps that share a transaction, or are
// sent to a server in one message, are started together and applied together;
// [Progressed] tells which of them runs where that takes long.
type Started struct {
	Step   plan.Step
	Shared bool // whether it was started together with another step
}

// Progressed says how far a long script has come.
type Progressed struct{ backend.Progress }

// Interpreter says which program runs the bodies of one language, and why it.
type Interpreter struct {
	Language  migration.Kind
	Path, Why string
}

// Printed carries what an outside program printed, as it comes. Its bytes are
// any bytes, and are valid only during the call.
type Printed struct {
	Step   plan.Step
	Stream script.Stream
	Chunk  []byte
}

// Applied says that a step is done and that its record is durable.
type Applied struct {
	Step   plan.Step
	Result backend.Result
}

// Found says what a person should know.
type Found struct{ Finding migration.Finding }

// Failed says that a step was not applied, and why.
type Failed struct {
	Step plan.Step
	Err  error
}

// BackedUp says that the database was copied before anything was done.
type BackedUp struct{ File string }

// Restored says that, after a failure, the database was made what it was before
// the run, from a backup.
type Restored struct {
	File string
	backend.Restored
}

// Copied says that the steps run on a copy, which then becomes the database, and
// why. They are applied when it has.
type Copied struct{ File, Why string }

func (BackedUp) event()    {}
func (Copied) event()      {}
func (Restored) event()    {}
func (Waiting) event()     {}
func (Planned) event()     {}
func (Started) event()     {}
func (Progressed) event()  {}
func (Interpreter) event() {}
func (Printed) event()     {}
func (Applied) event()     {}
func (Found) event()       {}
func (Failed) event()      {}
