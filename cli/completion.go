package cli

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

// completionCommand is the verb that helps the shell to complete the others.
func (a *app) completionCommand() *cobra.Command {
	c := a.newVerb(groupSetUp, "completion SHELL", "Print the completion script of a shell", oneArgument("the shell"),
		func(_ context.Context, args []string) (outcome, error) { return a.completion(args[0]) })
	c.Long = `Prints the script that lets a shell complete verbs and flags: ` + strings.Join(shells, ", ") + `.`
	c.Example = `  source <(` + a.config.Name + ` completion bash)`
	c.ValidArgs, c.ValidArgsFunction = shells, nil
	return c
}

func (a *app) completion(shell string) (outcome, error) {
	out := &CompletionOutput{Shell: shell}
	if !slices.Contains(shells, shell) {
		return out, &usageError{
			message: fmt.Sprintf("there is no completion for %q", shell),
			hint:    "there is one for " + strings.Join(shells, ", "),
		}
	}
	var script bytes.Buffer
	var err error
	switch shell {
	case "bash":
		err = a.root.GenBashCompletionV2(&script, true)
	case "zsh":
		err = a.root.GenZshCompletion(&script)
	case "fish":
		err = a.root.GenFishCompletion(&script, true)
	case "powershell":
		err = a.root.GenPowerShellCompletionWithDesc(&script)
	}
	out.Script = script.String()
	return out, err
}

// text writes the script.
func (o *CompletionOutput) text(p *printer) { p.answer("%s", strings.TrimRight(o.Script, "\n")) }
