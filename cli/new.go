package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// newCommand is the verb that writes the next migration's file.
func (a *app) newCommand() *cobra.Command {
	var extension, rebuild string
	var rollback bool
	var edge edgeFlags
	c := a.newVerb(groupSetUp, "new NAME…", "Write the file of the next migration", nil,
		func(ctx context.Context, args []string) (outcome, error) {
			if rebuild != "" {
				return a.rebuild(ctx, []string{rebuild}, rebuildFlags{title: strings.Join(args, " ")})
			}
			return a.writeNew(strings.Join(args, " "), migration.Kind(extension), rollback, edge)
		})
	c.Args = cobra.ArbitraryArgs
	c.Long = `Writes a file with the next free number into the folder of the migrations, which is
made where it is not there, and prints its path. In the folder of a graph --from and
--to say which edge it is, and today's date stands in its name. Nothing is
overwritten.`
	c.Flags().StringVar(&extension, "ext", "sql", "the `KIND` of file: sql, py or sh")
	_ = c.RegisterFlagCompletionFunc("ext", cobra.FixedCompletions([]string{"sql", "py", "sh"}, cobra.ShellCompDirectiveNoFileComp)) // the flag is there
	c.Flags().BoolVar(&rollback, "rollback", false, "write the script that takes it back, too")
	edge.register(c)
	c.Flags().StringVar(&rebuild, "rebuild", "", "write the draft of a script that makes `TABLE` anew; see the verb rebuild")
	return c
}

func (a *app) writeNew(name string, kind migration.Kind, rollback bool, edge edgeFlags) (outcome, error) {
	out := &FilesOutput{Files: []string{}}
	if err := a.ready(); err != nil {
		return out, err
	}
	if edge.given() || a.kind == migration.Revisions {
		return out, a.writeEdge(name, kind, rollback, edge, out)
	}
	slug := slugOf(name)
	if slug == "" {
		return out, &usageError{
			message: "new takes a name with letters or digits in it",
			hint:    a.config.Name + " new add tags table",
		}
	}
	template, ok := templates[kind]
	if !ok {
		return out, wrongUsage("--ext is sql, py or sh, and not %q", string(kind))
	}
	next, err := nextVersion(a.settings.folder)
	if err != nil {
		return out, err
	}
	out.Version = (*int64)(&next)
	label := migration.Migration{Version: next, Name: slug}.Label()
	files := []draft{{filepath.Join(a.settings.folder, label+"."+string(kind)), template.up}}
	if rollback {
		path := filepath.Join(a.settings.folder, source.RollbackFolder, label+"."+string(kind))
		files = append(files, draft{path, template.down})
	}
	for i := range files {
		files[i].text = strings.ReplaceAll(files[i].text, "LABEL", label)
	}
	return out, out.write(files)
}

// draft is a file to be written.
type draft struct{ path, text string }

// write writes files, none of which is there yet.
func (o *FilesOutput) write(files []draft) error {
	for _, f := range files {
		if err := writeFile(f.path, f.text); err != nil {
			return err
		}
		o.Files = append(o.Files, f.path)
	}
	return nil
}

// writeFile writes a file that is not there yet, and its folder.
func writeFile(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return fmt.Errorf("write the migration: %w", err)
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// nextVersion returns the number above all that the folder has, those of
// rollback scripts included: one that was left behind must not come to belong
// to a new migration.
func nextVersion(folder string) (migration.Version, error) {
	var newest migration.Version
	for _, dir := range []string{folder, filepath.Join(folder, source.RollbackFolder)} {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, fmt.Errorf("read the migrations: %w", err)
		}
		for _, entry := range entries {
			if v, _, _, ok := source.Parse(entry.Name()); ok {
				newest = max(newest, v)
			}
		}
	}
	if newest == source.MaxVersion {
		return 0, fmt.Errorf("no number is free above %s", newest)
	}
	return newest + 1, nil
}

// slugOf makes a name fit for a file: letters and digits in lower case, with
// hyphens between the words.
func slugOf(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	return strings.Join(words, "-")
}
