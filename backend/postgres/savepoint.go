package postgres

import "context"

// The savepoints of ours inside a caller's transaction: around all that a run
// does, around a query, and around a function.
const (
	savepoint   = "_fastmigrate"
	lookout     = "_fastmigrate_look"
	inFunction  = "_fastmigrate_function"
	toSavepoint = "ROLLBACK TO SAVEPOINT " + savepoint + "; RELEASE SAVEPOINT " + savepoint
)

// opening returns the statement that opens a transaction of ours.
func (c *connection) opening(level string) string {
	if c.enclosed() {
		return "SAVEPOINT " + savepoint
	}
	return "BEGIN ISOLATION LEVEL " + level
}

// closing returns the statement that commits it; where the transaction is the
// caller's, that is left to him.
func (c *connection) closing() string {
	if c.enclosed() {
		return "RELEASE SAVEPOINT " + savepoint
	}
	return "COMMIT"
}

// follow notes whether our savepoint stands, after the first statements of a
// batch were completed.
func (c *connection) follow(b *batch, completed int) {
	if !c.enclosed() {
		return
	}
	text := b.text.String()
	for _, i := range b.items[:min(completed, len(b.items))] {
		switch {
		case i.line > 0:
		case text[i.start:i.end] == c.opening(""):
			c.open = true
		case text[i.start:i.end] == c.closing():
			c.open = false
		}
	}
}

// toSavepoint makes a caller's transaction what it was before ours began.
func (c *connection) toSavepoint() error {
	if !c.open {
		return nil
	}
	c.open = false
	_, err := c.Exec(context.Background(), toSavepoint).ReadAll()
	return c.explain(context.Background(), err)
}

// shielded returns statements that leave a caller's transaction usable where
// they fail, once [connection.unshield] is called.
func (c *connection) shielded(sql string) string {
	if !c.enclosed() {
		return sql
	}
	return "SAVEPOINT " + lookout + ";\n" + sql + "\n;RELEASE SAVEPOINT " + lookout
}

func (c *connection) unshield() {
	if c.enclosed() && !c.IsClosed() && c.TxStatus() == 'E' {
		// Where this fails the transaction had failed before.
		_, _ = c.Exec(context.Background(), "ROLLBACK TO SAVEPOINT "+lookout+"; RELEASE SAVEPOINT "+lookout).ReadAll()
	}
}
