package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// noArguments refuses words that no flag takes.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &usageError{
		message: fmt.Sprintf("%s takes no arguments, and there is %q", c.Name(), args[0]),
		hint:    wrongArgument(c, args[0]),
	}
}

// oneArgument asks for exactly one word, which is called what.
func oneArgument(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 1 {
			return nil
		}
		return &usageError{
			message: fmt.Sprintf("%s takes one argument, %s, and there are %d", c.Name(), what, len(args)),
			hint:    helpHint(c),
		}
	}
}

func helpHint(c *cobra.Command) string { return c.CommandPath() + " --help tells more" }

// unknownVerb is what the program does when no verb was recognised.
func (a *app) unknownVerb(c *cobra.Command, args []string) error {
	switch {
	case len(args) > 0:
		return a.noVerb(args[0])
	case a.flags.json:
		return &usageError{message: "there is no verb", hint: helpHint(c)}
	}
	return c.Help()
}

// noVerb says that there is no such verb, and which may have been meant.
func (a *app) noVerb(word string) error {
	var names []string
	for _, c := range a.root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	hint := a.root.Name() + " --help lists the verbs"
	if near := nearest(word, names); near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	return &usageError{message: fmt.Sprintf("there is no verb %q", word), hint: hint}
}

// wrongFlag says what is wrong with a flag, and which may have been meant.
func (a *app) wrongFlag(c *cobra.Command, err error) error {
	if word := a.firstWord(); c == a.root && word != "" {
		return a.noVerb(word) // its flags are unknown because it is
	}
	usage := &usageError{message: err.Error(), hint: helpHint(c)}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == (*number)(nil).Type() {
		if v := a.versionIn(invalid.GetValue()); v != "" {
			usage.hint = fmt.Sprintf("did you mean --%s %s?", invalid.GetFlag().Name, v)
		}
	}
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || unknown.GetSpecifiedShortnames() != "" {
		return usage
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := nearest(unknown.GetSpecifiedName(), names); near != "" {
		usage.hint = fmt.Sprintf("did you mean --%s?", near)
	}
	return usage
}

// firstWord returns the first argument that is neither a flag nor its value.
func (a *app) firstWord() string {
	for i := 0; i < len(a.args); i++ {
		arg := a.args[i]
		if !strings.HasPrefix(arg, "-") {
			return arg
		}
		f := a.root.PersistentFlags().Lookup(strings.TrimPrefix(arg, "--"))
		if f != nil && f.NoOptDefVal == "" {
			i++ // the value is the next argument
		}
	}
	return ""
}

// nearest returns the name that a word was most likely meant to be, or "".
func nearest(word string, names []string) string {
	best, name := 1+len(word)/3, ""
	for _, n := range names {
		d := distance(word, n)
		if strings.HasPrefix(n, word) && len(word) >= 2 {
			d = 1
		}
		if d < best || d == best && name == "" {
			best, name = d, n
		}
	}
	return name
}

// distance counts the letters to be inserted, removed, changed or swapped with
// their neighbour to get from one word to the other.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
