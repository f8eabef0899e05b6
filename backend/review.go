package backend

import (
	"context"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Reviewer is a [Backend] or a [Session] that knows scripts which run without
// an error and lose something.
type Reviewer interface {
	// Review returns what a person should know before the steps are run, in
	// order, on the database as it is now. It writes nothing. It is asked only
	// where the Replaces of a step's traits is set; the steps' scripts have been
	// inspected.
	Review(ctx context.Context, steps []migration.Step) ([]migration.Finding, error)
}
