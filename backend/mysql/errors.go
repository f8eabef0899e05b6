package mysql

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"

	driver "github.com/go-sql-driver/mysql"

	"github.com/fastmigrate/fastmigrate/internal/fault"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// The server's numbers of errors that mean something to us.
const (
	errNoDatabase     = 1049
	errTableExists    = 1050
	errDatabaseExists = 1007
	errNoTable        = 1146
	errStopped        = 1242 // of orStop; a COMMIT does not fail like that
	errNoColumn       = 1054
	errDuplicate      = 1062
	errNoSyntax       = 1064
	errNoSavepoint    = 1305
	errInterrupted    = 1317
	errTooBig         = 1153
)

// errTooLarge says that a statement was not sent, because the server would not
// take it.
var errTooLarge = errors.New("the statement is larger than the server takes (max_allowed_packet)")

// numberOf returns the number of the server's error in err's chain.
func numberOf(err error) (uint16, bool) {
	var e *driver.MySQLError
	if errors.As(err, &e) {
		return e.Number, true
	}
	return 0, false
}

// isNumber says whether err is one of those errors of the server's.
func isNumber(err error, numbers ...uint16) bool {
	n, ok := numberOf(err)
	if !ok {
		return false
	}
	for _, number := range numbers {
		if n == number {
			return true
		}
	}
	return false
}

// noLocalFile says whether the driver did not send the file of a LOAD DATA LOCAL,
// because it must not or could not read it. The server is told, and goes on.
func noLocalFile(err error) bool {
	var missing *fs.PathError
	return err != nil && (errors.As(err, &missing) || strings.HasPrefix(err.Error(), "local file '") && strings.HasSuffix(err.Error(), "' is not registered"))
}

// unsent says whether an error means that the server was not asked, or knows
// that it was not given what it asked for: the connection is as it was.
func unsent(err error) bool {
	return errors.Is(err, errTooLarge) || errors.Is(err, driver.ErrPktTooLarge) || noLocalFile(err)
}

// described returns err as a person should read it, and nil for nil.
func (c *connection) described(err error) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case isNumber(err, errNoDatabase):
		return c.backend.noDatabase(err)
	}
	if _, ok := numberOf(err); !ok && !unsent(err) {
		var done *fault.Described
		if errors.As(err, &done) {
			return err
		}
		return &fault.Described{Message: "the connection to the server was lost (" + err.Error() + ")", Cause: err}
	}
	return err
}

// unreachable says why there is no connection.
func (b *Backend) unreachable(err error) error {
	var network *net.OpError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case isNumber(err, errNoDatabase):
		return b.noDatabase(err)
	case isNumber(err, 1044, 1045, 1698):
		return &migration.Error{Op: "open", Err: fmt.Errorf("%s: %w", b.address.shown, err), Hint: "check the user and the password in the URL, and the user's rights on this database"}
	case isNumber(err, 1040, 1203):
		return &migration.Error{Op: "open", Err: fmt.Errorf("%s: %w", b.address.shown, err), Hint: "a run needs three connections; wait for others to end"}
	case errors.As(err, &network):
		return &migration.Error{Op: "open", Err: fmt.Errorf("%s: no connection: %w", b.address.shown, err), Hint: "check that the server runs and that host and port, or the socket, are right"}
	}
	return &migration.Error{Op: "open", Err: fmt.Errorf("%s: no connection: %w", b.address.shown, err)}
}

func (b *Backend) noDatabase(err error) error {
	return &migration.Error{
		Op:   "open",
		Err:  &fault.Described{Message: fmt.Sprintf("%v: %s on the server of %s", migration.ErrNoDatabase, b.names.database, b.address.shown), Cause: err, Sentinel: migration.ErrNoDatabase},
		Hint: "check the name; fastmigrate create --create-database makes it",
	}
}

// atLine is how the server's syntax errors end. The line counts from 1 within
// the statement.
var atLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?s)near '(.*)' at line (\d+)$`) })

// placed says where in the script a statement failed, and with which words.
func placed(file string, st *sqlscan.Statement, err error) *migration.Error {
	line, column := st.Line, st.Column
	if m := atLine().FindStringSubmatch(err.Error()); m != nil {
		if below, _ := strconv.Atoi(m[2]); below > 1 {
			line, column = st.Line+below-1, 0
		}
		text := string(st.Text)
		if at := strings.LastIndex(text, m[1]); m[1] != "" && at >= 0 && strings.Count(text, m[1]) == 1 {
			line, column = st.Position(at)
		}
	} else if at, ok := named(st.Text, err); ok {
		line, column = st.Position(at)
	}
	return &migration.Error{
		Op:        "apply",
		Origin:    migration.Origin{File: file, Line: line, Column: column},
		Statement: fault.Excerpt(string(st.Text), line-st.Line),
		Hint:      cmp.Or(migration.HintOf(err), hintFor(err)),
		Err:       err,
	}
}

// firstQuoted is the first name in an error of the server's.
var firstQuoted = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("['`]([^'`]+)['`]") })

// named finds the word that the server complains of, where its error names one.
func named(text []byte, err error) (offset int, ok bool) {
	if !isNumber(err, 1050, 1051, 1054, 1060, 1061, 1064, 1072, 1091, 1146, 1304, 1305, 4161) {
		return 0, false
	}
	m := firstQuoted().FindStringSubmatch(err.Error())
	if m == nil {
		return 0, false
	}
	word := m[1][strings.LastIndexByte(m[1], '.')+1:]
	for t := range sqlscan.Tokens(text, sqlscan.MySQL) {
		if strings.EqualFold(sqlscan.Unquote(t), word) {
			return t.Offset, true
		}
	}
	return 0, false
}

// place says in which file something failed, unless it is said already.
func place(file, op string, err error) error {
	if err == nil {
		return nil
	}
	return fault.Place(file, op, hintFor(err), err)
}

// hintFor returns what to do about an error that the server gave.
func hintFor(err error) string {
	number, _ := numberOf(err)
	var missing *fs.PathError
	if noLocalFile(err) && !errors.As(err, &missing) {
		number = 4166
	}
	switch number {
	case errTooBig:
		return "raise max_allowed_packet on the server, or split the statement"
	case 1205:
		return "another transaction held the rows; find it in SHOW PROCESSLIST, and run again"
	case 1213:
		return "the server chose this transaction to end a deadlock; run again"
	case 1142, 1143, 1227, 1044, 1370:
		return "the user of the URL lacks a right that this statement needs"
	case 1148, 3948, 4166:
		return "the driver reads local files only when allowed to: add allowAllFiles=true to the URL, and local_infile on the server"
	}
	if errors.Is(err, errTooLarge) {
		return "raise max_allowed_packet on the server, or split the statement"
	}
	return ""
}
