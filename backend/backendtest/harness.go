package backendtest

import (
	"fmt"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Harness says how the suite gets at databases of one kind, and what they
// promise. New, Open, Exec and Rows are required.
type Harness struct {
	// New makes room for a database of the test's own, empty and without a
	// version table, and returns its address: all that Open needs to know. Where
	// a database is made by [backend.Backend.Create], such as a file, it is not
	// there yet. It is removed when the test ends.
	New func(t testing.TB) (address string)
	// Open returns a backend over the database at the address, as a process
	// would that knows nothing else; another process does call it. It is called
	// several times for one database. The suite closes what it returns.
	Open func(address string) (backend.Backend, error)
	// Exec executes a script as another program would, without our lock. It
	// fails the test if the database does not take it.
	Exec func(t testing.TB, d Database, script string)
	// Rows returns the numbers in a table, in any order, as another program sees
	// them; there is false where there is no such table.
	Rows func(t testing.TB, d Database, table string) (numbers []int, there bool)
	// Move sets the version as a tool would that does not know our lock. nil
	// means Exec of an UPDATE of _meta.
	Move func(t testing.TB, d Database, v migration.Version)

	// Scripts says how the database's language puts things. The zero value is
	// SQL.
	Scripts Scripts

	// Reach says who can get at a database besides the backend that opened it.
	Reach Reach
	// Failure says what a script that fails leaves behind.
	Failure Failure
	// NoPrograms says that outside programs can't reach the database:
	// [backend.Session.Begin] then refuses with [migration.ErrUnsupported].
	NoPrograms bool
}

// Database is a database of a test, as the functions of a Harness get it.
type Database struct {
	Address string
	Backend backend.Backend // one that is open on it
}

// Reach says who can get at a database.
type Reach uint8

// Who can get at a database, from all to none.
const (
	// EveryProcess can, by the address: files and servers.
	EveryProcess Reach = iota
	// OneProcess can, by the address: what lives in its memory.
	OneProcess
	// OneBackend has it for itself: Open makes a new database at each call.
	OneBackend
)

// Failure says what is left of a script that fails or is killed midway.
type Failure uint8

// What is left of a script that fails, from the strongest promise to the
// weakest.
const (
	// Nothing is left: body and record are one transaction.
	Nothing Failure = iota
	// Progress is left: the statements before the one that failed stay, the
	// history says how many they are, and the next run goes on after them.
	Progress
	// Unknown is what is left. The body and the record are separate, as they are
	// with hooks: the script is run again from its beginning, and no history
	// need be kept.
	Unknown
)

// Scripts says how a database's language puts what the suite needs. Statements
// stand on one line and have no terminator.
type Scripts struct {
	// CreateTable makes a table for numbers. nil means CREATE TABLE t (n INTEGER).
	CreateTable func(table string) string
	// DropTable drops it. nil means DROP TABLE t.
	DropTable func(table string) string
	// Insert puts a number into a table. nil means INSERT INTO t VALUES (n).
	Insert func(table string, n int) string
	// Failing is a statement that the database refuses when it executes it, and
	// not before. Empty means an INSERT into a table that is not there.
	Failing string
	// Slow returns a statement that takes minutes unless it is cancelled, and
	// that may use the table. nil means that there is none: then cancelling is
	// tested between statements only.
	Slow func(table string) string
	// Comment is what a line begins with that is passed over. Empty means "--".
	Comment string
	// Terminator ends a statement. Empty means ";".
	Terminator string
}

// filled returns the scripts with what is not given filled in.
func (s Scripts) filled() Scripts {
	if s.CreateTable == nil {
		s.CreateTable = func(table string) string { return "CREATE TABLE " + table + " (n INTEGER)" }
	}
	if s.DropTable == nil {
		s.DropTable = func(table string) string { return "DROP TABLE " + table }
	}
	if s.Insert == nil {
		s.Insert = func(table string, n int) string { return fmt.Sprintf("INSERT INTO %s VALUES (%d)", table, n) }
	}
	if s.Failing == "" {
		s.Failing = s.Insert("no_such_table", 1)
	}
	if s.Comment == "" {
		s.Comment = "--"
	}
	if s.Terminator == "" {
		s.Terminator = ";"
	}
	return s
}

// filled returns the harness with what is not given filled in.
func (h Harness) filled() Harness {
	h.Scripts = h.Scripts.filled()
	if h.Move == nil {
		h.Move = func(t testing.TB, d Database, v migration.Version) {
			t.Helper()
			h.Exec(t, d, fmt.Sprintf("UPDATE _meta SET version = %d WHERE id = 1;\n", v))
		}
	}
	return h
}
