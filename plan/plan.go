package plan

import "github.com/fastmigrate/fastmigrate/migration"

// Plan is what is to be done, in order, and the state that it starts from.
type Plan struct {
	Kind      string // of the history: migration.Files …
	Direction migration.Direction
	Start     migration.State // where the database stood when the plan was made
	End       migration.State // where it stands when all steps are applied
	Steps     []Step
	Findings  []migration.Finding
	// Copy says why the plan is carried out on a copy, which then becomes the
	// database: so all of it comes about or nothing. It is empty where it is
	// carried out on the database itself.
	Copy string
}

// Step is one step of a plan with the transaction that it belongs to.
type Step struct {
	migration.Step

	// Transaction counts from 1. Steps with the same number are committed
	// together. An outside program has the number 0: it has no transaction.
	Transaction int
	// Alone says why the step shares its transaction with no other; it is empty
	// where nothing speaks against sharing.
	Alone string
	// Resume is how many commits of the step's script are done already, by an
	// earlier run that did not come to its end.
	Resume int
	// Trusted says that a person named Resume: what comes before it in the
	// script is taken as done, whatever the history says of it.
	Trusted bool
	// Retry says that what an earlier run began and is not known to have ended
	// is to be run again.
	Retry bool
}

// Empty says that there is nothing to do.
func (p Plan) Empty() bool { return len(p.Steps) == 0 }

// Goal says where to go. The zero Goal is up to the newest version.
type Goal struct {
	Direction migration.Direction
	// To is the version to stop at. nil means the newest for Up, and for Down
	// as many steps as Steps says.
	To *migration.Version
	// Steps is how many migrations to take back; 0 means 1. Only for Down.
	Steps int
	// Target is the state to go to, where that is not a version: the name of a
	// revision, or [migration.None]. Where To is set it is not looked at.
	Target migration.State
	// Open leaves the direction to the planner: up or down, whichever leads to
	// To or Target. Direction is not looked at then.
	Open bool
	// Retry names a version whose outside program was begun and never ended,
	// and which is to be run again all the same.
	Retry *migration.Version
	// RetryTo does the same for a step along a graph: the revision that it was
	// to lead to.
	RetryTo migration.State
	// ResumeFrom is where the first script goes on that was begun and did not
	// come to its end: the number, from 1, of the commit to begin with. 0 means
	// where the history says that it stopped.
	ResumeFrom int
}

// UpTo returns the goal of going up to a version.
func UpTo(v migration.Version) Goal { return Goal{To: &v} }

// DownTo returns the goal of going down to a version.
func DownTo(v migration.Version) Goal { return Goal{Direction: migration.Down, To: &v} }

// Towards returns the goal of going to a state, up or down as need be.
func Towards(target migration.State) Goal { return Goal{Target: target, Open: true} }
