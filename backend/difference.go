package backend

import (
	"context"
	"database/sql"
)

// Object is one thing of a schema: a table, index, view or trigger.
type Object struct {
	Kind  string // table, index, view, trigger
	Name  string
	Table string // that it belongs to; for a table or a view its own name
	SQL   string // the statement that makes it
}

// Schema is a [Backend] that lists what its schema is made of.
type Schema interface {
	// Objects returns all but what the database makes by itself and our own
	// tables: tables, indexes, views and triggers, each by name.
	Objects(ctx context.Context) ([]Object, error)
	// DB returns the handle on the database, opened if need be. It is nil where
	// the backend is over one connection.
	DB() (*sql.DB, error)
}

// Difference is one thing in which two schemas differ.
type Difference struct {
	Change string `json:"change"` // added, removed, changed: seen from the first to the second
	Kind   string `json:"kind"`   // table, column, index, foreign-key, primary-key, option, order, constraint, view, trigger
	Table  string `json:"table,omitempty"`
	Name   string `json:"name,omitempty"` // of what it is about; empty where it has none
	From   string `json:"from,omitempty"` // its definition in the first, where it is there
	To     string `json:"to,omitempty"`   // and in the second
}
