package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// suggest adds to an error's hint what may have been meant, where a path or a
// version is not there.
func (a *app) suggest(err error, o *ErrorObject) {
	switch {
	case errors.Is(err, migration.ErrNoVersion):
		if near := a.nearVersion(); near != "" {
			o.Hint = strings.TrimPrefix(o.Hint+"; ", "; ") + fmt.Sprintf("did you mean %s?", near)
		}
	case errors.Is(err, migration.ErrNoDatabase):
		if path, ok := a.settings.path(); ok {
			o.orRather(nearPath(path, isDatabase))
		}
	case errors.Is(err, fs.ErrNotExist) && a.settings.folder != "":
		if _, gone := os.Stat(a.settings.folder); gone != nil {
			o.orRather(nearPath(a.settings.folder, fs.DirEntry.IsDir))
		}
	}
}

// orRather puts what may have been meant before the hint.
func (o *ErrorObject) orRather(near string) {
	if near != "" {
		o.Hint = strings.TrimSuffix(fmt.Sprintf("did you mean %s? If not, %s", near, o.Hint), " If not, ")
	}
}

// nearVersion returns the version that is most like the one that was asked for,
// with its file.
func (a *app) nearVersion() string {
	if a.source == nil || a.kind == migration.Revisions {
		return ""
	}
	migrations, err := a.source.Migrations()
	if err != nil {
		return ""
	}
	for _, asked := range a.asked() {
		best, apart := "", migration.Version(0)
		for _, m := range migrations {
			away := max(m.Version-asked, asked-m.Version)
			if away == 0 {
				best = ""
				break
			}
			alike := distance(strconv.FormatInt(int64(m.Version), 10), strconv.FormatInt(int64(asked), 10)) == 1
			if alike && (asked > 9 || away < 3) && (best == "" || away < apart) {
				best, apart = fmt.Sprintf("%d (%s)", m.Version, m.Up.File()), away
			}
		}
		if best != "" {
			return best
		}
	}
	return ""
}

// asked returns the versions that the command line names.
func (a *app) asked() []migration.Version {
	if a.command == nil {
		return nil
	}
	var all []migration.Version
	for _, arg := range a.command.Flags().Args() {
		if v, err := parseNumber(arg); err == nil {
			all = append(all, migration.Version(v))
		}
	}
	a.command.Flags().Visit(func(f *pflag.Flag) {
		switch value := f.Value.(type) {
		case *number:
			all = append(all, migration.Version(*value.value))
		case *place:
			if v, err := parseNumber(value.text); err == nil {
				all = append(all, migration.Version(v))
			}
		}
	})
	return all
}

// versionIn returns the version that a text names which is no number: the name
// of a file, or what stands in one behind the number. It is "" where there is none.
func (a *app) versionIn(text string) string {
	if v, _, _, ok := source.Parse(filepath.Base(text)); ok {
		return strconv.FormatInt(int64(v), 10)
	}
	if a.source == nil && (a.root == nil || a.ready() != nil) {
		return ""
	}
	migrations, err := a.source.Migrations()
	if err != nil {
		return ""
	}
	names := make([]string, len(migrations))
	for i, m := range migrations {
		names[i] = m.Name
	}
	near := nearest(strings.TrimLeft(text, "0123456789-_"), names)
	for _, m := range migrations {
		if near != "" && m.Name == near {
			return strconv.FormatInt(int64(m.Version), 10)
		}
	}
	return ""
}

// wrongArgument hints at the flag --to where a verb that has it is called with
// a version.
func wrongArgument(c *cobra.Command, arg string) string {
	if v, err := parseNumber(arg); err == nil && c.Flags().Lookup("to") != nil {
		return fmt.Sprintf("did you mean --to %d?", v)
	}
	return helpHint(c)
}

// nearPath returns a path that is there and is like one that is not, or "". Only
// such are asked for as want says.
func nearPath(path string, want func(fs.DirEntry) bool) string {
	dir, base := filepath.Split(path)
	if near := nearEntry(dir, base, want); near != "" {
		return dir + near
	}
	parent := filepath.Clean(dir)
	if _, err := os.Stat(parent); err == nil || parent == "." {
		return ""
	}
	above, name := filepath.Split(parent)
	if near := nearEntry(above, name, fs.DirEntry.IsDir); near != "" {
		if rather := filepath.Join(above, near, base); isThere(rather) {
			return rather
		}
	}
	return ""
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// nearEntry returns the entry of a folder whose name is like one that is not there.
func nearEntry(dir, name string, want func(fs.DirEntry) bool) string {
	if dir == "" {
		dir = "."
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	var names []string
	for _, e := range entries {
		if !want(e) {
			continue
		}
		if other := e.Name(); strings.EqualFold(strings.TrimSuffix(other, filepath.Ext(other)), stem) {
			return other
		}
		names = append(names, e.Name())
	}
	return nearest(name, names)
}

// isDatabase says whether an entry of a folder may be a database: it is a file,
// and none that is found beside one.
func isDatabase(e fs.DirEntry) bool {
	for _, ending := range []string{"-wal", "-shm", "-journal", ".backup", ".lock", ".sql", ".py", ".sh"} {
		if strings.HasSuffix(e.Name(), ending) {
			return false
		}
	}
	return !e.IsDir()
}
