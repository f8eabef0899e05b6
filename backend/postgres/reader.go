package postgres

import (
	"errors"
	"io"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// directive is what the first comment of a script says to have its statements
// run without a transaction around them.
const directive = "fastmigrate: no-transaction"

func saysNoTransaction(comment string) bool {
	for line := range strings.Lines(comment) {
		if strings.Trim(line, "-/* \t\n") == directive {
			return true
		}
	}
	return false
}

// scriptReader reads a script statement by statement, for inspection or for
// execution.
type scriptReader struct {
	*sqlscan.Scanner
	backend *Backend
	file    string
	text    io.Closer
	seg     *segmenter

	// skims says that the data behind COPY is passed over, so that it is part
	// of the sums at once. An execution reads it.
	skims bool
}

// open opens a script. Close it when done: its scanner is used again.
func (b *Backend) open(script *migration.SQL) (*scriptReader, error) {
	text, err := script.Open()
	if err != nil {
		return nil, place(script.Name, "read", err)
	}
	scanner, ok := b.scanners.Get().(*sqlscan.Scanner)
	if ok {
		scanner.Reset(text)
	} else {
		scanner = sqlscan.New(text, sqlscan.PostgreSQL)
	}
	return &scriptReader{Scanner: scanner, backend: b, file: script.Name, text: text}, nil
}

// next returns the next statement, what it is and what to do about it; ok is
// false at the end of the script.
func (r *scriptReader) next() (st *sqlscan.Statement, n nature, m move, ok bool, err error) {
	if !r.Scan() {
		return nil, n, m, false, r.failure()
	}
	if r.seg == nil {
		r.seg = &segmenter{each: saysNoTransaction(r.Comment())}
	}
	st = r.Statement()
	n = classify(st.Text)
	if m, err = r.seg.next(n, st.Line); err != nil {
		return st, n, m, false, r.refuse(st.Line, st.Column, st.Text, err)
	}
	if data := r.Data(); data != nil && r.skims {
		if _, err := io.Copy(io.Discard, data); err != nil {
			return st, n, m, false, r.failure()
		}
	}
	return st, n, m, true, nil
}

// end says whether a transaction of ours is open at the end of the script.
func (r *scriptReader) end() (open bool, err error) {
	if r.seg == nil {
		return false, nil
	}
	open, line, err := r.seg.end()
	if err != nil {
		return false, r.refuse(line, 0, nil, err)
	}
	return open, nil
}

// sum returns the checksum of the text up to the end of the statement.
func (r *scriptReader) sum() migration.Checksum {
	sum := r.Sum()
	return migration.HexChecksum(sum[:])
}

// sumBefore returns the checksum of the text up to the statement.
func (r *scriptReader) sumBefore() migration.Checksum {
	sum := r.SumBefore()
	return migration.HexChecksum(sum[:])
}

// Close closes the script. The reader must not be used any more.
func (r *scriptReader) Close() error {
	r.backend.scanners.Put(r.Scanner)
	r.Scanner = nil
	return r.text.Close()
}

// failure returns why scanning stopped, with its place, or nil at the end.
func (r *scriptReader) failure() error {
	err := r.Err()
	var bad *sqlscan.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &bad) && bad.Err == nil:
		return r.refuse(bad.Line, bad.Column, nil, errors.New(bad.Msg))
	}
	return place(r.file, "read", err)
}

// refuse says that the script must not be run, and where.
func (r *scriptReader) refuse(line, column int, statement []byte, why error) error {
	return &migration.Error{
		Op:        "inspect",
		Origin:    migration.Origin{File: r.file, Line: line, Column: column},
		Statement: migration.FirstLine(string(statement)),
		Hint:      "mend the script; nothing of it was run",
		Err:       refusal{why},
	}
}

// refusal is an error for which [migration.ErrRefused] stands, in its own words.
type refusal struct{ error }

func (r refusal) Is(target error) bool { return target == migration.ErrRefused }
