package source

import (
	"iter"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Listing is what the names of a source tell. Most runs have nothing to do, and
// need no more than that.
type Listing struct {
	files      *Files
	ups, downs []numbered            // in order of their versions
	migrations []migration.Migration // of a source that is no Files
}

// List looks at the names of a source. The errors are those of its method
// Migrations.
func List(s Source) (*Listing, error) {
	if f, ok := s.(*Files); ok {
		return f.list()
	}
	migrations, err := s.Migrations()
	return &Listing{migrations: migrations}, err
}

// Versions returns the versions, in order.
func (l *Listing) Versions() iter.Seq[migration.Version] {
	return func(yield func(migration.Version) bool) {
		for _, n := range l.ups {
			if !yield(n.version) {
				return
			}
		}
		for _, m := range l.migrations {
			if !yield(m.Version) {
				return
			}
		}
	}
}

// Newest returns the highest version, or 0 where there is none.
func (l *Listing) Newest() (newest migration.Version) {
	switch {
	case len(l.ups) > 0:
		newest = l.ups[len(l.ups)-1].version
	case len(l.migrations) > 0:
		newest = l.migrations[len(l.migrations)-1].Version
	}
	return newest
}

// Migrations returns the migrations that the source had when it was listed.
func (l *Listing) Migrations() []migration.Migration {
	if l.files == nil {
		return l.migrations
	}
	undo := make(map[migration.Version]migration.Body, len(l.downs))
	for _, n := range l.downs {
		_, undo[n.version] = l.files.make(RollbackFolder, n)
	}
	migrations := make([]migration.Migration, len(l.ups))
	for i, n := range l.ups {
		title, body := l.files.make(".", n)
		migrations[i] = migration.Migration{Version: n.version, Name: title, Up: body, Down: undo[n.version]}
	}
	return migrations
}
