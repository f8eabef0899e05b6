package cli

import (
	"fmt"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/mattn/go-runewidth"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
)

// statusView is a StatusOutput as text.
type statusView struct {
	StatusOutput
	brief bool // without the table: the changes were told
}

// text writes the table, a line below it, and the warnings.
func (o *statusView) text(p *printer) {
	if !o.known() {
		return
	}
	if text := o.tables(p.columns(), p.colourful); text != "" && !o.brief {
		p.answer("%s\n", text)
	}
	for _, line := range o.closing() {
		p.answer("%s", line)
	}
	if !p.json {
		p.findings(o.Findings)
	}
}

// closing returns the lines below the table.
func (o *statusView) closing() []string {
	var lines []string
	for _, row := range o.Migrations {
		if row.Error != "" {
			lines = append(lines, "failed: "+row.Error)
		}
		if done := row.done(); done != "" {
			lines = append(lines, fmt.Sprintf("%s: %s applied, and not the rest", first(row.File, row.Name), done))
		}
	}
	return append(lines, o.standing(o.Database)+", "+o.summary())
}

// done says how much of a script is applied that did not come to its end; it is
// empty where that is nothing.
func (row RowObject) done() string {
	unit := "commit"
	if row.Statements {
		unit = "statement"
	}
	switch {
	case row.Commits == 0:
		return ""
	case row.AllCommits == 0:
		return count(row.Commits, unit)
	}
	return fmt.Sprintf("%d of %s", row.Commits, count(row.AllCommits, unit))
}

func (o *statusView) summary() string {
	switch {
	case o.Pending > 0:
		return fmt.Sprintf("%s pending", count(o.Pending, "migration"))
	case len(o.Migrations) == 0 && o.Kind == "":
		return "and there are no migrations in " + first(o.Folder, "the program")
	}
	return "nothing is pending"
}

// tables returns what the status is of: a line for each migration, or for each
// step along a graph.
func (o *statusView) tables(columns int, colours bool) string {
	switch {
	case o.Kind == migration.Revisions:
		return o.graphTables(columns)
	case len(o.Migrations) == 0:
		return ""
	}
	return o.table(columns, colours)
}

// statusLess is the order in which columns are left out where there is no room
// for all.
var statusLess = []int{2, 5, 4}

const (
	nameColumn  = 1
	stateColumn = 3
	atColumn    = 4
	columnGap   = 2
	nameEnough  = 20 // columns of a name that are worth more than another column
)

// table returns a line for each migration, in at most so many columns unless
// that is 0. Times are local.
func (o *statusView) table(columns int, colours bool) string {
	rows := make([][]string, 0, len(o.Migrations)+1)
	head, shown := []string{"VERSION", "NAME", "KIND", "STATE", "APPLIED AT", "DURATION"}, []int{0, 1, 2, 3, 4, 5}
	if o.Kind == migration.Functions {
		head[0], shown = "ID", []int{0, 1, 3, 4}
	}
	rows = append(rows, head)
	for _, row := range o.Migrations {
		rows = append(rows, o.cells(row))
	}
	widths := widthsOf(rows)
	names := widths[nameColumn]
	total := func() (sum int) {
		for _, c := range shown {
			sum += widths[c] + columnGap
		}
		return sum - columnGap
	}
	for _, c := range statusLess {
		if c == atColumn && columns > 0 && total() > columns {
			for _, cells := range rows { // the day may do
				cells[atColumn] = runewidth.Truncate(cells[atColumn], len(time.DateOnly), "")
			}
			widths[atColumn] = len(time.DateOnly)
		}
		if columns > 0 && total() > columns {
			shown = slices.DeleteFunc(shown, func(other int) bool { return other == c })
			widths[nameColumn] = min(names, nameEnough)
		}
	}
	if columns > 0 {
		names = min(names, max(8, columns-total()+widths[nameColumn]))
	}
	w := newTable()
	if last := slices.Index(shown, 5); last >= 0 {
		w.SetColumnConfigs([]table.ColumnConfig{{Number: 1 + last, Align: text.AlignRight, AlignHeader: text.AlignRight}})
	}
	for i, cells := range rows {
		row := make(table.Row, len(shown))
		for j, c := range shown {
			cell := cells[c]
			switch {
			case c == nameColumn:
				cell = middle(cell, names)
			case c == stateColumn && i > 0 && colours:
				cell = stateColour(o.Migrations[i-1].State, cell)
			}
			row[j] = cell
		}
		if i == 0 {
			w.AppendHeader(row)
		} else {
			w.AppendRow(row)
		}
	}
	return w.Render()
}

// newTable returns a table without lines.
func newTable() table.Writer {
	w := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format.Header = text.FormatUpper
	w.SetStyle(style)
	w.SuppressTrailingSpaces()
	return w
}

// cells returns what the table says of a migration.
func (o *statusView) cells(row RowObject) []string {
	at, took, state := "", "", row.State
	if row.AppliedAt != nil {
		at = row.AppliedAt.Local().Format(time.DateTime)
	}
	if row.DurationMS != nil {
		took = span(time.Duration(*row.DurationMS) * time.Millisecond)
	}
	for _, f := range o.Findings {
		if f.Code == migration.CodeEdited && f.Version != nil && *f.Version == row.Version {
			state += ", edited"
		}
	}
	number := migration.Version(row.Version).String()
	if o.Kind == migration.Functions {
		number = fmt.Sprint(row.Version)
	}
	return []string{number, clean(row.Name), row.Kind, state, at, took}
}

// widthsOf returns how wide each column is.
func widthsOf(rows [][]string) []int {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], width(cell))
		}
	}
	return widths
}

// stateColour gives a state its colour: what is as it should be has none.
func stateColour(state, text string) string {
	switch fastmigrate.RowState(state) {
	case fastmigrate.RowPending:
		return cyan + text + reset
	case fastmigrate.RowFailed, fastmigrate.RowBegun:
		return red + text + reset
	case fastmigrate.RowLate, fastmigrate.RowMissing:
		return yellow + text + reset
	}
	return text
}
