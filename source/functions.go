package source

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Functions are migrations that are functions of the program itself, numbered
// 0, 1, 2 … without a gap. The zero value has none and is ready to use. A value
// must not be changed while a Migrator runs it.
type Functions struct {
	ups, downs map[int]named
}

// named is a function with the name that it is recorded under.
type named struct {
	name string
	code migration.Callable
}

// Add registers the migration with a number, and returns f. name is what it is
// recorded under. Adding a number again replaces the function.
func (f *Functions) Add(id int, name string, up migration.Func) *Functions {
	return f.AddCallable(id, name, up)
}

// AddRollback registers what takes the migration with a number back; that may
// be long after it was applied.
func (f *Functions) AddRollback(id int, name string, down migration.Func) *Functions {
	return f.AddRollbackCallable(id, name, down)
}

// AddCallable is like [Functions.Add], for a function that is for one kind of
// database, such as postgres.Func.
func (f *Functions) AddCallable(id int, name string, up migration.Callable) *Functions {
	if f.ups == nil {
		f.ups = make(map[int]named)
	}
	f.ups[id] = named{name, up}
	return f
}

// AddRollbackCallable is like [Functions.AddRollback], for a function that is
// for one kind of database.
func (f *Functions) AddRollbackCallable(id int, name string, down migration.Callable) *Functions {
	if f.downs == nil {
		f.downs = make(map[int]named)
	}
	f.downs[id] = named{name, down}
	return f
}

// Kind returns [migration.Functions].
func (f *Functions) Kind() string { return migration.Functions }

// Migrations returns the functions in order of their numbers. It fails where a
// number is negative, and where a rollback has no migration. Whether there is a
// gap is looked at when they are planned.
func (f *Functions) Migrations() ([]migration.Migration, error) {
	all := make([]migration.Migration, 0, len(f.ups))
	for id, up := range f.ups {
		m := migration.Migration{Version: migration.Version(id), Name: up.name, Up: up.body(id)}
		if down, ok := f.downs[id]; ok {
			m.Down = down.body(id)
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b migration.Migration) int { return cmp.Compare(a.Version, b.Version) })
	if len(all) > 0 && all[0].Version < 0 {
		return nil, &migration.Error{
			Op:   "read migrations",
			Err:  fmt.Errorf("%w: function %s has the number %d", migration.ErrNotGapless, all[0].Name, all[0].Version),
			Hint: "number them 0, 1, 2 …",
		}
	}
	for _, id := range slices.Sorted(maps.Keys(f.downs)) {
		if _, ok := f.ups[id]; !ok {
			return nil, &migration.Error{
				Op:   "read migrations",
				Err:  fmt.Errorf("rollback %d (%s) belongs to no function", id, f.downs[id].name),
				Hint: "give it the number of the function that it takes back",
			}
		}
	}
	return all, nil
}

// body returns a function as what a migration does.
func (n named) body(id int) migration.Body {
	return &migration.Go{Name: fmt.Sprintf("%d %s", id, n.name), Func: n.code}
}
