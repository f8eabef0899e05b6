package sqlscan

import "io"

// maxKept is the size up to which a buffer that grew for a large statement is
// kept for the next script.
const maxKept = 1 << 20

// Reset makes the Scanner ready for the script that r yields, as [New] would,
// but with the buffer that it has: for many small scripts, getting that takes
// longer than scanning them.
func (s *Scanner) Reset(r io.Reader) {
	in := &input{r: r, size: s.in.size, buf: s.in.buf, hash: s.in.hash}
	if len(in.buf) > maxKept {
		in.buf = make([]byte, in.size)
	}
	in.hash.Reset()
	if s.data != nil {
		s.data.err = io.EOF // it may be in somebody's hands
	}
	*s = Scanner{in: in, syntax: s.syntax, split: s.syntax.splitter(), leading: s.leading[:0]}
}
