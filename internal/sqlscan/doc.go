// Package sqlscan cuts SQL scripts into statements.
//
// A migration may be a dump of many megabytes, so the package never holds a
// whole script: a [Scanner] reads it once, in order, and hands out one
// statement after the other from one buffer, which grows to the largest
// statement and no further. Beside each statement stands where it began, in
// lines and characters, so that an error of the database can be reported as a
// place in a file, and a running checksum, so that a second pass over the same
// file notices when the file has changed in between.
//
// Only what is needed to find the ends of statements is understood: quoting,
// comments, and the bodies of triggers and routines, in which semicolons stand
// too. Where the rules of the language and the behaviour of the engine differ,
// the engine is followed, because it is the engine that will be given the text.
// For PostgreSQL and MySQL, a script is what their own clients, psql and mysql,
// take for one: of their commands DELIMITER is obeyed, and the data that COPY …
// FROM STDIN reads is handed out by [Scanner.Data]. The tests compare the
// scanner with SQLite's parser and with the two clients, on mutated scripts and
// on dumps.
//
// [Tokens] takes a statement apart for callers that classify statements by
// their leading keywords.
//
// A text is normalised before anything else looks at it: a byte order mark at
// its beginning is dropped, and CRLF and lone CR become LF. All offsets and
// checksums are those of the normalised text, so that a checkout on another
// system does not change them. A NUL byte or a byte sequence that is not UTF-8
// is an error: no engine would read such a text as its author does.
//
// What MySQL's sql_mode changes of this is told to the Scanner by its caller, who
// sees the statements that set it: [Scanner.SetMode].
//
// What belongs to one dialect stands in files named for it and is reached
// through [Dialect] alone.
package sqlscan
