package owndatabase

import (
	"context"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Hooks returns a backend for the database file at path by the short way: four
// functions. Each script runs at least once, and there is no history.
func Hooks(path string) backend.Backend {
	store := Store{path}
	return backend.Hooks{
		Kind:     "own",
		LockName: path,
		Argument: path,
		EnsureMeta: func(ctx context.Context) error {
			return store.Update(ctx, func(d *Data) error {
				if len(d.Lists["version"]) == 0 {
					d.Lists["version"] = []int{0}
				}
				return nil
			})
		},
		Version: func(context.Context) (migration.Version, error) {
			d, err := store.Read()
			if err != nil {
				return 0, err
			}
			return migration.Version(d.Lists["version"][0]), nil
		},
		SetVersion: func(ctx context.Context, v migration.Version) error {
			return store.Update(ctx, func(d *Data) error {
				d.Lists["version"] = []int{int(v)}
				return nil
			})
		},
		ExecSQL: store.Exec,
	}.Backend()
}
