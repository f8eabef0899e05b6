package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
)

// verifyCommand is the verb that looks for what is wrong.
func (a *app) verifyCommand() *cobra.Command {
	c := a.newVerb(groupLook, "verify", "Look for what is wrong with the database and its migrations", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) { return a.verify(ctx) })
	c.Long = `Compares the applied files with their checksums and the history with the version,
and runs the database's own checks of its pages and its foreign keys, which read
all of it. Exits with 1 where something is found. Writes nothing.`
	return c
}

func (a *app) verify(ctx context.Context) (outcome, error) {
	out := &VerifyOutput{}
	b, err := a.open(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	m, err := a.migrator(b, fastmigrate.Options{})
	if err != nil {
		return out, err
	}
	out.Findings, err = m.Verify(ctx)
	a.findings(out.Findings)
	if err == nil && len(out.Findings) > 0 {
		err = fmt.Errorf("%s: verify found %s", a.settings.shown(), count(len(out.Findings), "fault"))
	}
	return out, err
}

// text says that nothing was found; the rest was told as warnings.
func (o *VerifyOutput) text(p *printer) {
	if o.OK {
		p.result("%s: nothing wrong was found", o.Database)
	}
}
