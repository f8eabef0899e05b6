package cli

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/fastmigrate/fastmigrate/migration"
)

// finish prints what a verb had to say, and its error, and returns the code to
// exit with.
func (a *app) finish(ctx context.Context, err error) int {
	a.live.close()
	if a.outcome == nil && err == nil { // help, which has been printed
		a.flush()
		return a.lost(exitSuccess)
	}
	if a.outcome == nil {
		a.outcome = &plainOutput{}
	}
	c := a.outcome.common()
	c.Command, c.ExitCode = a.verb(), exitCode(ctx, err)
	c.OK = err == nil || errors.Is(err, errPending) || errors.Is(err, errDiffers)
	c.Folder = a.settings.folder
	if a.opened {
		c.Database = a.settings.shown()
	}
	if c.Findings == nil {
		c.Findings = []migration.Finding{}
	}
	if !c.OK {
		c.setErrors(ctx, err)
		a.suggest(err, c.Error)
	}
	c.rename(a.printer)
	// A command line that could not be read may still have asked for JSON.
	if a.flags.json || err != nil && slices.Contains(a.args, "--json") {
		a.printJSON()
	} else {
		a.outcome.text(a.printer)
	}
	a.flush()
	if !c.OK && !errors.Is(err, errStoppedWatching) {
		a.failures(c)
	}
	return a.lost(c.ExitCode)
}

// verb returns the name of the verb, also where it did not come to run.
func (a *app) verb() string {
	if a.command != nil {
		return a.command.Name()
	}
	if c, _, err := a.root.Find(a.args); err == nil && c != a.root {
		return c.Name()
	}
	return ""
}

// failures prints the errors, and what they left behind.
func (a *app) failures(c *Common) {
	c.Error.quote = a.quote(c.Error)
	a.failure(c.Error)
	for _, other := range c.OtherErrors {
		other.quote = a.quote(&other)
		a.failure(&other)
	}
	if last, ok := a.outcome.(closing); ok {
		last.closing(a.printer)
	}
}

// lost returns the code to exit with where output could not be written.
func (a *app) lost(code int) int {
	if a.printer.failed == nil {
		return code
	}
	a.failure(&ErrorObject{Message: "the output could not be written: " + a.printer.failed.Error()})
	return max(code, exitFailure)
}

// setErrors files an error, taken apart where it is several. One that is there
// only because the run was stopped says that and no more.
func (c *Common) setErrors(ctx context.Context, err error) {
	s, stopped := signalOf(ctx)
	for i, e := range split(err) {
		o := errorObject(e)
		if stopped && errors.Is(e, context.Canceled) {
			o.Message, o.Hint = s.Error(), "run it again to go on; what was applied stays"
		}
		if i == 0 {
			c.Error = &o
		} else {
			c.OtherErrors = append(c.OtherErrors, o)
		}
	}
}

// rename puts the name of this program into all hints.
func (c *Common) rename(p *printer) {
	if c.Error != nil {
		c.Error.Hint = p.ours(c.Error.Hint)
	}
	for i := range c.OtherErrors {
		c.OtherErrors[i].Hint = p.ours(c.OtherErrors[i].Hint)
	}
	for i := range c.Findings {
		c.Findings[i].Hint = p.ours(c.Findings[i].Hint)
	}
}

// printJSON writes the outcome as one object.
func (a *app) printJSON() {
	e := json.NewEncoder(a.printer.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(a.outcome); err != nil {
		a.printer.failed = err
	}
}

// plainOutput is the outcome of a call that came to nothing.
type plainOutput struct{ Common }

func (*plainOutput) text(*printer) {}
