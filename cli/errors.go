package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/migration"
)

// usageError says that the command line, or the configuration, is wrong.
type usageError struct {
	message string
	hint    string
}

func (u *usageError) Error() string { return u.message }

// wrongUsage returns a usageError without a hint of its own.
func wrongUsage(format string, args ...any) error {
	return &usageError{message: fmt.Sprintf(format, args...)}
}

// split returns the errors that were joined into one.
func split(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	// fmt.Errorf with several %w looks the same but for its text.
	texts := make([]string, 0, len(joined.Unwrap()))
	for _, e := range joined.Unwrap() {
		texts = append(texts, e.Error())
	}
	if err.Error() != strings.Join(texts, "\n") {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, split(e)...)
	}
	return all
}

// errorObject returns an error with all that is known of it.
func errorObject(err error) ErrorObject {
	o := ErrorObject{Message: err.Error()}
	var usage *usageError
	if errors.As(err, &usage) {
		o.Hint = usage.hint
	}
	var raised traced
	if errors.As(err, &raised) {
		o.traceback = raised.Traceback()
	}
	var e *migration.Error
	for cause := err; errors.As(cause, &e); cause = e.Err {
		if o.File == "" {
			o.File, o.Line, o.Column = e.Origin.File, e.Origin.Line, e.Origin.Column
		}
		o.Statement = first(o.Statement, e.Statement)
		o.Output = first(o.Output, e.Output)
		o.Hint = first(o.Hint, e.Hint)
	}
	if where := o.origin().String(); where != "" {
		o.Message = strings.TrimPrefix(o.Message, where+": ")
	}
	return o
}

// origin returns where the error is.
func (o *ErrorObject) origin() migration.Origin {
	return migration.Origin{File: o.File, Line: o.Line, Column: o.Column}
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// failure prints an error: where, what, the lines of the script or what a program
// printed, and what to do next.
func (p *printer) failure(o *ErrorObject) {
	message := strings.ReplaceAll(o.Message, "\n", "\n    ")
	if where := o.origin().String(); where != "" {
		message = where + ": " + message
	}
	if o.traceback != "" && p.verbose {
		p.complain("%s\n", strings.TrimSuffix(o.traceback, "\n"))
	}
	p.alert(red, "error:", message)
	if o.quote != "" {
		p.complain("%s\n", p.marked(o.quote))
	} else if o.Statement != "" {
		p.complain("    %s\n", strings.ReplaceAll(o.Statement, "\n", "\n    "))
	}
	if o.Output != "" && !p.verbose { // verbose has shown it as it came
		p.complain("  %s printed:\n", first(o.File, "the program"))
		p.childBlock(o.Output)
	}
	p.hint(o.Hint)
}

// marked gives the mark below the place, which ends a quote, its colour.
func (p *printer) marked(quote string) string {
	if text, ok := strings.CutSuffix(quote, "^"); ok && p.colour {
		return text + red + "^" + reset
	}
	return quote
}

// findings prints warnings.
func (p *printer) findings(all []migration.Finding) {
	for _, f := range all {
		p.finding(f)
	}
}

// finding prints a warning.
func (p *printer) finding(f migration.Finding) {
	if p.quiet {
		return
	}
	p.alert(yellow, "warning:", f.String())
	p.hint(f.Hint)
}

func (p *printer) hint(text string) {
	if text != "" {
		p.alert(cyan, "hint:", p.ours(text))
	}
}
