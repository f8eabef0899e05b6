package postgres

import (
	"io"

	"github.com/fastmigrate/fastmigrate/internal/segment"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// scriptReader reads a script statement by statement, for inspection or for
// execution.
type scriptReader struct {
	*segment.Reader

	// skims says that the data behind COPY is passed over, so that it is part
	// of the sums at once. An execution reads it.
	skims bool
}

// open opens a script. Close it when done: its scanner is used again.
func (b *Backend) open(script *migration.SQL) (*scriptReader, error) {
	r, err := segment.Open(script, sqlscan.PostgreSQL, &b.scanners)
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
	n = classify(st.Text)
	m, err = r.Move(st, segment.Statement{Class: n.class, Effect: n.effect, Savepoint: n.savepoint, Why: n.why})
	if err != nil {
		return st, n, m, false, err
	}
	if data := r.Data(); data != nil && r.skims {
		if _, err := io.Copy(io.Discard, data); err != nil {
			return st, n, m, false, r.failure()
		}
	}
	return st, n, m, true, nil
}

// failure returns why scanning stopped, with its place, or nil.
func (r *scriptReader) failure() error { return segment.Failure(r.File, r.Err()) }
