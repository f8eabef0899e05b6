package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// backupCommand is the verb that copies the database.
func (a *app) backupCommand() *cobra.Command {
	c := a.newVerb(groupMigrate, "backup", "Write a consistent copy of the database beside it", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) {
			out := &FilesOutput{Files: []string{}}
			b, err := a.openAny(ctx)
			if err != nil {
				return out, err
			}
			defer b.Close()
			file, err := a.backUp(ctx, b)
			if err == nil {
				out.Files = append(out.Files, file)
			}
			return out, err
		})
	c.Long = `Writes a consistent copy of the database to DATABASE.YYYYmmdd_HHMMSS.backup, while
others may go on writing, and prints its name.`
	return c
}

// backUp writes a backup and returns its name.
func (a *app) backUp(ctx context.Context, b backend.Backend) (string, error) {
	path, ok := a.settings.path()
	if _, copies := b.(backend.Copier); !copies || !ok {
		return "", a.noBackup(b)
	}
	file := fastmigrate.BackupName(path, time.Now())
	defer a.doing("backing up to " + file)()
	err := fastmigrate.Backup(ctx, b, file)
	if errors.Is(err, fs.ErrExist) {
		return "", &migration.Error{
			Op: "back up", Err: fmt.Errorf("there is a backup of this second already: %s: %w", file, fs.ErrExist),
			Hint: "run it again",
		}
	}
	return file, err
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
