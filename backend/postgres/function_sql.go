package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// face shows the transaction of a function to database/sql, whose types a
// [migration.Func] speaks in. It has one connection.
type face struct{ tx *lentTx }

var (
	_ driver.Connector         = face{}
	_ driver.QueryerContext    = face{}
	_ driver.ExecerContext     = face{}
	_ driver.NamedValueChecker = face{}
)

// errFace is what a function gets that asks for more than queries.
var errFace = errors.New("a migration's connection executes and queries, and nothing else")

func (f face) Connect(context.Context) (driver.Conn, error) { return f, nil }
func (f face) Driver() driver.Driver                        { return f }
func (f face) Open(string) (driver.Conn, error)             { return nil, errFace }
func (f face) Prepare(string) (driver.Stmt, error)          { return nil, errFace }
func (f face) Begin() (driver.Tx, error)                    { return nil, errFace }
func (f face) Close() error                                 { return nil }

// CheckNamedValue lets any value through: pgx takes more of them than
// database/sql.
func (f face) CheckNamedValue(*driver.NamedValue) error { return nil }

// ExecContext executes a statement, or several where there are no arguments.
func (f face) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	tag, err := f.tx.Exec(ctx, query, plainArgs(args)...)
	if err != nil {
		return nil, err
	}
	return driver.RowsAffected(tag.RowsAffected()), nil
}

// QueryContext queries. The first row is read at once: before that it is not
// known whether the query failed.
func (f face) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := f.tx.Query(ctx, query, append([]any{binaryResults}, plainArgs(args)...)...)
	if err != nil {
		return nil, err
	}
	more := rows.Next()
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return &faceRows{rows: rows, first: true, more: more}, nil
}

// binaryResults are the types that come as the server has them; all others come
// as text, which database/sql knows what to do with.
var binaryResults = pgx.QueryResultFormatsByOID{
	pgtype.BoolOID: 1, pgtype.ByteaOID: 1, pgtype.DateOID: 1, pgtype.Float4OID: 1, pgtype.Float8OID: 1, pgtype.Int2OID: 1,
	pgtype.Int4OID: 1, pgtype.Int8OID: 1, pgtype.OIDOID: 1, pgtype.TimestampOID: 1, pgtype.TimestamptzOID: 1,
}

func plainArgs(named []driver.NamedValue) []any {
	args := make([]any, len(named))
	for i, n := range named {
		args[i] = n.Value
	}
	return args
}

// faceRows are rows as database/sql reads them.
type faceRows struct {
	rows  pgx.Rows
	first bool // the row that was read at once is still to be told
	more  bool // there is one
}

func (r *faceRows) Columns() []string {
	var names []string
	for _, f := range r.rows.FieldDescriptions() {
		names = append(names, f.Name)
	}
	return names
}

func (r *faceRows) Close() error {
	r.rows.Close()
	return r.rows.Err()
}

// Next reads a row, each value as its type's codec shows it to database/sql.
func (r *faceRows) Next(values []driver.Value) error {
	more := r.more
	if !r.first {
		more = r.rows.Next()
	}
	r.first = false
	if !more {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	types := r.rows.Conn().TypeMap()
	for i, f := range r.rows.FieldDescriptions() {
		raw := r.rows.RawValues()[i]
		t, known := types.TypeForOID(f.DataTypeOID)
		switch {
		case raw == nil:
			values[i] = nil
		case known:
			v, err := t.Codec.DecodeDatabaseSQLValue(types, f.DataTypeOID, f.Format, raw)
			if err != nil {
				return err
			}
			values[i] = v
		default:
			values[i] = string(raw)
		}
	}
	return nil
}
