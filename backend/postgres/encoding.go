package postgres

import (
	"context"
	"fmt"
)

// Scripts are UTF-8, and so is what we say and read. A caller's connection that
// speaks another encoding gets that back when it is given back, and not between
// two steps.

// speakUTF8 makes a caller's connection take scripts as they are written.
func (c *connection) speakUTF8(ctx context.Context) (err error) {
	if c.loan == nil || c.isUTF8() {
		return nil
	}
	rows, err := c.query(ctx, "SELECT setting, source FROM pg_catalog.pg_settings WHERE name = 'client_encoding'")
	if err != nil {
		return err
	}
	if err := c.inUTF8(ctx); err != nil {
		return err
	}
	if c.given, err = c.look(ctx); err == nil {
		c.given.settings["client_encoding"] = configured{string(rows[0][0]), string(rows[0][1])}
	}
	return err
}

func (c *connection) isUTF8() bool { return c.ParameterStatus("client_encoding") == "UTF8" }

// inUTF8 makes it so again, where a script has changed it.
func (c *connection) inUTF8(ctx context.Context) error {
	switch {
	case c.isUTF8():
		return nil
	case c.enclosed():
		return c.exec(ctx, "SET LOCAL client_encoding TO 'UTF8'")
	}
	return c.exec(ctx, "SET client_encoding TO 'UTF8'")
}

// ownEncoding gives the connection its own encoding back: inside the caller's
// transaction for what follows there, and for what comes after it.
func (c *connection) ownEncoding(ctx context.Context) error {
	if c.given == nil {
		return nil
	}
	was := c.given.settings["client_encoding"]
	back, local := "RESET client_encoding", "SET LOCAL client_encoding TO DEFAULT"
	if was.source == "session" {
		back = fmt.Sprintf("SELECT pg_catalog.set_config('client_encoding', %s, false)", literal(was.value))
		local = fmt.Sprintf("SELECT pg_catalog.set_config('client_encoding', %s, true)", literal(was.value))
	}
	if c.enclosed() {
		back += "; " + local
	}
	return c.exec(ctx, back)
}
