package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
)

// dumpCommand is the verb that writes the schema.
func (a *app) dumpCommand() *cobra.Command {
	var file string
	c := a.newVerb(groupLook, "dump", "Write the schema as SQL that makes it again", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) { return a.dump(ctx, file) })
	c.Long = `Writes the schema as SQL: tables, indexes, views and triggers, each by name, so that
two dumps can be compared. It is run on an empty database first, and written only
if it makes the same schema there.`
	c.Flags().StringVarP(&file, "output", "o", "", "write it to `FILE`, which is replaced whole or not at all")
	return c
}

func (a *app) dump(ctx context.Context, file string) (outcome, error) {
	out := &DumpOutput{File: file}
	b, err := a.open(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	if file != "" && file != "-" {
		return out, fastmigrate.DumpFile(ctx, b, file)
	}
	text, err := fastmigrate.Dump(ctx, b)
	out.File, out.SQL = "", string(text)
	return out, err
}

// text writes the schema, or where it is.
func (o *DumpOutput) text(p *printer) {
	switch {
	case o.Error != nil:
	case o.File == "":
		p.write(o.SQL)
	default:
		p.result("the schema of %s is in %s", o.Database, o.File)
	}
}
