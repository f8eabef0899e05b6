package cli

import (
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Common is how the object that --json prints begins, whatever the verb. The
// fields of all objects are stable: new ones may come, none goes or changes its
// meaning. Times are UTC in RFC 3339, durations whole milliseconds.
type Common struct {
	Command     string              `json:"command,omitempty"`      // the verb, where it could be told
	OK          bool                `json:"ok"`                     // the program exits with 0 or, by status --exit-code, with 3, or, by diff, with 5
	ExitCode    int                 `json:"exit_code"`              // what it exits with
	Error       *ErrorObject        `json:"error,omitempty"`        // what went wrong
	OtherErrors []ErrorObject       `json:"other_errors,omitempty"` // what else went wrong, as when several scripts are refused
	Database    string              `json:"database,omitempty"`     // as a person would write it; never a password
	Folder      string              `json:"folder,omitempty"`       // of the migrations
	Findings    []migration.Finding `json:"findings"`               // what a person should know
}

// ErrorObject is one error. What is not known is left out.
type ErrorObject struct {
	Message   string `json:"message"`             // without the place
	File      string `json:"file,omitempty"`      // base name of the migration's file
	Line      int    `json:"line,omitempty"`      // counted from 1
	Column    int    `json:"column,omitempty"`    // in characters, counted from 1
	Statement string `json:"statement,omitempty"` // its first line, and the line at fault if it is another
	Output    string `json:"output,omitempty"`    // what an outside program printed
	Hint      string `json:"hint,omitempty"`      // what to do or to type next

	traceback string // of a function in config.py; for --verbose
	quote     string // the lines of the script, with a mark below the place
}

// StepObject is one migration in one direction.
type StepObject struct {
	Version     *int64 `json:"version,omitempty"` // of the migration; absent for an edge of a graph
	Name        string `json:"name"`
	File        string `json:"file"`
	Kind        string `json:"kind"`                  // sql, py, sh, go
	Direction   string `json:"direction"`             // up, down
	From        *int64 `json:"from,omitempty"`        // the database's version before
	To          *int64 `json:"to,omitempty"`          // and after
	FromState   string `json:"from_state,omitempty"`  // of functions and revisions: the state before
	ToState     string `json:"to_state,omitempty"`    // and after
	Transaction int    `json:"transaction,omitempty"` // steps of one number are committed together; an outside program has none
	Alone       string `json:"alone,omitempty"`       // why it shares its transaction with no other
	Resume      int    `json:"resume,omitempty"`      // commits that an earlier run has done already
	Bytes       int64  `json:"bytes,omitempty"`       // of the text
	Statements  int    `json:"statements,omitempty"`  // of a script in SQL
	DurationMS  *int64 `json:"duration_ms,omitempty"` // how long it took, once it is applied
	Body        string `json:"body,omitempty"`        // plan --sql: the text
}

// RunOutput is what up, down and to print.
type RunOutput struct {
	Common
	Created    bool         `json:"created,omitempty"`  // up --create made the database
	Backup     string       `json:"backup,omitempty"`   // the file that --backup wrote
	Restored   bool         `json:"restored,omitempty"` // the run failed, and the database was restored from the backup
	Kept       string       `json:"kept,omitempty"`     // the file with what the run had made of the database then
	OnCopy     string       `json:"on_copy,omitempty"`  // dry run: why it would run on a copy that then becomes the database
	DryRun     bool         `json:"dry_run,omitempty"`
	Direction  string       `json:"direction,omitempty"` // to: the way that it went, where there was one to go
	Places                  // in a dry run, where the database would be
	Applied    []StepObject `json:"applied"`          // what is done, in order
	Failed     *StepObject  `json:"failed,omitempty"` // what failed, and was not applied
	Pending    []StepObject `json:"pending"`          // what was not tried after that, or what a dry run would do
	DurationMS int64        `json:"duration_ms"`
}

// PlanOutput is what plan prints.
type PlanOutput struct {
	Common
	Direction string `json:"direction"`
	Places
	Steps []StepObject `json:"steps"`
}

// StatusOutput is what status prints.
type StatusOutput struct {
	Common
	Places
	Newest     *int64       `json:"newest,omitempty"` // the highest that there is a file or a function for; absent for a graph
	Pending    int          `json:"pending"`          // how many are to be applied; in a graph, how many steps lead to the nearest end
	Migrations []RowObject  `json:"migrations"`       // none of a graph
	Made       []EdgeObject `json:"made,omitempty"`   // of a graph: the steps that were made, oldest first
	Ahead      []EdgeObject `json:"ahead,omitempty"`  // of a graph: the edges that leave the revision
}

// EdgeObject is an edge of a graph, or a step that was made along one.
type EdgeObject struct {
	From      string     `json:"from_state"`
	To        string     `json:"to_state"`
	Direction string     `json:"direction,omitempty"` // up, down; absent where the edge of a step is not known
	File      string     `json:"file,omitempty"`      // likewise
	Kind      string     `json:"kind,omitempty"`      // sql, go; likewise
	AppliedAt *time.Time `json:"applied_at,omitempty"`
}

// GraphOutput is what graph prints.
type GraphOutput struct {
	Common
	Places
	Revisions []string     `json:"revisions"`         // nearest to initial first
	Edges     []EdgeObject `json:"edges"`             // in order of the revisions that they leave
	Diagram   string       `json:"diagram,omitempty"` // where --format asks for one
}

// RowObject is one migration and how it stands.
type RowObject struct {
	Version    int64      `json:"version"`
	Name       string     `json:"name"`
	File       string     `json:"file,omitempty"` // absent where it is gone
	Kind       string     `json:"kind,omitempty"`
	State      string     `json:"state"`    // applied, pending, late, missing, begun, failed, marked, enrolled
	Rollback   bool       `json:"rollback"` // there is a script that takes it back
	AppliedAt  *time.Time `json:"applied_at,omitempty"`
	DurationMS *int64     `json:"duration_ms,omitempty"`
	Commits    int        `json:"commits,omitempty"`      // of the script that are durable, where it is begun or failed
	AllCommits int        `json:"all_commits,omitempty"`  // how many the script has, where it is begun or failed
	Statements bool       `json:"by_statement,omitempty"` // each of its statements is such a commit
	Error      string     `json:"error,omitempty"`        // what went wrong, where it failed
}

// VersionOutput is what version prints.
type VersionOutput struct {
	Common
	Program string `json:"program_version"`
	Places         // the database's; absent where there is none
}

// DatabaseOutput is what create, enroll and mark print.
type DatabaseOutput struct {
	Common
	Created bool   `json:"created,omitempty"` // create: the database is new
	File    string `json:"file,omitempty"`    // enroll: the draft of the schema that was written
	Places         // from: mark, where it was before
}

// DumpOutput is what dump prints.
type DumpOutput struct {
	Common
	File string `json:"file,omitempty"` // that it was written to
	SQL  string `json:"sql,omitempty"`  // the schema, where it was written to no file
}

// DiffOutput is what diff prints.
type DiffOutput struct {
	Common
	From        string               `json:"from"` // what the first schema is of; never a password
	To          string               `json:"to"`   // and the second
	Places                           // version, state: up to which the migrations were run, where the first is what they build
	Same        bool                 `json:"same"`
	Differences []backend.Difference `json:"differences"`
}

// FilesOutput is what backup, new and rebuild print.
type FilesOutput struct {
	Common
	Version *int64   `json:"version,omitempty"` // new: the number of the migration, where it has one
	Files   []string `json:"files"`             // that were written
	Removed []string `json:"removed,omitempty"` // backup --keep: older backups
}

// RehearseOutput is what rehearse prints: what a run did to a copy.
type RehearseOutput struct {
	Common
	Places                        // where the database stands, and where the run led to on the copy
	Steps       []RehearsedObject `json:"steps"`            // that were applied there, in order
	Failed      *StepObject       `json:"failed,omitempty"` // what failed
	Pending     []StepObject      `json:"pending"`          // what was not tried after that
	BytesBefore int64             `json:"bytes_before"`     // the size of the database
	BytesAfter  int64             `json:"bytes_after"`      // the size of the copy in the end
	Tables      []RowsObject      `json:"tables"`           // each table
	Schema      []ChangeObject    `json:"schema"`           // what became of the schema, all in all
	Integrity   *bool             `json:"integrity,omitempty"`
	ForeignKeys *bool             `json:"foreign_keys,omitempty"` // both: whether the check found nothing; absent where it was not run
	Kept        string            `json:"kept,omitempty"`         // the file with the copy
	DurationMS  int64             `json:"duration_ms"`
}

// RehearsedObject is one migration and what it changed.
type RehearsedObject struct {
	StepObject
	SizeAfter int64          `json:"size_after"` // of the copy, in bytes
	Tables    []RowsObject   `json:"tables"`     // in which the number of rows changed
	Schema    []ChangeObject `json:"schema"`
}

// RowsObject is how many rows a table has. A number is absent where the table is
// not there.
type RowsObject struct {
	Table  string `json:"table"`
	Before *int64 `json:"before,omitempty"`
	After  *int64 `json:"after,omitempty"`
}

// ChangeObject is what became of something in the schema.
type ChangeObject struct {
	Change string `json:"change"` // added, removed, changed
	Kind   string `json:"kind"`   // table, index, view, trigger
	Name   string `json:"name"`
}

// RestoreOutput is what restore prints.
type RestoreOutput struct {
	Common
	Places
	File string `json:"file"`           // that was restored
	Kept string `json:"kept,omitempty"` // the file with what was replaced
}

// BackupsOutput is what backups prints.
type BackupsOutput struct {
	Common
	Backups []BackupObject `json:"backups"` // newest first
}

// BackupObject is one backup.
type BackupObject struct {
	File    string    `json:"file"`
	MadeAt  time.Time `json:"made_at"`           // as its name says
	Bytes   int64     `json:"bytes"`             // its size
	Version *int64    `json:"version,omitempty"` // of the database in it; absent where it has none
	State   string    `json:"state,omitempty"`   // likewise: a revision, the number of a function, or none
	Error   string    `json:"error,omitempty"`   // why it can't be read
}

// ImportOutput is what import prints.
type ImportOutput struct {
	Common
	From       string             `json:"from"`            // the other tool
	Source     string             `json:"source"`          // its folder
	Table      string             `json:"table,omitempty"` // its table; absent with --files-only
	DryRun     bool               `json:"dry_run,omitempty"`
	Written    bool               `json:"written"`           // the folder of the migrations is new
	Enrolled   bool               `json:"enrolled"`          // the database was not managed, and is
	Version    *int64             `json:"version,omitempty"` // that the database is enrolled at, or would be
	Migrations []ImportedObject   `json:"migrations"`
	NotCarried []NotCarriedObject `json:"not_carried_over"`
}

// ImportedObject is one migration of another tool's, and what became of it.
type ImportedObject struct {
	Version  int64    `json:"version"`
	Theirs   string   `json:"their_version"`
	File     string   `json:"file"`               // of ours
	Rollback string   `json:"rollback,omitempty"` // of ours, with its folder
	Sources  []string `json:"sources"`            // theirs
	State    string   `json:"state,omitempty"`    // applied, pending; absent with --files-only
}

// NotCarriedObject is a file that was not carried over, or not in full.
type NotCarriedObject struct {
	File    string `json:"file"`              // theirs
	Version *int64 `json:"version,omitempty"` // ours; absent for what is no migration
	Reason  string `json:"reason"`
}

// VerifyOutput is what verify prints. What it found is in findings.
type VerifyOutput struct{ Common }

// LinksOutput is what links prints.
type LinksOutput struct {
	Common
	Program string       `json:"program,omitempty"` // what the links lead to
	Links   []LinkObject `json:"links"`
}

// LinkObject is one link.
type LinkObject struct {
	Path  string `json:"path"`
	State string `json:"state"` // made, kept, replaced
}

// CompletionOutput is what completion prints.
type CompletionOutput struct {
	Common
	Shell  string `json:"shell"`
	Script string `json:"script"`
}

// common lets every output be filled in alike.
func (c *Common) common() *Common { return c }
