package mysql

import (
	"crypto/sha256"
	"io"

	"github.com/fastmigrate/fastmigrate/internal/fault"
	"github.com/fastmigrate/fastmigrate/internal/segment"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// scriptReader reads a script statement by statement, for inspection or for
// execution.
type scriptReader struct {
	*sqlscan.Scanner
	file  string
	text  io.Closer
	seg   segmenter
	modes *modes

	statementSum migration.Checksum // of the statement's text
	before       migration.Checksum // the chain up to the statement
	chain        migration.Checksum // the chain up to and with the statement
}

// open opens a script. The mode is that of a new connection.
func open(script *migration.SQL, initial mode) (*scriptReader, error) {
	text, err := script.Open()
	if err != nil {
		return nil, place(script.Name, "read", err)
	}
	scanner := sqlscan.New(text, sqlscan.MySQL)
	scanner.SetMode(initial)
	return &scriptReader{Scanner: scanner, file: script.Name, text: text, modes: newModes(initial)}, nil
}

// next returns the next statement, what it is and what to do about it; ok is
// false at the end of the script.
func (r *scriptReader) next() (st *sqlscan.Statement, n nature, m move, ok bool, err error) {
	if !r.Scan() {
		if err = segment.Failure(r.file, r.Err()); err == nil {
			err = r.end()
		}
		return nil, n, m, false, err
	}
	st = r.Statement()
	r.link(st.Text)
	n = classify(st.Text)
	if m, err = r.seg.next(n, st.Line); err != nil {
		return st, n, m, false, r.refuse(st, err)
	}
	if n.class == sets && r.modes.set(st.Text) {
		r.SetMode(r.modes.now)
	}
	return st, n, m, true, nil
}

// link puts a statement into the chain: a checksum of the statements so far,
// whatever comments and blanks stand between them.
func (r *scriptReader) link(text []byte) {
	own := sha256.Sum256(text)
	r.statementSum = migration.HexChecksum(own[:])
	r.before = r.chain
	both := sha256.Sum256([]byte(r.chain + r.statementSum))
	r.chain = migration.HexChecksum(both[:])
}

// end fails where the script leaves a transaction open.
func (r *scriptReader) end() error {
	line, err := r.seg.end()
	if err != nil {
		return fault.Refuse(r.file, line, 0, nil, err)
	}
	return nil
}

// sum returns the checksum of the text up to the end of the statement.
func (r *scriptReader) sum() migration.Checksum {
	sum := r.Sum()
	return migration.HexChecksum(sum[:])
}

// Close closes the script.
func (r *scriptReader) Close() error { return r.text.Close() }

// refuse says that the script must not be run because of a statement.
func (r *scriptReader) refuse(st *sqlscan.Statement, why error) error {
	return fault.Refuse(r.file, st.Line, st.Column, st.Text, why)
}
