// Package schemadiff compares the schemas of two SQLite databases: tables,
// columns, keys, indexes and foreign keys as SQLite's own tables tell of them,
// and by their words, whatever their spelling, views, triggers and what those
// tables do not tell: collations, checks, conflict clauses, expressions.
package schemadiff

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Compare returns in what the schema of to differs from that of from, table by
// table. It writes nothing. The error wraps [migration.ErrUnsupported] where one
// of the two is not SQLite, or is over one connection.
func Compare(ctx context.Context, from, to backend.Backend) ([]backend.Difference, error) {
	a, err := read(ctx, from)
	if err != nil {
		return nil, err
	}
	b, err := read(ctx, to)
	if err != nil {
		return nil, err
	}
	d := &differences{from: a, to: b, told: make(map[place]bool)}
	d.structure()
	d.words()
	d.objects()
	slices.SortStableFunc(d.all, func(x, y backend.Difference) int {
		return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(x.Table, y.Table))
	})
	return d.all, nil
}

// rank puts tables first, then views, then triggers.
func rank(d backend.Difference) int { return slices.Index([]string{"view", "trigger"}, d.Kind) }

// place is what a difference is about.
type place struct{ table, kind, name string }

// differences gathers them.
type differences struct {
	from, to *tables
	all      []backend.Difference
	told     map[place]bool
}

func (d *differences) add(change, kind, table, name, from, to string) {
	d.told[place{table, kind, name}] = true
	d.all = append(d.all, backend.Difference{Change: change, Kind: kind, Table: table, Name: name, From: from, To: to})
}

// unsupported says that a database can't be compared.
func unsupported(b backend.Backend) error {
	return &migration.Error{
		Op: "diff", Err: fmt.Errorf("compare the schema of a %s database: %w", b.Name(), migration.ErrUnsupported),
		Hint: "diff knows SQLite; the tools of the other databases dump schemas, to be compared",
	}
}
