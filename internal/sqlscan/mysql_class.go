package sqlscan

// mysqlClass holds the classes of all bytes, after the state maps of MySQL's
// lexer.
var mysqlClass = func() [256]class {
	table := wordClasses()
	for _, c := range "\t\n\v\f\r " {
		table[c] |= space | blankStart
	}
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
