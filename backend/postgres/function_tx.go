package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fastmigrate/fastmigrate/internal/segment"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// lentTx is the transaction as a function of the program gets it: it can't end
// the one that keeps the function and its record together.
type lentTx struct {
	pgx.Tx
	state  *lentState
	nested bool // a savepoint of the function's own
}

// lentState is what the transaction and the savepoints in it share.
type lentState struct {
	conn    *connection
	mode    pgx.QueryExecMode
	refused error
	rows    pgx.Rows // the last that were asked for
	ended   func()   // of the last statement; nil without
}

// begin is called before a statement: the one before has ended then.
func (l *lentState) begin(ctx context.Context, queries ...string) (context.Context, error) {
	for _, query := range queries {
		if err := l.check(query); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.done()
	ctx, l.ended = l.conn.watched(ctx)
	return ctx, nil
}

func (l *lentState) done() {
	if l.ended != nil {
		l.ended()
		l.ended = nil
	}
}

func (l *lentState) rowsOpen() bool {
	return l.rows != nil && l.conn.PgConn.IsBusy()
}

// end closes what the function left open.
func (l *lentState) end() {
	if l.rowsOpen() {
		l.rows.Close()
	}
	l.done()
}

// check refuses a query that would begin or end a transaction. Savepoints that
// the function opens and closes are its own business.
func (l *lentState) check(query string) error {
	scanner := sqlscan.New(strings.NewReader(query), sqlscan.PostgreSQL)
	for scanner.Scan() {
		n := classify(scanner.Statement().Text)
		refusal := &migration.Error{Statement: migration.FirstLine(string(scanner.Statement().Text))}
		switch {
		case n.class == segment.Begins || n.class == segment.Commits || n.class == segment.RollsBack || n.class == segment.Refused:
			refusal.Err = fmt.Errorf("%w: it would end the transaction that keeps the migration whole", migration.ErrRefused)
			refusal.Hint = "leave BEGIN, COMMIT and ROLLBACK out of the function; return an error to undo what it did"
		case n.discards && l.conn.loan != nil:
			refusal.Err = fmt.Errorf("%w: %w", migration.ErrRefused, errDiscards)
		default:
			l.remember(scanner.Statement().Text)
			continue
		}
		l.refused = refusal
		return refusal
	}
	return nil // what can't be read as SQL, the database says
}

// remember keeps what a statement sets on a caller's connection and the server
// does not list.
func (l *lentState) remember(statement []byte) {
	if l.conn.loan != nil && !l.conn.PgConn.IsBusy() {
		// Where this fails, the connection has failed, which the statement finds out.
		_ = l.conn.remember(context.Background(), l.conn.given.unknown(customNames(statement)))
	}
}

// Begin opens a savepoint, which the function may release or roll back to.
func (tx *lentTx) Begin(ctx context.Context) (pgx.Tx, error) {
	ctx, err := tx.state.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.state.done()
	inner, err := tx.Tx.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return &lentTx{Tx: inner, state: tx.state, nested: true}, nil
}

// Commit releases a savepoint of the function's own, and refuses to end the
// migration's transaction.
func (tx *lentTx) Commit(ctx context.Context) error { return tx.finish(ctx, "COMMIT", tx.Tx.Commit) }

// Rollback rolls back to a savepoint of the function's own, and refuses to end
// the migration's transaction.
func (tx *lentTx) Rollback(ctx context.Context) error {
	return tx.finish(ctx, "ROLLBACK", tx.Tx.Rollback)
}

func (tx *lentTx) finish(ctx context.Context, word string, f func(context.Context) error) error {
	if !tx.nested {
		return tx.state.check(word)
	}
	tx.state.done()
	return f(ctx)
}

// Exec executes a statement, or several where there are no arguments.
func (tx *lentTx) Exec(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error) {
	ctx, err := tx.state.begin(ctx, query)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	defer tx.state.done()
	return tx.Tx.Exec(ctx, query, tx.args(args)...)
}

// args returns the arguments with how the query is to be executed in front.
func (tx *lentTx) args(args []any) []any { return append([]any{tx.state.mode}, args...) }

// Query sends a query; its rows are to be closed before the next.
func (tx *lentTx) Query(ctx context.Context, query string, args ...any) (pgx.Rows, error) {
	watched, err := tx.state.begin(ctx, query)
	if err != nil {
		rows, _ := tx.Tx.Query(unsent(ctx, err), query) // that fail
		return rows, err
	}
	rows, err := tx.Tx.Query(watched, query, tx.args(args)...)
	tx.state.rows = rows
	return rows, err
}

// QueryRow sends a query that returns one row at most.
func (tx *lentTx) QueryRow(ctx context.Context, query string, args ...any) pgx.Row {
	rows, err := tx.Query(ctx, query, args...)
	return lentRow{rows, err}
}

// lentRow is the first of the rows.
type lentRow struct {
	pgx.Rows
	err error
}

// Scan reads the columns into variables, and closes the rows.
func (r lentRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.Close()
	if !r.Next() {
		if r.Err() == nil {
			return pgx.ErrNoRows
		}
		return r.Err()
	}
	if err := r.Rows.Scan(dest...); err != nil {
		return err
	}
	r.Close()
	return r.Err()
}

// unsent returns a context with which nothing is sent, for results that can be
// made by a query alone.
func unsent(ctx context.Context, why error) context.Context {
	stopped, cancel := context.WithCancelCause(ctx)
	cancel(why)
	return stopped
}

// Prepare prepares a statement, which lives as long as the function.
func (tx *lentTx) Prepare(ctx context.Context, name, query string) (*pgconn.StatementDescription, error) {
	ctx, err := tx.state.begin(ctx, query)
	if err != nil {
		return nil, err
	}
	defer tx.state.done()
	return tx.Tx.Prepare(ctx, name, query)
}

// SendBatch sends several queries at once; their results are to be closed
// before the next.
func (tx *lentTx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	var queries []string
	for _, q := range b.QueuedQueries {
		queries = append(queries, q.SQL)
	}
	watched, err := tx.state.begin(ctx, queries...)
	if err != nil {
		watched = unsent(ctx, err)
	}
	return tx.Tx.SendBatch(watched, b)
}

// CopyFrom copies rows into a table.
func (tx *lentTx) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	ctx, err := tx.state.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer tx.state.done()
	return tx.Tx.CopyFrom(ctx, table, columns, rows)
}
