package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
)

// statusCommand is the verb that tells where the database stands.
func (a *app) statusCommand() *cobra.Command {
	var exitCode, strict bool
	c := a.newVerb(groupLook, "status", "Tell what is applied and what is pending", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) { return a.status(ctx, exitCode, strict) })
	c.Flags().BoolVar(&exitCode, "exit-code", false, "exit with 3 where migrations are pending")
	c.Flags().BoolVar(&strict, "strict", false, "fail where there would be a warning")
	return c
}

func (a *app) status(ctx context.Context, exitCode, strict bool) (outcome, error) {
	out := &statusView{StatusOutput{Migrations: []RowObject{}}, a.columns()}
	b, err := a.open(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	m, err := a.migrator(b, fastmigrate.Options{Strict: strict})
	if err != nil {
		return out, err
	}
	s, err := m.Status(ctx)
	out.Findings = s.Findings
	a.findings(s.Findings)
	if err == nil || errors.Is(err, migration.ErrStrict) {
		out.take(s)
	}
	if err == nil && exitCode && s.Pending > 0 {
		err = errPending
	}
	return out, err
}

// take takes over what a Migrator tells.
func (o *StatusOutput) take(s fastmigrate.Status) {
	o.stands(s.Kind, s.State)
	o.Pending = s.Pending
	if s.Kind != migration.Revisions {
		o.Newest = (*int64)(&s.Newest)
	}
	for _, row := range s.Rows {
		object := rowObject(row)
		if s.Kind == migration.Functions && row.Duration == 0 {
			object.DurationMS = nil // their table does not tell
		}
		o.Migrations = append(o.Migrations, object)
	}
	for _, step := range s.Made {
		o.Made = append(o.Made, edgeObject(step))
	}
	for _, step := range s.Ahead {
		o.Ahead = append(o.Ahead, edgeObject(step))
	}
}

func rowObject(row fastmigrate.StatusRow) RowObject {
	o := RowObject{
		Version: int64(row.Version), Name: row.Name, File: row.File, Kind: string(row.Kind),
		State: string(row.State), Rollback: row.Rollback, Commits: row.Segments,
		AllCommits: row.AllSegments, Statements: row.ByStatement, Error: row.Error,
	}
	if !row.AppliedAt.IsZero() {
		at, ms := row.AppliedAt.UTC(), row.Duration.Milliseconds()
		o.AppliedAt = &at
		if row.State == fastmigrate.RowApplied || row.State == fastmigrate.RowMissing {
			o.DurationMS = &ms
		}
	}
	return o
}

// statusView is a StatusOutput and how much room there is for it.
type statusView struct {
	StatusOutput
	width int
}

// text writes the table and a line below it.
func (o *statusView) text(p *printer) {
	if !o.known() {
		return
	}
	if text := o.table(); text != "" {
		p.answer("%s\n", text)
	}
	for _, row := range o.Migrations {
		if row.Error != "" {
			p.answer("failed: %s", row.Error)
		}
		if done := row.done(); done != "" {
			p.answer("%s: %s applied, and not the rest", first(row.File, row.Name), done)
		}
	}
	p.answer("%s, %s", o.standing(o.Database), o.summary())
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

// table returns a line for each migration, or for each step along a graph. Times
// are local.
func (o *statusView) table() string {
	w := o.writer()
	switch {
	case o.Kind == migration.Revisions:
		return o.graphTables()
	case len(o.Migrations) == 0:
		return ""
	case o.Kind == migration.Functions:
		w.AppendHeader(table.Row{"id", "name", "state", "applied at"})
		for _, row := range o.Migrations {
			w.AppendRow(table.Row{row.Version, clean(row.Name), row.State, when(row.AppliedAt)})
		}
		return w.Render()
	}
	w.AppendHeader(table.Row{"version", "name", "kind", "state", "applied at", "duration"})
	for _, row := range o.Migrations {
		took := ""
		if row.DurationMS != nil {
			took = span(time.Duration(*row.DurationMS) * time.Millisecond)
		}
		w.AppendRow(table.Row{migration.Version(row.Version).String(), clean(row.Name), row.Kind, row.State, when(row.AppliedAt), took})
	}
	return w.Render()
}

// when returns a time as people here read it, and nothing for none.
func when(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.Local().Format("2006-01-02 15:04:05")
}

// writer returns an empty table.
func (o *statusView) writer() table.Writer {
	w := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format.Header = text.FormatUpper
	style.Size.WidthMax = o.width
	w.SetStyle(style)
	w.SuppressTrailingSpaces()
	return w
}
