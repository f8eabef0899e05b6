package sqlscan

// class is what a byte begins, or what it can continue, as bits.
type class uint8

const (
	// space is what SQLite goes on taking for a blank.
	space class = 1 << iota

	// blankStart is what can begin a run of blanks: all of space but the
	// vertical tab, which SQLite takes only after another blank.
	blankStart

	// digit is a decimal digit.
	digit

	// hex is a hexadecimal digit.
	hex

	// ident is what can go on in an identifier: letters, digits, underscore,
	// dollar sign and every byte of a character outside of ASCII.
	ident

	// identStart is what can begin an identifier.
	identStart

	// special is what ends a statement, or begins a token in which a semicolon
	// does not end one.
	special

	// operator is what PostgreSQL's operators consist of.
	operator
)

// wordClasses returns those of the bytes that all dialects make numbers and
// names of.
func wordClasses() (table [256]class) {
	for c := '0'; c <= '9'; c++ {
		table[c] |= digit | hex | ident
	}
	for c := 'a'; c <= 'z'; c++ {
		table[c] |= ident | identStart
		table[c-'a'+'A'] |= ident | identStart
	}
	for c := 'a'; c <= 'f'; c++ {
		table[c] |= hex
		table[c-'a'+'A'] |= hex
	}
	for c := 0x80; c <= 0xff; c++ {
		table[c] |= ident | identStart
	}
	table['_'] |= ident | identStart
	return table
}

// sqliteClass holds the classes of all bytes, after the tables aiClass and
// sqlite3CtypeMap of SQLite's tokenize.c and global.c.
var sqliteClass = func() [256]class {
	table := wordClasses()
	for _, c := range "\t\n\f\r " {
		table[c] |= space | blankStart
	}
	table['\v'] |= space
	table['$'] |= ident
	for _, c := range ";'\"`[-/$@:#" {
		table[c] |= special
	}
	return table
}()

// run returns the index of the first byte of text from at on that is not of
// the class.
func run(text []byte, at int, c class) int {
	for at < len(text) && sqliteClass[text[at]]&c != 0 {
		at++
	}
	return at
}
