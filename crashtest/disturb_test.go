//go:build linux

package crashtest

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
)

// disturb is another program at work on a database. It prints "written" when it
// has done its part, and waits to be killed.
func disturb(what, db string) error {
	driver := "sqlite"
	if strings.Contains(sqlitefile.Driver, "mattn") {
		driver = "sqlite3"
	}
	handle, err := sql.Open(driver, db)
	if err != nil {
		return err
	}
	handle.SetMaxOpenConns(1)
	var statements []string
	switch what {
	case "leave a wal":
		statements = []string{"PRAGMA wal_autocheckpoint = 0", "CREATE TABLE kept (a)", "INSERT INTO kept VALUES (1), (2), (3)",
			"BEGIN IMMEDIATE", "INSERT INTO kept VALUES (4)"}
	case "leave a journal":
		// With next to no memory, pages go into the file before the commit.
		statements = []string{"PRAGMA cache_size = 1", "PRAGMA cache_spill = 1", "BEGIN IMMEDIATE", "UPDATE kept SET a = a || ' changed'"}
	default:
		return fmt.Errorf("unknown order %q", what)
	}
	for _, s := range statements {
		if _, err := handle.Exec(s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	fmt.Println("written")
	time.Sleep(time.Minute)
	return nil
}
