package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/fastmigrate/fastmigrate/migration"
)

// surroundings is what a script may have changed about its connection, beyond
// the database itself.
type surroundings struct {
	settings  []setting
	journal   string   // the journal mode of the main database
	attached  []string // names of attached databases
	temporary []object
}

// setting is one setting of a connection and its value.
type setting struct{ name, value string }

// object is one thing in the schema of temporary things.
type object struct{ kind, name string }

// settingNames are those that a script may change on its connection, or that
// we change ourselves, and that reading tells. All of them have a plain number
// or word as their value.
var settingNames = []string{
	"analysis_limit", "automatic_index", "busy_timeout", "cache_size", "cache_spill", "cell_size_check",
	"checkpoint_fullfsync", "count_changes", "defer_foreign_keys", "empty_result_callbacks", "foreign_keys",
	"full_column_names", "fullfsync", "ignore_check_constraints", "journal_size_limit", "legacy_alter_table",
	"locking_mode", "max_page_count", "mmap_size", "query_only", "read_uncommitted", "recursive_triggers",
	"reverse_unordered_selects", "secure_delete", "short_column_names", "soft_heap_limit", "synchronous",
	"temp_store", "threads", "trusted_schema", "wal_autocheckpoint", "writable_schema",
}

// likeSetting is the one setting that no PRAGMA tells. What it does tells it.
const likeSetting = "case_sensitive_like"

// look reads the surroundings of a connection.
func look(ctx context.Context, conn migration.Tx) (surroundings, error) {
	var s surroundings
	for _, name := range settingNames {
		var value string
		err := conn.QueryRowContext(ctx, "PRAGMA "+name).Scan(&value)
		if errors.Is(err, sql.ErrNoRows) {
			continue // an engine built without it
		}
		if err != nil {
			return s, fmt.Errorf("read setting %s: %w", name, describe(err))
		}
		s.settings = append(s.settings, setting{name, value})
	}
	var like string
	err := conn.QueryRowContext(ctx, "SELECT NOT 'a' LIKE 'A'").Scan(&like)
	if err == nil {
		s.settings = append(s.settings, setting{likeSetting, like})
		err = conn.QueryRowContext(ctx, "PRAGMA main.journal_mode").Scan(&s.journal)
	}
	if err == nil {
		s.attached, err = names(ctx, conn, "SELECT name FROM pragma_database_list WHERE name NOT IN ('main', 'temp')")
	}
	if err != nil {
		return s, fmt.Errorf("read the connection's settings: %w", describe(err))
	}
	for _, kind := range []string{"trigger", "view", "table"} {
		all, err := names(ctx, conn, "SELECT name FROM sqlite_temp_schema WHERE type = ? AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid", kind)
		if err != nil {
			return s, err
		}
		for _, name := range all {
			s.temporary = append(s.temporary, object{kind, name})
		}
	}
	return s, nil
}

// restore makes the surroundings of a connection what they were: it drops what
// is temporary and new, detaches what was attached, and sets what was set.
func (s surroundings) restore(ctx context.Context, conn migration.Tx) error {
	now, err := look(ctx, conn)
	if err != nil {
		return err
	}
	for _, statement := range s.undo(now) {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("restore the connection (%s): %w", statement, describe(err))
		}
	}
	return nil
}

// undo returns the statements that lead back from what is now.
func (s surroundings) undo(now surroundings) []string {
	// These two would keep things from being dropped.
	undo := []string{"PRAGMA query_only = OFF", "PRAGMA foreign_keys = OFF"}
	for _, o := range now.temporary {
		if !slices.Contains(s.temporary, o) {
			undo = append(undo, "DROP "+o.kind+" IF EXISTS temp."+quote(o.name))
		}
	}
	for _, name := range now.attached {
		if !slices.Contains(s.attached, name) {
			undo = append(undo, "DETACH "+quote(name))
		}
	}
	if mode := s.journalAfter(now.journal); mode != now.journal {
		undo = append(undo, "PRAGMA main.journal_mode = "+mode)
	}
	for _, want := range s.settings {
		switch {
		case want.name == "locking_mode" && !slices.Contains(now.settings, want):
			// The lock is let go of at the next look into the file.
			undo = append(undo, "PRAGMA locking_mode = "+want.value, "SELECT count(*) FROM main.sqlite_schema")
		case want.name == "query_only", want.name == "foreign_keys", !slices.Contains(now.settings, want):
			undo = append(undo, "PRAGMA "+want.name+" = "+want.value)
		}
	}
	return undo
}

// journalAfter returns the journal mode to go back to. Whether the database has
// a write-ahead log is stored in it and stays as the script has made it; the
// other modes are the connection's.
func (s surroundings) journalAfter(mode string) string {
	switch {
	case mode == "wal":
		return mode
	case s.journal == "wal":
		return "delete"
	}
	return s.journal
}

// names returns the first column of a query's rows.
func names(ctx context.Context, conn migration.Tx, query string, args ...any) ([]string, error) {
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, describe(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, describe(err)
		}
		all = append(all, name)
	}
	return all, describe(rows.Err())
}
