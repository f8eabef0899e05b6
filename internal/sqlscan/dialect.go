package sqlscan

import "fmt"

// Dialect says by whose rules a script is read.
type Dialect uint8

const (
	// SQLite is the language of SQLite 3, as its tokenizer reads it.
	SQLite Dialect = iota

	// PostgreSQL is the language of PostgreSQL, as its lexer reads it and psql
	// cuts it. The commands of psql itself are refused.
	PostgreSQL

	// MySQL is the language of MySQL and MariaDB, as their lexers read it and
	// the mysql client cuts it, DELIMITER included.
	MySQL
)

// syntax is what a dialect has to provide. A further dialect is one more
// value of it, and files of its own.
type syntax struct {
	tokenizer func(Mode) tokenizer
	splitter  func() splitter
}

// tokenizer divides one text from its beginning: a dialect's may remember what
// it has seen of it. It returns the kind and the size of the token at the beginning of
// text, blanks and comments being tokens too. The size is 0 when text is empty
// or, unless eof is set, when the token may go on behind the end of text.
type tokenizer func(text []byte, eof bool) (Kind, int)

// splitter finds where statements begin and end. It belongs to one Scanner,
// so that it can remember what earlier statements of a script have changed,
// such as MySQL's DELIMITER, or what follows one, such as the data of
// PostgreSQL's COPY.
type splitter interface {
	// gap passes over what may stand between two statements: blanks, comments
	// and empty statements. It returns how much of text it has passed over and
	// whether a statement begins there; if none does, it wants to be called
	// again with what it has left over and more. It keeps nothing back of a
	// long comment, so that such a comment needs no memory.
	//
	// If the part passed over ends in a comment that must be closed, comment is
	// the index of the comment, or 0 if it was open before; otherwise it is -1.
	gap(text []byte, eof bool) (size int, found bool, comment int)

	// statement looks for the end of the statement at the beginning of text.
	// The search starts at from, which is 0 at first. When it finds the
	// terminator, size is what comes up to and with it. Otherwise it wants to
	// be called again with more text and with size as from; if eof is set, the
	// statement ends with the text. A problem, such as a string that is not
	// closed, lies at size.
	statement(text []byte, from int, eof bool) (size int, done bool, problem string)

	// ending tells more of a statement that has just been done: how many bytes
	// at its end, such as those of MySQL's own delimiters, are not for the
	// engine, and whether data follows on the next line.
	ending() (cut int, data bool)

	// setMode changes how the next statements are read.
	setMode(Mode)
}

// syntax returns the rules of d. An unknown dialect is a mistake in the
// calling program and panics.
func (d Dialect) syntax() syntax {
	switch d {
	case SQLite:
		return syntax{
			tokenizer: func(Mode) tokenizer { return sqliteToken },
			splitter:  func() splitter { return new(sqliteSplitter) },
		}
	case PostgreSQL:
		return syntax{
			tokenizer: func(Mode) tokenizer { return postgresToken },
			splitter:  func() splitter { return new(postgresSplitter) },
		}
	case MySQL:
		return syntax{
			tokenizer: func(m Mode) tokenizer { return (&mysqlLexer{mode: m, start: true}).token },
			splitter:  func() splitter { return newMySQLSplitter() },
		}
	}
	panic(fmt.Sprintf("sqlscan: unknown dialect %d", d))
}
