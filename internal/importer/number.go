package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/migration"
)

// maxNumber is the highest number that the name of one of our files can say.
const maxNumber = 9999

// number puts the drafts in their tool's order and gives them our numbers:
// theirs where they fit, or else 1, 2, 3 …
func (f *Folder) number(found []draft) error {
	slices.SortStableFunc(found, func(a, b draft) int {
		if f.Tool == Dbmate { // goes by the names of the files
			return cmp.Compare(a.files[0], b.files[0])
		}
		return cmp.Compare(a.value, b.value)
	})
	last := uint64(0)
	for i, d := range found {
		if i > 0 && (d.value == found[i-1].value && f.Tool != Dbmate || d.version == found[i-1].version) {
			return &migration.Error{
				Op:   "import",
				Err:  fmt.Errorf("two files have the version %s: %s and %s", d.version, found[i-1].files[0], d.files[0]),
				Hint: "give one of them another version, as " + string(f.Tool) + " would want it, too",
			}
		}
		f.Renumbered = f.Renumbered || d.value > maxNumber || d.value <= last
		last = d.value
	}
	if len(found) > maxNumber {
		return &migration.Error{Op: "import", Err: fmt.Errorf("there are %d migrations, and our names have numbers up to %d", len(found), maxNumber)}
	}
	for i, d := range found {
		if f.Tool == GolangMigrate && !d.up.there { // runs nothing on the way up then
			d.up = section{there: true, file: d.files[0]}
		}
		m := Migration{Number: i + 1, Version: d.version, Title: title(d.title), Files: d.files}
		if !f.Renumbered {
			m.Number = int(d.value)
		}
		f.fill(&m, d)
		f.Migrations = append(f.Migrations, m)
	}
	return nil
}

// title returns a name as our files have it.
func title(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == '_' || r == ' ' || r == '/' || r == '\\' || r < ' ' || r == 0x7f {
			return '-'
		}
		return r
	}, name)
	return cmp.Or(strings.Trim(name, "-"), "migration")
}

// fill writes our texts.
func (f *Folder) fill(m *Migration, d draft) {
	if m.Left = d.up.left; m.Left != "" {
		m.Up = f.stub(d, m.Left)
		f.Left = append(f.Left, Left{File: cmp.Or(d.up.file, d.files[0]), Number: m.Number, Reason: m.Left})
	} else {
		m.Up = f.text(d.up)
	}
	switch {
	case d.down.left != "" && d.down.left != m.Left:
		f.Left = append(f.Left, Left{File: d.down.file, Number: m.Number, Reason: d.down.left + " (on the way down: there is no rollback script)"})
	case d.down.left == "" && d.down.there && !d.down.empty():
		m.Down = f.text(d.down)
	}
}

// text returns a section as a script of ours, which says where it comes from.
func (f *Folder) text(s section) []byte {
	var b strings.Builder
	if s.bare {
		b.WriteString("-- fastmigrate: no-transaction\n")
	}
	fmt.Fprintf(&b, "-- from %s: %s\n", f.Tool, oneLine(s.file))
	if body := strings.Trim(s.text, "\r\n"); body != "" {
		b.WriteString(body + "\n")
	}
	return []byte(b.String())
}

// stub returns the script that stands for a migration which could not be carried
// over: no database knows the column that it asks for.
func (f *Folder) stub(d draft, why string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "-- not carried over from %s: %s: %s\n", f.Tool, oneLine(strings.Join(d.files, ", ")), oneLine(why))
	b.WriteString("-- Write here what it does, and remove the next statement, which stops a run until then.\n")
	b.WriteString("SELECT this_migration_was_not_carried_over;\n")
	if body := strings.Trim(d.up.text, "\r\n"); body != "" {
		b.WriteString("\n")
		for line := range strings.Lines(body + "\n") {
			b.WriteString("-- " + strings.TrimRight(line, "\r\n") + "\n")
		}
	}
	return []byte(b.String())
}

// oneLine keeps a name or a reason from ending the comment that it stands in.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text)
}
