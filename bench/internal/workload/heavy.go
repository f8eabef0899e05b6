package workload

import (
	"fmt"

	"github.com/fastmigrate/fastmigrate/bench/internal/contender"
)

func heavy(s Sizes) Workload {
	w := Workload{
		Name: "heavy", Title: "Heavy statements", Axis: "",
		Text: "One migration of one or a few statements that go over every row of a table; SQLite. The engine does the work: " +
			"what differs is how it was compiled, and how its page cache is set.",
	}
	for _, rows := range s.Rows {
		start := fmt.Sprintf(`CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, n INTEGER);
			WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d)
			INSERT INTO t SELECT i, 'row ' || (i * 7919 %% %d), i * 31 %% 1000 FROM c;`, rows, rows)
		for _, h := range []struct{ name, title, sql, query, want string }{
			{
				"index", "CREATE INDEX", "CREATE INDEX t_a ON t (a);\n",
				"SELECT count(*) FROM sqlite_schema WHERE name = 't_a'", "1",
			},
			{
				"rebuild", "rebuild of the table", `CREATE TABLE new_t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, n INTEGER NOT NULL DEFAULT 0);
INSERT INTO new_t SELECT id, a, n FROM t;
DROP TABLE t;
ALTER TABLE new_t RENAME TO t;
`,
				"SELECT count(*) FROM t", fmt.Sprint(rows),
			},
			{
				"update", "UPDATE of every row", "UPDATE t SET n = n + 1000;\n",
				"SELECT count(*) FROM t WHERE n >= 1000", fmt.Sprint(rows),
			},
		} {
			w.Make = append(w.Make, onSQLite{
				name: fmt.Sprintf("heavy-%s-%d", h.name, rows), title: fmt.Sprintf("%s, %s rows", h.title, count(rows)),
				family: "heavy-" + h.name, x: float64(rows), texts: []contender.Text{contender.SQL(h.name, h.sql)}, start: start,
				query: h.query, want: h.want,
			}.make)
		}
	}
	return w
}
