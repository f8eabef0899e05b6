package sqlscan

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// client runs scripts through a database's own client and tells which
// statements that has sent for each of them.
type client struct {
	dialect Dialect
	sent    func(t testing.TB, files []string) [][]string
	// ours reports whether a statement is one that we cut otherwise on purpose.
	ours func(st *Statement) bool
}

// scriptCount is how many scripts a test of usual ones makes: those that are
// asked for in FASTMIGRATE_FUZZ_INPUTS, which TestDifferential knows too.
func scriptCount(t testing.TB, usual int) int {
	s := os.Getenv("FASTMIGRATE_FUZZ_INPUTS")
	if s == "" {
		return usual / slower
	}
	count, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return count
}

// disagreements compares where the scanner and the client cut scripts. It
// returns what differs, and how many statements were compared.
func (c client) disagreements(t testing.TB, scripts []string) (problems []string, compared int) {
	t.Helper()
	dir := t.TempDir()
	var files []string
	for i, script := range scripts {
		file := filepath.Join(dir, fmt.Sprintf("%d.sql", i))
		if err := os.WriteFile(file, []byte(script), 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	for i, sent := range c.sent(t, files) {
		var got, want []string
		s, skip := New(strings.NewReader(scripts[i]), c.dialect), false
		for s.Scan() {
			skip = skip || c.ours(s.Statement())
			got = appendSpelled(got, s.Statement().Text, c.dialect)
		}
		if skip {
			continue
		}
		for _, text := range sent {
			want = appendSpelled(want, []byte(text), c.dialect)
		}
		if s.Err() != nil && len(want) > len(got) {
			want = want[:len(got)] // the client goes on where we refuse to
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			problems = append(problems, fmt.Sprintf("%q, error %v (-client +scanner):\n%s", scripts[i], s.Err(), diff))
		}
		compared += len(got)
	}
	return problems, compared
}

// appendSpelled appends a statement as its tokens alone, without the semicolons
// around it, if it is not empty: clients leave out comments.
func appendSpelled(list []string, text []byte, d Dialect) []string {
	var tokens []string
	for token := range Tokens(text, d) {
		tokens = append(tokens, string(token.Text))
	}
	for len(tokens) > 0 && tokens[0] == ";" { // which the client sends and we pass over
		tokens = tokens[1:]
	}
	for len(tokens) > 0 && tokens[len(tokens)-1] == ";" {
		tokens = tokens[:len(tokens)-1]
	}
	if len(tokens) == 0 {
		return list
	}
	return append(list, strings.Join(tokens, " "))
}

// mark is the text of the statement behind the script of the given number.
func mark(i int) string { return fmt.Sprintf("SELECT 'behind script %d'", i) }

// byScript distributes statements among scripts by the marks between.
func byScript(t testing.TB, all []string, scripts int) [][]string {
	t.Helper()
	var lists [][]string
	var list []string
	for _, text := range all {
		if text != mark(len(lists)) {
			list = append(list, text)
			continue
		}
		lists, list = append(lists, list), nil
	}
	if len(lists) != scripts {
		t.Fatalf("the client ran %d of %d scripts", len(lists), scripts)
	}
	return lists
}

// logged is a statement in a log of psql.
var logged = regexp.MustCompile(`(?ms)^/?\*{8,} QUERY \*{8,}/?\n(.*?)\n/?\*{20,}/?$`)

// newPsql returns psql as a client of an empty database with a table d.
func newPsql(t testing.TB) client {
	database := testdb.Postgres(t)
	run := func(args ...string) []byte {
		cmd := exec.Command("psql", append([]string{"-X", "-q", "-d", database}, args...)...)
		out, err := cmd.CombinedOutput()
		if err != nil && cmd.ProcessState.ExitCode() != 1 {
			t.Fatalf("psql: %v\n%s", err, out)
		}
		return out
	}
	return client{
		dialect: PostgreSQL,
		ours:    routineNames,
		sent: func(t testing.TB, files []string) [][]string {
			log := filepath.Join(t.TempDir(), "log")
			args := []string{"-L", log, "-o", os.DevNull}
			for i, file := range files {
				args = append(args, "-f", file, "-c", "ROLLBACK", "-c", mark(i))
			}
			run(args...)
			text, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, match := range logged.FindAllSubmatch(text, -1) {
				if query := string(match[1]); query != "ROLLBACK" {
					all = append(all, query)
				}
			}
			return byScript(t, all, len(files))
		},
	}
}

// routineNames reports whether a statement has words that psql takes for the
// beginning or the end of a block, and that can only be names.
func routineNames(st *Statement) bool {
	before, create := "", false
	for token := range Tokens(st.Text, PostgreSQL) {
		word := strings.ToLower(string(token.Text))
		create = create || before == "" && word == "create" || before == "create"
		if create && (before == "begin" && word != "atomic" || (before == "as" || before == ".") && (word == "case" || word == "end")) {
			return true
		}
		before = word
	}
	return create && before == "begin"
}

// echoed is a statement in the output of the mysql client.
var echoed = regexp.MustCompile(`(?s)--------------\n(.*?)\n--------------\n`)

// newMySQLClient returns the mysql client on an empty database, with the option
// that says what it does with comments: --comments or --skip-comments.
func newMySQLClient(t testing.TB, comments string) client {
	database := testdb.MySQL(t)
	return client{
		dialect: MySQL,
		ours:    clientQuirks,
		sent: func(t testing.TB, files []string) [][]string {
			var commands strings.Builder
			for i, file := range files {
				fmt.Fprintf(&commands, "source %s\nDELIMITER ;\n%s;\n", file, mark(i))
			}
			out := runMySQL(t, database, commands.String(), "mariadb", "--force", "--verbose", comments, "--batch")
			var all []string
			for _, match := range echoed.FindAllSubmatch(out, -1) {
				all = append(all, string(match[1]))
			}
			return byScript(t, all, len(files))
		},
	}
}

// clientQuirks reports whether a statement has semicolons at which the mysql
// client cuts it, in a body without DELIMITER or an executable comment, or
// DELIMITER in the middle, which the client mixes up.
func clientQuirks(st *Statement) bool {
	for token := range Tokens(st.Text, MySQL) {
		if token.Is("delimiter") {
			return true
		}
	}
	if st.Terminated && st.End != st.Offset+int64(len(st.Text)) {
		return false // DELIMITER has been used
	}
	ended, inner, first, kept := false, false, true, bytes.Contains(st.Text, []byte("/*!")) || bytes.Contains(st.Text, []byte("/*M!"))
	for token := range Tokens(st.Text, MySQL) {
		inner = inner || ended
		ended = ended || string(token.Text) == ";"
		kept = kept || first && token.Kind == Word && mysqlKeywordOf(token.Text) != kwOther
		first = false
	}
	return kept && inner
}

// runMySQL runs one of MariaDB's programs on a database and returns what it
// prints, errors apart.
func runMySQL(t testing.TB, database, input, program string, args ...string) []byte {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, append([]string{"--no-defaults", "--default-character-set=utf8mb4",
		"--host=" + u.Hostname(), "--port=" + u.Port(), "--user=" + u.User.Username()}, append(args, strings.TrimPrefix(u.Path, "/"))...)...)
	password, _ := u.User.Password()
	cmd.Env = append(os.Environ(), "MYSQL_PWD="+password)
	cmd.Stdin = strings.NewReader(input)
	var errors bytes.Buffer
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState.ExitCode() != 1 {
		t.Fatalf("%s: %v\n%s", program, err, errors.Bytes())
	}
	return out
}
