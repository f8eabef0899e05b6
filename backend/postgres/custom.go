package postgres

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// customName matches the name of a setting that a program makes up, as in
// app.user. No view of the server lists those.
var customName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\pL_][\pL\d_$]*(\.[\pL_][\pL\d_$]*)+$`) })

// customNames returns the names of such settings that a statement sets.
func customNames(text []byte) (names []string) {
	w := leading(text)
	switch {
	case w.is(0, "SET", "RESET"):
		i := 1
		if w.is(1, "SESSION", "LOCAL") {
			i = 2
		}
		if i >= len(w) {
			return nil
		}
		name := sqlscan.Unquote(w[i])
		for ; w.punct(i+1, ".") && i+2 < len(w); i += 2 {
			name += "." + sqlscan.Unquote(w[i+2])
		}
		names = append(names, name)
	case w.have("set_config"):
		for _, token := range w {
			if token.Kind == sqlscan.String {
				names = append(names, sqlscan.Unquote(token))
			}
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return !customName().MatchString(name) })
}

// unknown returns those of the names the values of which are not kept yet.
func (s *surroundings) unknown(names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool {
		_, known := s.custom[name]
		return known
	})
}

// remember keeps the values of settings of a program's own, before a statement
// on its connection sets them.
func (c *connection) remember(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	values, err := c.customs(ctx, names)
	if err != nil {
		return err
	}
	if c.given.custom == nil {
		c.given.custom = map[string]string{}
	}
	for i, name := range names {
		c.given.custom[name] = values[i]
	}
	return nil
}

// customs returns the values of settings; one that was never set is empty, as
// one is that was reset.
func (c *connection) customs(ctx context.Context, names []string) (values []string, err error) {
	var each []string
	for _, name := range names {
		each = append(each, fmt.Sprintf("pg_catalog.current_setting(%s, true)", literal(name)))
	}
	rows, err := c.query(ctx, "SELECT "+strings.Join(each, ", "))
	if err != nil {
		return nil, err
	}
	for _, value := range rows[0] {
		values = append(values, string(value))
	}
	return values, nil
}

// backCustoms returns the statements that set those settings back.
func (c *connection) backCustoms(ctx context.Context, local bool) (statements []string, err error) {
	var names []string
	for name := range c.given.custom {
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, nil
	}
	values, err := c.customs(ctx, names)
	for i, name := range names {
		if err == nil && values[i] != c.given.custom[name] {
			statements = append(statements, fmt.Sprintf("SELECT pg_catalog.set_config(%s, %s, %v)", literal(name), literal(c.given.custom[name]), local))
		}
	}
	return statements, err
}
