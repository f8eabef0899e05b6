package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// found is an index that is there already.
type found struct {
	name  string // with its schema, quoted
	valid bool
	maker string // server process that is building it right now, or ""
}

// indexes returns those on the table, of a name, or all that are not valid
// where there is none.
func (r *segmented) indexes(name, table string) ([]found, error) {
	which := "NOT i.indisvalid"
	if name != "" {
		which = "c.relname = " + literal(name)
	}
	rows, err := r.session.conn.query(r.ctx, fmt.Sprintf(`SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), i.indisvalid, p.pid
		FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		LEFT JOIN pg_catalog.pg_stat_progress_create_index AS p ON p.index_relid = c.oid AND p.command LIKE 'CREATE%%'
		WHERE i.indrelid = pg_catalog.to_regclass(%s) AND %s`, literal(table), which))
	if err != nil {
		return nil, place(r.file, "apply", err)
	}
	var all []found
	for _, row := range rows {
		all = append(all, found{name: string(row[0]), valid: string(row[1]) == "t", maker: string(row[2])})
	}
	return all, nil
}

// index looks, before CREATE INDEX CONCURRENTLY, for an index that an earlier
// attempt left behind. One that is not valid is in the way; with repair it is
// dropped. One that is valid was built by an attempt that was killed before it
// could say so, where there was one.
func (r *segmented) index(st *sqlscan.Statement, unsure bool) (built bool, err error) {
	name, table := indexOf(st.Text)
	if name == "" && !unsure {
		return false, nil
	}
	there, err := r.indexes(name, table)
	if err != nil {
		return false, err
	}
	for _, i := range there {
		switch {
		case i.valid && unsure:
			r.note(st, "was begun by a run that was killed, and had built the index")
			r.count++
			return true, nil
		case i.valid:
			// The statement says itself what is wrong with that.
		case i.maker != "":
			return false, r.inTheWay(st, fmt.Errorf("index %s is being built by server process %s right now", i.name, i.maker),
				"wait until it is built, or end it with SELECT pg_terminate_backend("+i.maker+"); then run again")
		case !r.session.options.Repair:
			return false, r.inTheWay(st, fmt.Errorf("index %s is there and INVALID: an earlier attempt to build it failed", i.name),
				"fastmigrate up --repair drops it and builds it anew")
		default:
			if err := r.session.conn.exec(r.ctx, "DROP INDEX CONCURRENTLY "+i.name); err != nil {
				return false, r.inTheWay(st, fmt.Errorf("drop the invalid index %s: %w", i.name, err), hintFor(err))
			}
			r.note(st, "had left the invalid index "+i.name+", which was dropped")
		}
	}
	return false, nil
}

func (r *segmented) inTheWay(st *sqlscan.Statement, err error, hint string) error {
	return &migration.Error{
		Op: "apply", Origin: migration.Origin{File: r.file, Line: st.Line, Column: st.Column},
		Statement: migration.FirstLine(string(st.Text)), Err: err, Hint: hint,
	}
}

// leftBehind says, where CREATE INDEX CONCURRENTLY failed, which index it left.
func (r *segmented) leftBehind(st *sqlscan.Statement, failure error) error {
	ctx := r.ctx
	r.ctx = context.WithoutCancel(ctx)
	defer func() { r.ctx = ctx }()
	if r.session.conn.IsClosed() {
		return failure
	}
	there, err := r.indexes(indexOf(st.Text))
	var failed *migration.Error
	if err != nil || !errors.As(failure, &failed) {
		return failure
	}
	var names []string
	for _, i := range there {
		if !i.valid && i.maker == "" {
			names = append(names, i.name)
		}
	}
	if len(names) > 0 {
		failed.Hint = fmt.Sprintf("it left the invalid index %s; mend what is wrong, then fastmigrate up --repair drops it and builds it anew", strings.Join(names, ", "))
	}
	return failure
}
