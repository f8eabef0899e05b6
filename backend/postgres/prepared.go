package postgres

import (
	"context"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// prepared is a prepared statement.
type prepared struct {
	text  string
	bySQL bool // by PREPARE, which the text then is
}

// alone returns the statement with nothing but itself in its text: the server
// shows the whole message that PREPARE was sent in.
func (p prepared) alone(name string) prepared {
	if !p.bySQL {
		return p
	}
	scanner := sqlscan.New(strings.NewReader(p.text), sqlscan.PostgreSQL)
	count, text := 0, p.text
	for scanner.Scan() {
		count++
		st := scanner.Statement().Text
		if w := leading(st); w.begin("PREPARE") && nameAt(w, 1) == name {
			text = strings.TrimRight(string(st), "; \n")
		}
	}
	if count > 1 {
		p.text = text
	}
	return p
}

// driversOwn is what the names of those statements begin with that the driver
// prepares by itself, and counts on being there.
const driversOwn = "stmtcache_"

// prepareAgain makes the prepared statements of a connection those that it had
// when it was lent.
func (c *connection) prepareAgain(ctx context.Context, now *surroundings) error {
	for _, name := range now.order["prepared"] {
		if p, had := c.given.prepared[name]; had && now.prepared[name] != p {
			if err := c.PgConn.Deallocate(ctx, name); err != nil {
				return err
			}
		} else if !had && !strings.HasPrefix(name, driversOwn) {
			if err := c.pgx.Deallocate(ctx, name); err != nil { // the driver has it in its list
				return err
			}
		}
	}
	for _, name := range c.given.order["prepared"] {
		p := c.given.prepared[name]
		if now.prepared[name] == p {
			continue
		}
		err := c.again(ctx, func() (err error) {
			if p.bySQL {
				_, err = c.Exec(ctx, p.text).ReadAll() // by itself, for the server shows all of a message
			} else {
				_, err = c.Prepare(ctx, name, p.text, nil)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// again prepares a statement, inside a caller's transaction with a savepoint
// around it.
func (c *connection) again(ctx context.Context, prepare func() error) error {
	if !c.enclosed() {
		return prepare()
	}
	_, err := c.Exec(ctx, "SAVEPOINT "+lookout).ReadAll()
	if err == nil {
		err = prepare()
	}
	if err == nil {
		_, err = c.Exec(ctx, "RELEASE SAVEPOINT "+lookout).ReadAll()
	}
	if err != nil {
		c.unshield()
	}
	return err
}
