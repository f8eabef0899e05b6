package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// backupCommand is the verb that copies the database.
func (a *app) backupCommand() *cobra.Command {
	var keep number
	c := a.newVerb(groupMigrate, "backup", "Write a consistent copy of the database beside it", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) {
			out := &FilesOutput{Files: []string{}}
			b, err := a.openAny(ctx)
			if err != nil {
				return out, err
			}
			defer b.Close()
			if keep.value != nil && *keep.value == 0 {
				return out, wrongUsage("--keep must be 1 or more")
			}
			file, err := a.backUp(ctx, b)
			if err != nil {
				return out, err
			}
			out.Files = append(out.Files, file)
			if keep.value != nil {
				out.Removed, err = fastmigrate.PruneBackups(ctx, b, int(*keep.value))
			}
			for _, file := range out.Removed {
				a.note("removed %s", file)
			}
			return out, err
		})
	c.Long = `Writes a consistent copy of the database to DATABASE.YYYYmmdd_HHMMSS.backup, while
others may go on writing, checks it, and prints its name.`
	c.Flags().Var(&keep, "keep", "then remove the backups beside the database but the newest N")
	return c
}

// backUp writes a backup and returns its name.
func (a *app) backUp(ctx context.Context, b backend.Backend) (string, error) {
	file := a.backupFile(b)
	if file == "" {
		return "", a.noBackup(b)
	}
	defer a.doing("backing up to " + file)()
	return file, explainBackup(fastmigrate.Backup(ctx, b, file))
}

// backupFile returns the file of a backup that is made now, or of the next second
// where there is one of this, or "" where the database is not ours to copy.
func (a *app) backupFile(b backend.Backend) string {
	path, ok := a.settings.path()
	if _, copies := b.(backend.Copier); !copies || !ok {
		return ""
	}
	for at := time.Now(); ; at = at.Add(time.Second) {
		file := fastmigrate.BackupName(path, at)
		if _, err := os.Lstat(file); err != nil {
			return file
		}
	}
}

// explainBackup says what to do where there is a backup of the same second.
func explainBackup(err error) error {
	var taken *fs.PathError
	if !errors.As(err, &taken) || !errors.Is(err, fs.ErrExist) || !strings.HasSuffix(taken.Path, ".backup") {
		return err
	}
	return &migration.Error{
		Op: "back up", Err: fmt.Errorf("there is a backup of this second already: %s: %w", taken.Path, fs.ErrExist),
		Hint: "run it again",
	}
}

// text writes the names of the files, a line each.
func (o *FilesOutput) text(p *printer) {
	for _, file := range o.Files {
		p.answer("%s", file)
	}
}

// noBackup says that the database is not ours to copy, and which tool does it.
func (a *app) noBackup(b backend.Backend) error {
	hint := "use the tool that comes with the database"
	if adviser, ok := b.(backend.BackupAdviser); ok {
		hint = "the database's own tool does it: " + adviser.BackupCommand()
	}
	return &migration.Error{
		Op: "back up", Err: fmt.Errorf("back up %s: %w", a.settings.shown(), migration.ErrUnsupported), Hint: hint,
	}
}
