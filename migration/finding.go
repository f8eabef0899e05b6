package migration

// Code names the sort of a finding; it is stable, for programs that read it.
type Code string

// The codes of findings.
const (
	CodeNewer      Code = "newer"       // the database is newer than the newest file
	CodeLate       Code = "late"        // a file appeared below the database's version and was never applied
	CodeMissing    Code = "missing"     // an applied migration has no file any more
	CodeEdited     Code = "edited"      // an applied file was changed afterwards
	CodeBegun      Code = "begun"       // a migration was begun and is not known to have ended
	CodeForeignKey Code = "foreign-key" // rows refer to rows that are not there
	CodeRebuild    Code = "rebuild"     // a script makes a table anew and loses something of it
	CodeTrailing   Code = "trailing"    // what trails after the record failed
	CodeIntegrity  Code = "integrity"   // the database's own check complains
	CodeHistory    Code = "history"     // the history and the version table disagree
)

// Finding is something a person should know, which by itself stops nothing
// unless the run is strict.
type Finding struct {
	Code    Code   `json:"code"`
	File    string `json:"file,omitempty"`    // the migration's file, where one is concerned
	Version *int64 `json:"version,omitempty"` // its version, where one is concerned
	Message string `json:"message"`           // one sentence, without the file's name
	Hint    string `json:"hint,omitempty"`    // what to do or to type next
}

// String returns the finding on one line, the file in front where there is one.
func (f Finding) String() string {
	if f.File == "" {
		return f.Message
	}
	return f.File + ": " + f.Message
}

// About returns the finding with the version set.
func (f Finding) About(v Version) Finding {
	n := int64(v)
	f.Version = &n
	return f
}
