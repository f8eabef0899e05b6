package postgres

import (
	"context"
	"reflect"
	"strconv"
	"time"

	"github.com/fastmigrate/fastmigrate/internal/history"
	"github.com/fastmigrate/fastmigrate/migration"
)

// table returns the history table.
func (c *connection) table() history.Table {
	return history.Table{Quoted: quote(c.schema) + "." + quote(c.backend.options.HistoryTable), Dialect: history.PostgreSQL}
}

// history reads the history table, and says whether there is one.
func (c *connection) history(ctx context.Context) (entries []migration.Entry, there bool, err error) {
	if err := c.hasSchema(); err != nil {
		return nil, false, err
	}
	rows, err := c.query(ctx, c.table().Select())
	if code := codeOf(err); code == codeNoTable || code == codeNoSchema {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, c.named(err)
	}
	for _, r := range rows {
		e, err := history.ScanRow(row(r))
		if err != nil {
			return nil, true, err
		}
		entries = append(entries, e)
	}
	return entries, true, nil
}

// row is a row of a result, as text.
type row [][]byte

// Scan puts the columns into variables of any type of text or whole number.
func (r row) Scan(values ...any) error {
	for i, v := range values {
		to := reflect.ValueOf(v).Elem()
		if to.Kind() == reflect.String {
			to.SetString(string(r[i]))
			continue
		}
		n, err := strconv.ParseInt(string(r[i]), 10, 64)
		if err != nil {
			return err
		}
		to.SetInt(n)
	}
	return nil
}

// The times of a migration that is sent in one message with its record can only
// be told by the server.
const (
	serverTime     = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`
	serverStart    = expression("pg_catalog.to_char(pg_catalog.transaction_timestamp() AT TIME ZONE 'UTC', " + serverTime + ")")
	serverEnd      = expression("pg_catalog.to_char(pg_catalog.clock_timestamp() AT TIME ZONE 'UTC', " + serverTime + ")")
	serverDuration = expression("(extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.transaction_timestamp()) * 1000)::pg_catalog.int8")
)

// insert returns the statement that adds an entry, and returns its id. Where
// the times are not set the server's are taken: those of the transaction.
func (c *connection) insert(e migration.Entry) string {
	args := c.table().Args(e)
	if e.StartedAt.IsZero() {
		args[9] = serverStart
		if e.Ended() {
			args[10], args[11] = serverEnd, serverDuration
		}
	}
	t := c.table()
	return fill(t.Insert(), t.Quoted, args) + " RETURNING id"
}

// insertNext returns the statement that adds the entry, given by its values, of
// a script that is sent in one message with others, and returns how many seconds
// after the message came that is. The server has one time for all transactions of
// a message: a later script begins where the entry before it ends.
func (c *connection) insertNext(args []any, later bool) string {
	t := c.table()
	args[9], args[10], args[11] = serverStart, serverEnd, serverDuration
	if later {
		before := "(SELECT finished_at FROM " + t.Quoted + " ORDER BY id DESC LIMIT 1)"
		args[9] = expression("coalesce(" + before + ", " + string(serverStart) + ")") // a script may have emptied the table
		args[11] = expression("(extract(epoch FROM pg_catalog.clock_timestamp() - coalesce(" + before +
			"::pg_catalog.timestamptz, pg_catalog.transaction_timestamp())) * 1000)::pg_catalog.int8")
	}
	return fill(t.Insert(), t.Quoted, args) + " RETURNING extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.transaction_timestamp())"
}

// update returns the statement that writes an entry's progress or end over, and
// returns its id.
func (c *connection) update(e migration.Entry) string {
	t := c.table()
	return fill(t.Update(), t.Quoted, t.UpdateArgs(e)) + " RETURNING id"
}

// now returns the time as the history keeps it.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
