package sqlite

import (
	"github.com/fastmigrate/fastmigrate/internal/segment"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// scriptReader reads a script statement by statement, for inspection or for
// execution.
type scriptReader struct {
	*segment.Reader
	repeats repeats

	// repeated says that the statement is of the same nature and for the same
	// table as the one before.
	repeated bool
}

// open opens a script. Close it when done: its scanner is used again.
func (b *Backend) open(script *migration.SQL) (*scriptReader, error) {
	r, err := segment.Open(script, sqlscan.SQLite, &b.scanners)
	if err != nil {
		return nil, err
	}
	return &scriptReader{Reader: r}, nil
}

// next returns the next statement, what it is and what to do about it; ok is
// false at the end of the script.
func (r *scriptReader) next() (st *sqlscan.Statement, n nature, m segment.Move, ok bool, err error) {
	if st, err = r.Next(); st == nil || err != nil {
		return nil, n, m, false, err
	}
	n, r.repeated = r.repeats.classify(st.Text)
	m, err = r.Move(st, segment.Statement{Class: n.class, Effect: n.effect, Savepoint: n.savepoint})
	return st, n, m, err == nil, err
}
