package workload

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"

	"github.com/fastmigrate/fastmigrate/bench/internal/contender"
)

const megabyte = 1_000_000

// small returns n migrations, each of which makes a table and puts a row into
// it.
func small(n int) []contender.Text {
	var texts []contender.Text
	for i := 1; i <= n; i++ {
		texts = append(texts, contender.SQL("step", fmt.Sprintf(
			"CREATE TABLE t%d (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL);\nINSERT INTO t%d (id, name) VALUES (1, 'a');\n", i, i)))
	}
	return texts
}

const table = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, n INTEGER);\n"

// inserts returns a script of so many bytes, a row an INSERT, and the number of
// its rows. It is the same text each time it is written.
func inserts(size int) (t contender.Text, rows int) {
	write := func(w io.Writer) (rows int, err error) {
		return rowsOf(w, size, table, "", func(n int, a, b string, m int) string {
			return fmt.Sprintf("INSERT INTO t (id, a, b, n) VALUES (%d, '%s', 'it''s; %s', %d);\n", n, a, b, m)
		})
	}
	return textOf(write)
}

// copies returns a script of so many bytes of COPY data.
func copies(size int) (t contender.Text, rows int) {
	write := func(w io.Writer) (rows int, err error) {
		return rowsOf(w, size, table+"COPY t (id, a, b, n) FROM stdin;\n", "\\.\n", func(n int, a, b string, m int) string {
			return fmt.Sprintf("%d\t%s\tit's; %s\t%d\n", n, a, b, m)
		})
	}
	return textOf(write)
}

// textOf returns a text, and the number of its rows, which it counts.
func textOf(write func(io.Writer) (int, error)) (t contender.Text, rows int) {
	rows, _ = write(io.Discard)
	return contender.Text{Name: "large", Write: func(w io.Writer) error {
		_, err := write(w)
		return err
	}}, rows
}

// rowsOf writes rows until there are so many bytes of them, one at least.
func rowsOf(to io.Writer, size int, before, after string, line func(n int, a, b string, m int) string) (rows int, err error) {
	w := bufio.NewWriter(to)
	pick := rand.New(rand.NewPCG(1, 2))
	if _, err := w.WriteString(before); err != nil {
		return 0, err
	}
	for written := 0; written < size || rows == 0; {
		rows++
		n, err := w.WriteString(line(rows, strings.Repeat("x", 5+pick.IntN(36)), strings.Repeat("y", 5+pick.IntN(36)), pick.IntN(1_000_000)))
		if err != nil {
			return rows, err
		}
		written += n
	}
	if _, err := w.WriteString(after); err != nil {
		return rows, err
	}
	return rows, w.Flush()
}

// count writes a number as the page does: 9,999.
func count(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
