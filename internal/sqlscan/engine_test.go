package sqlscan

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// engine is SQLite itself, without database/sql between, because what is to be
// known of it is where it says that a statement ends.
type engine struct {
	tls  *libc.TLS
	text uintptr // of C's memory, textSize bytes
	out  uintptr // two pointers
	dbs  []uintptr
}

// textSize is the size of the largest text that the engine is asked about.
const textSize = 1 << 20

// newEngine opens databases in memory, of which each has run another part of
// the scripts, the first all of them, the last nearly nothing. A statement of
// the scripts is accepted by at least one: an INSERT wants its table to be
// there, a CREATE does not want it.
func newEngine(t testing.TB, scripts []string) *engine {
	e := &engine{tls: libc.NewTLS()}
	e.text, e.out = libc.Xmalloc(e.tls, textSize), libc.Xmalloc(e.tls, 16)
	t.Cleanup(e.close)
	parts := []func(first, second string) bool{
		func(string, string) bool { return true },
		func(first, _ string) bool { return first != "drop" && first != "alter" },
		func(first, _ string) bool { return first != "alter" },
		func(_, second string) bool { return second != "index" && second != "trigger" },
		func(_, second string) bool { return second == "table" || second == "virtual" || second == "view" },
		func(first, _ string) bool { return first == "attach" },
	}
	for i, part := range parts {
		rc := lib.Xsqlite3_open_v2(e.tls, e.cString(":memory:"), e.out, lib.SQLITE_OPEN_READWRITE|lib.SQLITE_OPEN_CREATE, 0)
		db := e.pointer(0)
		e.dbs = append(e.dbs, db)
		if rc != lib.SQLITE_OK {
			t.Fatalf("open: %d", rc)
		}
		for _, script := range scripts {
			if err := e.run(db, script, part); err != nil && i == 0 {
				t.Fatal(err)
			}
		}
	}
	return e
}

func (e *engine) close() {
	for _, db := range e.dbs {
		lib.Xsqlite3_close_v2(e.tls, db)
	}
	libc.Xfree(e.tls, e.text)
	libc.Xfree(e.tls, e.out)
	e.tls.Close()
}

// cString copies text to where C can read it.
func (e *engine) cString(text string) uintptr {
	if len(text) >= textSize {
		panic("text too large for the test")
	}
	room := unsafe.Slice(*(**byte)(unsafe.Pointer(&e.text)), textSize)
	room[copy(room, text)] = 0
	return e.text
}

// pointer returns the pointer number i of out.
func (e *engine) pointer(i int) uintptr {
	return unsafe.Slice(*(**uintptr)(unsafe.Pointer(&e.out)), 2)[i]
}

// complete asks whether the text ends with the end of a statement.
func (e *engine) complete(text string) bool {
	return lib.Xsqlite3_complete(e.tls, e.cString(text)) != 0
}

// prepare returns where the first statement of text ends, and whether there is
// one at all. It returns false if the engine does not accept it.
func (e *engine) prepare(text string) (end int, empty, ok bool) {
	for _, db := range e.dbs {
		stmt, end, rc := e.prepareIn(db, text)
		if rc == lib.SQLITE_OK {
			lib.Xsqlite3_finalize(e.tls, stmt)
			return end, stmt == 0, true
		}
		if strings.HasSuffix(e.message(db), "syntax error") {
			break // as in any database
		}
	}
	return 0, false, false
}

// message returns what the database says of the last error.
func (e *engine) message(db uintptr) string {
	return libc.GoString(lib.Xsqlite3_errmsg(e.tls, db))
}

func (e *engine) prepareIn(db uintptr, text string) (stmt uintptr, end int, rc int32) {
	z := e.cString(text)
	rc = lib.Xsqlite3_prepare_v2(e.tls, db, z, -1, e.out, e.out+unsafe.Sizeof(e.out))
	return e.pointer(0), int(e.pointer(1) - z), rc
}

