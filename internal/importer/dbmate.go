package importer

import (
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

var (
	dbmateName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(\d+)(.*)\.sql$`) })
	dbmateUp   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^--\s*migrate:up(?:[ \t]+(.*))?\s*$`) })
	dbmateDown = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^--\s*migrate:down(?:[ \t]+(.*))?\s*$`) })
)

// dbmate reads one file of dbmate's, with both directions in it.
func (f *Folder) dbmate(fsys fs.FS, name string, found []draft) ([]draft, error) {
	m := dbmateName().FindStringSubmatch(name)
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
	d := draft{version: m[1], value: value, title: m[2], files: []string{name}}
	d.up.file, d.down.file = name, name
	parseDbmate(strings.TrimPrefix(string(text), "\ufeff"), &d)
	return append(found, d), nil
}

// parseDbmate takes a file's text apart at its two directives.
func parseDbmate(text string, d *draft) {
	up, down := dbmateUp().FindStringSubmatchIndex(text), dbmateDown().FindStringSubmatchIndex(text)
	before := ""
	if up != nil {
		before = text[:up[0]]
	}
	switch {
	case up == nil:
		d.up.left = "dbmate does not take it: it has no -- migrate:up"
	case down != nil && down[0] < up[0]:
		d.up.left = "dbmate does not take it: -- migrate:down stands in front of -- migrate:up"
	case !section{text: before}.empty():
		d.up.left = "dbmate does not take it: a statement stands in front of -- migrate:up"
	}
	if d.up.left != "" {
		d.up.text = text
		return
	}
	end := len(text)
	if down != nil {
		end = down[0]
		d.down.directive(text, down)
		d.down.text = text[down[1]:]
	}
	d.up.directive(text, up)
	d.up.text = strings.TrimLeft(before, "\r\n") + text[up[1]:end]
}

// directive reads what stands behind a directive of dbmate's.
func (s *section) directive(text string, found []int) {
	s.there = true
	if found[2] < 0 {
		return
	}
	for option := range strings.FieldsSeq(text[found[2]:found[3]]) {
		switch option {
		case "transaction:false":
			s.bare = true
		case "transaction:true":
		default:
			s.left = fmt.Sprintf("its option %s has no like here", option)
		}
	}
}
