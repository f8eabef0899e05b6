package sqlscan

// mysqlClass holds the classes of all bytes, after the state maps of MySQL's
// lexer.
var mysqlClass = func() (table [256]class) {
	for _, c := range "\t\n\v\f\r " {
		table[c] |= space | blankStart
	}
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
	table['$'] |= ident | identStart
	for _, c := range "'\"`#-/*\\" {
		table[c] |= special
	}
	return table
}()

// mysqlRun returns the index of the first byte of text from at on that is not
// of the class.
func mysqlRun(text []byte, at int, c class) int {
	for at < len(text) && mysqlClass[text[at]]&c != 0 {
		at++
	}
	return at
}
