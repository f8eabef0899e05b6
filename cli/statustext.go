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
	if table := o.table(p.columns(), p.colourful); table != "" && !o.brief {
		p.answer("%s\n", table)
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

// table returns a line for each migration, or for each step along a graph, in at
// most so many columns unless that is 0. Times are local.
func (o *statusView) table(columns int, colours bool) string {
	switch {
	case o.Kind == migration.Revisions:
		return o.graphTables(columns)
	case len(o.Migrations) == 0:
		return ""
	case o.Kind == migration.Functions:
		return o.functionTable(columns)
	}
	return o.fileTable(columns, colours)
}

// functionTable returns a line for each function of a sequence.
func (o *statusView) functionTable(columns int) string {
	w := newTable(columns)
	w.AppendHeader(table.Row{"id", "name", "state", "applied at"})
	for _, row := range o.Migrations {
		w.AppendRow(table.Row{fmt.Sprint(row.Version), clean(row.Name), row.State, when(row.AppliedAt)})
	}
	return w.Render()
}

// fileTable returns a line for each numbered file.
func (o *statusView) fileTable(columns int, colours bool) string {
	rows := make([][]string, 0, len(o.Migrations)+1)
	rows = append(rows, []string{"VERSION", "NAME", "KIND", "STATE", "APPLIED AT", "DURATION"})
	for _, row := range o.Migrations {
		rows = append(rows, o.cells(row))
	}
	shown := []int{0, 1, 2, 3, 4, 5}
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
	w := newTable(0) // it fits
	w.SetColumnConfigs([]table.ColumnConfig{{Number: 1 + slices.Index(shown, 5), Align: text.AlignRight, AlignHeader: text.AlignRight}})
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

// when returns a time as people here read it, and nothing for none.
func when(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.Local().Format(time.DateTime)
}

// newTable returns a table without lines, in at most so many columns unless that
// is 0.
func newTable(columns int) table.Writer {
	w := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format.Header = text.FormatUpper
	style.Size.WidthMax = columns
	w.SetStyle(style)
	w.SuppressTrailingSpaces()
	return w
}

// cells returns what the table says of a migration.
func (o *statusView) cells(row RowObject) []string {
	took, state := "", row.State
	if row.DurationMS != nil {
		took = span(time.Duration(*row.DurationMS) * time.Millisecond)
	}
	for _, f := range o.Findings {
		if f.Code == migration.CodeEdited && f.Version != nil && *f.Version == row.Version {
			state += ", edited"
		}
	}
	return []string{migration.Version(row.Version).String(), clean(row.Name), row.Kind, state, when(row.AppliedAt), took}
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
