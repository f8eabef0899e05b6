package sqlscan

// SumBefore returns the SHA-256 of the normalised text up to the Offset of the
// current statement. It is to be called before Sum is, if both are wanted of
// one statement, and before its Data is.
func (s *Scanner) SumBefore() [32]byte { return s.in.sum(int(s.stmt.Offset - s.in.base)) }

// Size returns how many bytes of the normalised text have been read: after
// Scan has returned false without error, the size of all of it.
func (s *Scanner) Size() int64 { return s.in.base + int64(s.at) }
