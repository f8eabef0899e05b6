package cli

import (
	"io"
	"os"

	"github.com/spf13/cobra"
)

// Command returns the command line as cobra has it, with all verbs below it, for
// those who write its documentation or the scripts that complete it. It is not
// to be run: that is what [Main] is for.
func Command(c Config) *cobra.Command {
	if c.Name == "" {
		c.Name = ownName
	}
	a := &app{config: c, getenv: os.Getenv, printer: newPrinter(streams{Out: io.Discard, Err: io.Discard}, os.Getenv)}
	return a.rootCommand()
}
