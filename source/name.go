package source

import (
	"strings"

	"github.com/fastmigrate/fastmigrate/migration"
)

// digits is how many of them a file name begins with.
const digits = 4

// MaxVersion is the highest version that a file name can say.
const MaxVersion migration.Version = 9999

// Parse takes a file name apart: "0004-add-tags.sql" is version 4, title
// "add-tags" and kind sql. ok is false for a name that does not keep the
// naming rule.
func Parse(name string) (version migration.Version, title string, kind migration.Kind, ok bool) {
	if len(name) <= digits || name[digits] != '-' || strings.Contains(name, "\n") {
		return 0, "", "", false
	}
	for i := range digits {
		d := name[i]
		if d < '0' || d > '9' {
			return 0, "", "", false
		}
		version = version*10 + migration.Version(d-'0')
	}
	rest := name[digits+1:]
	dot := strings.LastIndexByte(rest, '.')
	if dot < 0 {
		return 0, "", "", false
	}
	switch kind = migration.Kind(rest[dot+1:]); kind {
	case migration.KindSQL, migration.KindPython, migration.KindShell:
		return version, rest[:dot], kind, true
	}
	return 0, "", "", false
}
