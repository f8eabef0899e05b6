package mysql

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// snapshot holds the definitions of the objects that a statement is about, by
// their names; "" for those that are not there.
type snapshot map[string]string

// counterOption is what INSERT changes about a table's definition.
var counterOption = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(` AUTO_INCREMENT=\d+`) })

// text returns the snapshot as the progress table keeps it.
func (s snapshot) text() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a map of strings
	}
	return string(text)
}

func snapshotOf(text string) snapshot {
	var s snapshot
	_ = json.Unmarshal([]byte(text), &s) // edited by a person, it is none
	return s
}

func (o object) String() string {
	if o.database == "" {
		return strings.ToLower(o.kind) + " " + o.name
	}
	return strings.ToLower(o.kind) + " " + o.database + "." + o.name
}

// look takes a snapshot of the objects. Names without a database are those of
// the one at hand.
func (c *connection) look(ctx context.Context, d definition, database string) (snapshot, error) {
	s := make(snapshot, len(d.objects))
	for _, o := range d.objects {
		text, err := c.definition(ctx, o, database)
		if err != nil {
			return nil, fmt.Errorf("look at %s before changing it: %w", o, err)
		}
		s[o.String()] = text
	}
	return s, nil
}

// definition returns an object's definition, or "" where it is not there.
func (c *connection) definition(ctx context.Context, o object, database string) (string, error) {
	if o.database == "" {
		o.database = database
	}
	name := quote(o.database) + "." + quote(o.name)
	kind := o.kind
	switch kind {
	case "DATABASE":
		name = quote(o.name)
	case "SEQUENCE", "VIEW":
		kind = "TABLE" // takes them too, and says what they are
	}
	rows, err := c.QueryContext(ctx, "SHOW CREATE "+kind+" "+name)
	if isNumber(err, errNoTable, errNoDatabase, 1305, 1360, 1539, 1356, 4091) {
		return "", nil
	}
	if err != nil {
		return "", c.described(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", c.described(err)
	}
	var b strings.Builder
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return "", c.described(err)
		}
		for i, column := range columns {
			if strings.HasPrefix(column, "Create ") || strings.Contains(column, "Statement") || column == "sql_mode" {
				b.WriteString(values[i].String + "\n")
			}
		}
	}
	return counterOption().ReplaceAllString(strings.TrimSuffix(b.String(), "\n"), ""), c.described(rows.Err())
}

// hasRows says whether a table has any.
func (c *connection) hasRows(ctx context.Context, o object, database string) (bool, error) {
	if o.database == "" {
		o.database = database
	}
	found, err := c.strings(ctx, "SELECT 1 FROM "+quote(o.database)+"."+quote(o.name)+" LIMIT 1")
	return len(found) > 0, err
}
