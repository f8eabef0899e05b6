package sqlite

import (
	"context"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/history"
	"github.com/fastmigrate/fastmigrate/internal/rawfile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// peekRows is how many entries of a history are looked at for one of numbered
// files, before the engine is asked.
const peekRows = 100

// peek does what [Backend.Summary] does, without the engine. It only knows of a
// file at rest that is as it nearly always is, with tables as we make them; ok is
// false for any other.
func (b *Backend) peek(ctx context.Context) (at migration.State, s backend.Summary, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.alone || b.db != nil || b.book.kind() != migration.Files || ctx.Err() != nil {
		return "", s, false
	}
	file, err := rawfile.Open(b.path)
	if err != nil {
		return "", s, false
	}
	at, known := rawVersion(file)
	s, summed := b.rawSummary(file)
	return at, s, file.Close() == nil && known && summed
}

// rawVersion reads the version from a file.
func rawVersion(file *rawfile.File) (at migration.State, ok bool) {
	root, made, err := file.Table("_meta")
	if err != nil || made != createMeta {
		return "", false
	}
	for row, err := range file.Rows(root, false) {
		version, isInt := row.Int(1)
		return migration.Version(version).State(), err == nil && row.ID == 1 && isInt && version >= 0
	}
	return "", false
}

// rawSummary reads from a file what sums the history up: the last entry tells what
// is applied now, the first from where that began.
func (b *Backend) rawSummary(file *rawfile.File) (s backend.Summary, ok bool) {
	root, made, err := file.Table(b.historyName)
	if err != nil || root == 0 {
		return s, err == nil
	}
	_, ours, _ := strings.Cut(b.table.Create(), " (")
	if _, theirs, _ := strings.Cut(made, " ("); theirs != ours {
		return s, false
	}
	kind, state := history.Column("kind"), history.Column("state")
	last, found, ok := entry(file, root, true, map[int]string{kind: migration.Files})
	if !ok || !found {
		return s, ok
	}
	status, _ := last.Text(state)
	s.Unfinished = !migration.Entry{Status: migration.Status(status)}.Ended()
	if s.Digest, ok = last.Int(history.Column("digest")); !ok {
		return s, false
	}
	first, found, ok := entry(file, root, false, map[int]string{
		kind: migration.Files, state: string(migration.Applied), history.Column("direction"): migration.Up.String(),
	})
	if !ok || !found {
		return s, ok
	}
	from, _ := first.Text(history.Column("from_state"))
	v, err := migration.State(from).Version()
	s.From = v
	return s, err == nil
}

// entry returns the first row of a table, or the last, that has the texts in its
// columns. ok is false where that takes too long, or can't be read.
func entry(file *rawfile.File, root uint32, backward bool, texts map[int]string) (_ rawfile.Row, found, ok bool) {
	seen := 0
rows:
	for row, err := range file.Rows(root, backward) {
		if seen++; err != nil || seen > peekRows {
			return row, false, false
		}
		for column, want := range texts {
			text, known := row.Text(column)
			if !known {
				return row, false, false
			}
			if text != want {
				continue rows
			}
		}
		return row, true, true
	}
	return rawfile.Row{}, false, true
}
