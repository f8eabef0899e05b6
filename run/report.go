package run

import (
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// Report says what a run did. There is one beside an error, too.
type Report struct {
	Start    migration.State // where the database stood
	End      migration.State // where it stands now
	Applied  []Applied       // in order
	Failed   *plan.Step      // the step that failed, if one did
	Skipped  []plan.Step     // the other steps that are not applied
	Findings []migration.Finding
	Duration time.Duration
	Backup   string // the file that the database was copied to before, if it was
	Restored bool   // the run failed, and the database was restored from that
	Kept     string // the file with what the run had made of it then
}
