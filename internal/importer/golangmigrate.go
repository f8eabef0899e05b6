package importer

import (
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"sync"
)

// golangMigrateName is how golang-migrate names its files.
var golangMigrateName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([0-9]+)_(.*)\.(down|up)\.(.*)$`) })

// golangMigrate reads one file of golang-migrate's, which leads one way:
// NUMBER_name.up.sql or NUMBER_name.down.sql.
func (f *Folder) golangMigrate(fsys fs.FS, name string, found []draft) ([]draft, error) {
	m := golangMigrateName().FindStringSubmatch(name)
	if m == nil {
		return found, nil
	}
	value, err := strconv.ParseUint(m[1], 10, 64)
	if err != nil {
		f.Left = append(f.Left, Left{File: name, Reason: "its version is too large"})
		return found, nil
	}
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return found, fmt.Errorf("read %s: %w", name, err)
	}
	s := section{there: true, text: string(text), file: name}
	if m[4] != "sql" {
		s.left = "it is not SQL by its name, which ends with ." + m[4]
	}
	at := -1
	for i := range found {
		if found[i].value == value {
			at = i
		}
	}
	if at < 0 {
		found = append(found, draft{version: strconv.FormatUint(value, 10), value: value, title: m[2]})
		at = len(found) - 1
	}
	d := &found[at]
	into := &d.up
	if m[3] == "down" {
		into = &d.down
	} else {
		d.title = m[2]
	}
	if into.there { // golang-migrate refuses the folder, too
		return append(found, draft{version: d.version, value: value, title: m[2], files: []string{name}}), nil
	}
	*into = s
	d.files = append(d.files, name)
	return found, nil
}