// run executes the statements of a script whose first two words are wanted and
// returns the first error.
func (e *engine) run(db uintptr, script string, wanted func(first, second string) bool) (err error) {
	for s := New(strings.NewReader(script), SQLite); s.Scan(); {
		words := []string{}
		for token := range Tokens(s.Statement().Text, SQLite) {
			if !token.Is("temp") && !token.Is("temporary") {
				words = append(words, strings.ToLower(string(token.Text)))
			}
		}
		if !wanted(words[0], words[1]) {
			continue
		}
		stmt, _, rc := e.prepareIn(db, string(s.Statement().Text))
		for step := rc == lib.SQLITE_OK; step; step = rc == lib.SQLITE_ROW {
			rc = lib.Xsqlite3_step(e.tls, stmt)
		}
		if rc != lib.SQLITE_DONE && err == nil {
			err = fmt.Errorf("%s: %.80q", e.message(db), s.Statement().Text)
		}
		lib.Xsqlite3_finalize(e.tls, stmt)
	}
	return err
}

// corpus returns the scripts in testdata/corpus, in their order: later ones may
// use the tables of earlier ones.
func corpus(t testing.TB) []string {
	files, err := filepath.Glob("testdata/corpus/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	var scripts []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		scripts = append(scripts, string(text))
	}
	return scripts
}

// disagreement compares the scanner with the engine on one text, which is
// normalised already. It returns how many statements at its beginning the
// engine accepts, and a description of the first disagreement.
func (e *engine) disagreement(text string) (accepted int, problem string) {
	s := New(strings.NewReader(byteOrderMark+text), SQLite) // lest a mark of the text itself be dropped
	terminated := true
	for at := 0; at < len(text); {
		end, empty, ok := e.prepare(text[at:])
		if !ok {
			break
		}
		at += end
		found := s.Scan()
		switch st := s.Statement(); {
		case !found && s.Err() != nil:
			return accepted, fmt.Sprintf("scanner: %v; engine: a statement up to %d", s.Err(), at)
		case !found && !empty:
			return accepted, fmt.Sprintf("scanner: no statement; engine: a statement up to %d", at)
		case found && (empty || st.End != int64(at)):
			return accepted, fmt.Sprintf("scanner: up to %d; engine: up to %d, empty %v", st.End, at, empty)
		case found:
			accepted++
		}
	}
	for s.Scan() {
	}
	for s = New(strings.NewReader("SELECT 0;"+text+"\n"), SQLite); s.Scan(); {
		if terminated = s.Statement().Terminated; semicolonsInVirtual(s.Statement()) {
			return accepted, ""
		}
	}
	terminated = terminated && s.Err() == nil
	known := "SELECT 0;" + plainer(text) + "\n"
	if complete := e.complete(known) || e.complete(known+"*/"); terminated != complete {
		return accepted, fmt.Sprintf("scanner: complete %v (error %v); sqlite3_complete: %v", terminated, s.Err(), complete)
	}
	return accepted, ""
}

// plainer writes a text such that sqlite3_complete reads it as the engine does.
// It knows less than the engine's tokenizer, so that, for good reasons, the
// scanner does not follow it in this:
//
//   - a variable's name is for it two tokens, of which one may be a keyword,
//     and what stands in parentheses in it may be a semicolon or a quote;
//   - so are 1.end or ?1end;
//   - a byte order mark is for it a part of a name, a vertical tab a word;
//   - it ends a virtual table's statement at a semicolon within its parentheses,
//     for which disagreement looks;
//   - a text that ends in a comment which is not closed is not complete for it:
//     disagreement closes the comment.
func plainer(text string) string {
	var b strings.Builder
	for rest := []byte(text); len(rest) > 0; {
		kind, size := sqliteToken(rest, true)
		token := string(rest[:size])
		switch {
		case kind == blank:
			b.WriteByte('\n')
		case kind == Variable, kind == Illegal && strings.ContainsAny(token[:1], "$@:#.0123456789"):
			b.WriteString(" v ")
		default:
			b.WriteString(token)
		}
		rest = rest[size:]
	}
	return b.String()
}

// semicolonsInVirtual reports whether a statement creates a virtual table and
// has semicolons beside the one that ends it.
func semicolonsInVirtual(st *Statement) bool {
	var last Token
	virtual, semicolons := false, 0
	for token := range Tokens(st.Text, SQLite) {
		virtual = virtual || last.Is("create") && token.Is("virtual")
		if string(token.Text) == ";" {
			semicolons++
		}
		last = token
	}
	if st.Terminated {
		semicolons--
	}
	return virtual && semicolons > 0
}
