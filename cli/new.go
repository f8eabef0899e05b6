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
	var extension string
	var rollback bool
	c := a.newVerb(groupSetUp, "new NAME…", "Write the file of the next migration", nil,
		func(_ context.Context, args []string) (outcome, error) {
			return a.writeNew(strings.Join(args, " "), migration.Kind(extension), rollback)
		})
	c.Args = cobra.ArbitraryArgs
	c.Long = `Writes a file with the next free number into the folder of the migrations, which is
made where it is not there, and prints its path. Nothing is overwritten.`
	c.Flags().StringVar(&extension, "ext", "sql", "what to write: sql, py or sh")
	c.Flags().BoolVar(&rollback, "rollback", false, "write the script that takes it back, too")
	return c
}

func (a *app) writeNew(name string, kind migration.Kind, rollback bool) (outcome, error) {
	out := &FilesOutput{Files: []string{}}
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
	var err error
	if a.settings, err = a.settle(); err != nil {
		return out, err
	}
	next, err := nextVersion(a.settings.folder)
	if err != nil {
		return out, err
	}
	out.Version = (*int64)(&next)
	label := migration.Migration{Version: next, Name: slug}.Label()
	files := []struct{ path, text string }{
		{filepath.Join(a.settings.folder, label+"."+string(kind)), template.up},
	}
	if rollback {
		path := filepath.Join(a.settings.folder, source.RollbackFolder, label+"."+string(kind))
		files = append(files, struct{ path, text string }{path, template.down})
	}
	for _, f := range files {
		text := strings.ReplaceAll(f.text, "LABEL", label)
		if err := writeFile(f.path, text); err != nil {
			return out, err
		}
		out.Files = append(out.Files, f.path)
	}
	return out, nil
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
