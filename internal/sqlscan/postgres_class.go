package sqlscan

import "bytes"

// postgresClass holds the classes of all bytes, after PostgreSQL's scan.l and
// psql's psqlscan.l. The vertical tab is a blank since PostgreSQL 16, and an
// error before.
var postgresClass = func() [256]class {
	table := wordClasses()
	for _, c := range "\t\n\v\f\r " {
		table[c] |= space | blankStart
	}
	table['$'] |= ident
	for _, c := range "~!@#^&|`?+-*/%<>=" {
		table[c] |= operator
	}
	return table
}()

// postgresRun returns the index of the first byte of text from at on that is
// not of the class.
func postgresRun(text []byte, at int, c class) int {
	for at < len(text) && postgresClass[text[at]]&c != 0 {
		at++
	}
	return at
}

// skippedCommands are the commands of psql that pg_dump writes at the top and
// at the bottom of a dump. They keep psql from obeying others in between and
// mean nothing to anyone else.
var skippedCommands = [...]string{`\restrict`, `\unrestrict`}

// skippedCommand reports whether text begins with one of them. It can't tell
// as long as too little of the text is there.
func skippedCommand(text []byte, eof bool) (found, known bool) {
	for _, command := range skippedCommands {
		if !bytes.HasPrefix(text, []byte(command)) {
			if !eof && len(text) < len(command) && string(text) == command[:len(text)] {
				return false, false
			}
			continue
		}
		if len(text) == len(command) {
			return true, eof
		}
		return postgresClass[text[len(command)]]&space != 0, true
	}
	return false, true
}

// psqlCommand spells the command of psql that text begins with.
func psqlCommand(text []byte) string {
	end := min(2, len(text))
	for end < len(text) && end < 32 && postgresClass[text[end-1]]&identStart != 0 && (postgresClass[text[end]]&ident != 0 || text[end] == '+') {
		end++
	}
	return string(bytes.ToValidUTF8(text[:end], nil))
}
