package segment

import (
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/fastmigrate/fastmigrate/internal/fault"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Directive is what the first comment of a script says to have its statements
// run without a transaction around them.
const Directive = "fastmigrate: no-transaction"

func saysNoTransaction(comment string) bool {
	for line := range strings.Lines(comment) {
		if strings.Trim(line, "-/* \t\n") == Directive {
			return true
		}
	}
	return false
}

// Reader reads a script, for inspection or for execution: [Reader.Next], and for
// each statement [Reader.Move].
type Reader struct {
	*sqlscan.Scanner
	// File names the script in errors.
	File string

	text     io.Closer
	pool     *sync.Pool
	segments *Segmenter // nil before the first statement
}

// Open opens a script. Its scanner is taken from the pool, of the same dialect,
// and goes back there with [Reader.Close].
func Open(script *migration.SQL, d sqlscan.Dialect, pool *sync.Pool) (*Reader, error) {
	text, err := script.Open()
	if err != nil {
		return nil, fault.Place(script.Name, "read", "", err)
	}
	scanner, ok := pool.Get().(*sqlscan.Scanner)
	if ok {
		scanner.Reset(text)
	} else {
		scanner = sqlscan.New(text, d)
	}
	return &Reader{Scanner: scanner, File: script.Name, text: text, pool: pool}, nil
}

// Next returns the next statement, or nil at the end of the script.
func (r *Reader) Next() (*sqlscan.Statement, error) {
	if !r.Scan() {
		return nil, Failure(r.File, r.Err())
	}
	if r.segments == nil {
		r.segments = &Segmenter{Each: saysNoTransaction(r.Comment())}
	}
	return r.Statement(), nil
}

// Move says what to do about the statement that Next returned.
func (r *Reader) Move(st *sqlscan.Statement, s Statement) (Move, error) {
	m, err := r.segments.Next(s, st.Line)
	if err != nil {
		return m, r.Refuse(st, err)
	}
	return m, nil
}

// End says whether a transaction of ours is open at the end of the script.
func (r *Reader) End() (open bool, err error) {
	if r.segments == nil {
		return false, nil
	}
	open, line, err := r.segments.End()
	if err != nil {
		return false, fault.Refuse(r.File, line, 0, nil, err)
	}
	return open, nil
}

// Each says that every plain statement is a segment of its own.
func (r *Reader) Each() bool { return r.segments != nil && r.segments.Each }

// Checksum returns that of the text up to the end of the statement.
func (r *Reader) Checksum() migration.Checksum {
	sum := r.Sum()
	return migration.HexChecksum(sum[:])
}

// ChecksumBefore returns that of the text up to the statement.
func (r *Reader) ChecksumBefore() migration.Checksum {
	sum := r.SumBefore()
	return migration.HexChecksum(sum[:])
}

// Refuse says that the script must not be run because of a statement.
func (r *Reader) Refuse(st *sqlscan.Statement, why error) error {
	return fault.Refuse(r.File, st.Line, st.Column, st.Text, why)
}

// Close closes the script. The reader must not be used any more.
func (r *Reader) Close() error {
	r.pool.Put(r.Scanner)
	r.Scanner = nil
	return r.text.Close()
}

// Failure returns why a scanner stopped, with its place, or nil at the end.
func Failure(file string, err error) error {
	var bad *sqlscan.Error
	if errors.As(err, &bad) && bad.Err == nil {
		return fault.Refuse(file, bad.Line, bad.Column, nil, errors.New(bad.Msg))
	}
	return fault.Place(file, "read", "", err)
}
