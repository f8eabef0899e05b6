package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Findings compares the files with the history and returns what a person
// should know, in order of versions: a database newer than the files, a file
// that came late below the database's version, an applied file that is gone,
// and an applied file that was edited.
//
// Late, missing and edited files are found only among versions that the history
// recorded, so that a database that was taken over is quiet. checksum returns
// the checksum of a migration's up body, or "" where it is not known or not
// asked for; it is called for recorded versions only.
func Findings(migrations []migration.Migration, h History, checksum func(migration.Migration) (migration.Checksum, error)) ([]migration.Finding, error) {
	var found []migration.Finding
	if newest := Newest(migrations); h.Current > newest {
		found = append(found, migration.Finding{
			Code:    migration.CodeNewer,
			Message: fmt.Sprintf("the database is at version %d, newer than the newest migration, %d", h.Current, newest),
			Hint:    "a newer release of the program was here; deploy its migrations folder before going on",
		}.About(h.Current))
	}
	applied := h.applied()
	recordedVersions := slices.Sorted(maps.Keys(applied))
	for _, m := range migrations {
		if m.Version > h.Current {
			break
		}
		e, recorded := applied[m.Version]
		if !recorded {
			if over, late := passedOver(applied, recordedVersions, m.Version); late {
				found = append(found, lateFile(m, over))
			}
			continue
		}
		if e.Checksum == "" {
			continue
		}
		sum, err := checksum(m)
		if err != nil {
			return found, err
		}
		if sum != "" && sum != e.Checksum {
			found = append(found, migration.Finding{
				Code: migration.CodeEdited, File: m.Up.File(),
				Message: "was edited after it was applied; databases made before and after differ",
				Hint:    "put the change into a new migration and restore the old text",
			}.About(m.Version))
		}
	}
	for v, e := range applied {
		if e.Status == migration.Applied && v <= h.Current && find(migrations, v) < 0 {
			found = append(found, migration.Finding{
				Code: migration.CodeMissing, File: e.Name,
				Message: "was applied, and its file is gone",
				Hint:    "restore the file, so that a new database can be made the same way",
			}.About(v))
		}
	}
	slices.SortStableFunc(found, func(a, b migration.Finding) int {
		return cmp.Compare(*a.Version, *b.Version)
	})
	return found, nil
}

// passedOver returns the applied entry that went past v without applying it:
// that of the next version above v, if it started from below v.
func passedOver(applied map[migration.Version]migration.Entry, versions []migration.Version, v migration.Version) (migration.Entry, bool) {
	i, _ := slices.BinarySearch(versions, v)
	if i == len(versions) {
		return migration.Entry{}, false
	}
	e := applied[versions[i]]
	from, err := e.From.Version()
	return e, err == nil && e.Status == migration.Applied && from < v
}

func lateFile(m migration.Migration, over migration.Entry) migration.Finding {
	return migration.Finding{
		Code: migration.CodeLate, File: m.Up.File(),
		Message: fmt.Sprintf("came late: %s was applied before it, so it will never run", over.Name),
		Hint:    "give it a number above the newest",
	}.About(m.Version)
}

// Consistent compares the history with the version that the database says it is
// at, and with itself.
func Consistent(h History) []migration.Finding {
	if e, stuck := h.Unfinished(); stuck {
		return []migration.Finding{begun(e)}
	}
	for _, e := range slices.Backward(h.Entries) {
		if e.Kind != migration.Files || !e.Ended() {
			continue
		}
		if e.To == h.Current.State() {
			return nil
		}
		return []migration.Finding{{
			Code:    migration.CodeHistory,
			Message: fmt.Sprintf("the history ends at version %s and the database says %d: another tool moved it", e.To, h.Current),
			Hint:    "fastmigrate mark N records where it really stands",
		}}
	}
	return nil
}

// begun says that a migration may be half done.
func begun(e migration.Entry) migration.Finding {
	return migration.Finding{
		Code: migration.CodeBegun, File: e.Name,
		Message: fmt.Sprintf("was begun on %s and is not known to have ended", e.StartedAt.Format("2006-01-02 15:04:05 UTC")),
		Hint:    "fastmigrate status tells how far it came",
	}
}
