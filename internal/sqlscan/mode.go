package sqlscan

// Mode is what changes the reading of a dialect while a script runs: the bits
// of MySQL's sql_mode that move the ends of strings and names. Other dialects
// have none.
type Mode uint8

const (
	// ANSIQuotes makes "…" a quoted name, with no escapes in it. Without it, it is
	// a string.
	ANSIQuotes Mode = 1 << iota

	// NoBackslashEscapes makes a backslash in a string a character like others.
	NoBackslashEscapes
)

// SetMode changes how the statements after the current one are read. A caller
// that sends the statements to a server calls it after one that has set
// sql_mode.
func (s *Scanner) SetMode(m Mode) {
	s.mode = m
	s.split.setMode(m)
}
