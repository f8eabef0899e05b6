package sqlscan

import (
	"crypto/sha256"
	"hash"
	"io"
)

// maxEmptyReads is how often a reader may return neither bytes nor an error
// before it is taken for broken.
const maxEmptyReads = 100

// firstSize is the size of the buffer at first. Most scripts fit in it, and
// there may be thousands of them.
const firstSize = 4 << 10

// input is a window on the normalised text of a reader. It moves forward only,
// and what falls out of it at its beginning goes into the checksum and into
// the count of lines.
type input struct {
	r    io.Reader
	size int   // of the buffer once the text is known not to be small
	base int64 // offset in the text of buf[0]

	buf []byte
	end int // buf[:end] is normalised text
	raw int // buf[end:raw] is the beginning of a character, the rest of which is still to be read

	begun   bool // the place of a byte order mark lies behind
	afterCR bool // the text up to end had a CR last, now an LF
	bad     string
	err     error // why nothing more can be read

	hash   hash.Hash
	hashed int // buf[:hashed] has gone into hash
	digest [sha256.Size]byte

	place  place // of buf[marked]
	marked int
}

func newInput(r io.Reader, size int) *input {
	return &input{r: r, size: size, buf: make([]byte, min(size, firstSize)), hash: sha256.New()}
}

// text returns the part of the text that lies in the window.
func (in *input) text() []byte { return in.buf[:in.end] }

// eof reports whether the window reaches to the end of the text, the end being
// a proper one.
func (in *input) eof() bool { return in.err == io.EOF && in.bad == "" }

// more moves the window, whose first keep bytes are no longer needed, so that
// more of the text lies in it. What was at index keep is then at 0. It reports
// whether there was more. If there was not, this is the end of the text, see
// eof, or the place of a failure.
func (in *input) more(keep int) bool {
	in.advance(keep)
	in.write(keep)
	copy(in.buf, in.buf[keep:in.raw])
	in.base += int64(keep)
	in.end -= keep
	in.raw -= keep
	in.marked -= keep
	in.hashed -= keep
	switch {
	case in.raw > len(in.buf)/2:
		in.grow(2 * len(in.buf))
	case len(in.buf) < in.size && in.base > 0:
		in.grow(in.size)
	}
	before := in.end
	in.fill()
	return in.end > before
}

// grow makes the buffer larger.
func (in *input) grow(size int) {
	larger := make([]byte, size)
	copy(larger, in.buf[:in.raw])
	in.buf = larger
}

// fill reads until the buffer is full or nothing more can be had. Filling it
// at every call keeps the number of times that a token is looked at again
// small, however little the reader gives at once.
func (in *input) fill() {
	for empty := 0; in.err == nil && in.bad == "" && in.raw < len(in.buf); {
		n, err := in.r.Read(in.buf[in.raw:])
		in.raw += n
		if empty++; n > 0 {
			empty = 0
		}
		if in.err = err; err == nil && empty == maxEmptyReads {
			in.err = io.ErrNoProgress
		}
		in.normalise()
	}
}

// failure returns the error that lies at the end of the window.
func (in *input) failure() *Error {
	in.advance(in.end)
	if in.bad != "" {
		return in.problem(in.bad, nil)
	}
	return in.problem("cannot read the text: "+in.err.Error(), in.err)
}

// problem returns an error at the place reached.
func (in *input) problem(msg string, err error) *Error {
	return &Error{Line: in.place.line + 1, Column: in.place.column + 1, Msg: msg, Err: err}
}

// advance moves the place to index to.
func (in *input) advance(to int) {
	in.place = in.place.after(in.buf[in.marked:to])
	in.marked = to
}

// write puts the text before index to into the checksum.
func (in *input) write(to int) {
	in.hash.Write(in.buf[in.hashed:to])
	in.hashed = to
}

// sum returns the checksum of the text up to index to, which does not lie
// before what has been put into it already.
func (in *input) sum(to int) [sha256.Size]byte {
	in.write(to)
	in.hash.Sum(in.digest[:0])
	return in.digest
}
