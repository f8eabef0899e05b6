package migration

// Checksum identifies the text of a body: the SHA-256, in 64 hexadecimal
// digits, of the text without a byte order mark and with CRLF and CR as LF.
// The empty Checksum means "not known".
type Checksum string

// Traits is what one reading of a body found out about it, before anything of
// it is executed. For an outside program only Checksum and Bytes are set.
type Traits struct {
	Checksum   Checksum
	Bytes      int64 // of the normalised text
	Statements int

	// Wrapped says that the whole script runs inside one transaction of ours,
	// together with its record.
	Wrapped bool
	// OwnTransaction says that the script opens and commits transactions itself.
	OwnTransaction bool
	// Outside says that statements of the script must stand outside of any
	// transaction, such as VACUUM.
	Outside bool
	// Attaches says that the script attaches another database.
	Attaches bool
	// PageSize says that the script sets the size of the database's pages.
	PageSize bool
	// SessionState says that the script changes the connection that it runs on
	// (a setting, an attached database, a temporary table), which no other
	// migration may see.
	SessionState bool
	// TemporaryObjects says that the script makes temporary tables or the like,
	// which are gone when a later run resumes it.
	TemporaryObjects bool
	// Light says that all statements of the script are of kinds that are known
	// to leave nothing behind on the connection, and that there is no need to
	// watch: a server may be sent the script together with others.
	Light bool
	// Routines says that the script makes triggers or virtual tables, so that a
	// short INSERT may take long; on MySQL, that a statement which does not
	// change rows has a semicolon inside, as a routine's body does.
	Routines bool
	// Replaces says that the script drops a table, and gives another a new name
	// or makes one afterwards, as one does that makes a table anew.
	Replaces bool
	// Segments counts the commits of the script, up to the last one that
	// changes anything. The version is recorded inside that one; what trails
	// after it runs after the record.
	Segments int
	// RecordedPrefix is the checksum of the text up to the end of that commit.
	RecordedPrefix Checksum
	// Tables holds the names of the tables that the text names, in lower case
	// and in order, for the check of foreign keys. It is nil with AllTables.
	Tables []string
	// AllTables says that the text names too many tables to keep.
	AllTables bool
}
