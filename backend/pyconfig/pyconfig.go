package pyconfig

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/pyhost"
	"github.com/fastmigrate/fastmigrate/migration"
)

// FileName is the name of the file with the hooks.
const FileName = "config.py"

// closeGrace is how long the last hooks may take once the run was told to stop.
const closeGrace = 5 * time.Second

// Options says how the hooks are run. The zero value is ready to use.
type Options struct {
	// Python is the interpreter. Empty means that it is looked for:
	// $FASTMIGRATE_PYTHON, $VIRTUAL_ENV, ./.venv, python3, python.
	Python string
	// Getenv looks up environment variables for that. nil means os.Getenv.
	Getenv func(string) string
	// Stdin, Stdout and Stderr belong to the hooks. nil means those of this
	// process.
	Stdin, Stdout, Stderr *os.File
	// Exclusive keeps the lock from the first look at the version until Close,
	// for a program that opens the backend for one run. The version is then read
	// once, and the hooks are called in the order that docs/config-py.md gives,
	// and no oftener.
	Exclusive bool
}

// Backend is a database behind the hooks of a config.py.
type Backend struct {
	backend.Backend
	host    *pyhost.Host
	config  string          // the path of config.py
	context context.Context // of Open: where it is done, Close does not wait for long
	locks   locks
	closed  bool
}

// Exists says whether the folder of the migrations has a config.py.
func Exists(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, FileName))
	return err == nil && info.Mode().IsRegular()
}

// Open starts Python and has it load the config.py in dir. No hook is called
// before the backend is used. db is handed to get_connection as it is. Close the
// backend when done.
//
// An error that has a method ExitCode() int says that sys.exit was called, and
// one that has a method Traceback() string what Python would have printed.
func Open(ctx context.Context, dir, db string, o Options) (*Backend, error) {
	config, err := filepath.Abs(filepath.Join(dir, FileName))
	if err != nil {
		return nil, err
	}
	host, err := pyhost.Start(ctx, pyhost.Options{
		Config: config, Database: db, Python: o.Python, Getenv: o.Getenv, Stdin: o.Stdin, Stdout: o.Stdout, Stderr: o.Stderr,
	})
	if err != nil {
		return nil, explain(err, config)
	}
	b := &Backend{host: host, config: config, context: ctx}
	b.locks = locks{backend: b, name: lockName(filepath.Dir(config), db), keep: o.Exclusive}
	b.Backend = backend.Hooks{
		Kind:       FileName,
		Connect:    b.hook("get_connection"),
		EnsureMeta: b.hook("ensure_meta_table"),
		Version:    b.version,
		SetVersion: b.setVersion,
		ExecSQL: func(ctx context.Context, sql string) error {
			_, err := b.call(ctx, pyhost.Call{Hook: "execute_sql", SQL: sql})
			return err
		},
		Close:    b.closeConnection,
		Lock:     b.locks.take,
		Argument: db,
	}.Backend()
	return b, nil
}

// Interpreter returns the path of the Python that runs the hooks, and why it is
// that one.
func (b *Backend) Interpreter() (path, why string) { return b.host.Python, b.host.Why }

// Inspect sees to it that the script is a text.
func (b *Backend) Inspect(ctx context.Context, script *migration.SQL) (migration.Traits, error) {
	return b.Backend.(backend.Inspector).Inspect(ctx, script)
}

// Close has the hooks give back the lock and close the connection, and ends
// Python.
func (b *Backend) Close() error {
	if b.closed {
		return nil
	}
	b.closed = true
	return errors.Join(b.locks.giveBack(), b.Backend.Close(), b.host.Close())
}

// hook returns a function that calls a hook which returns nothing.
func (b *Backend) hook(name string) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := b.call(ctx, pyhost.Call{Hook: name})
		return err
	}
}

// version calls get_version, unless nobody can have moved the version since it
// was read.
func (b *Backend) version(ctx context.Context) (migration.Version, error) {
	if v, known := b.locks.known(); known {
		return v, nil
	}
	value, err := b.call(ctx, pyhost.Call{Hook: "get_version"})
	if err == nil {
		b.locks.remember(migration.Version(value.Version))
	}
	return migration.Version(value.Version), err
}

func (b *Backend) setVersion(ctx context.Context, v migration.Version) error {
	_, err := b.call(ctx, pyhost.Call{Hook: "set_version", Version: int64(v)})
	if err == nil {
		b.locks.remember(v)
	}
	return err
}

// closeConnection calls close_connection if there is one.
func (b *Backend) closeConnection() error {
	if !b.host.Closes {
		return nil
	}
	return b.last("close_connection")
}

// last calls a hook that ends something. It is called, too, where the run was
// told to stop, but does not take for ever then. There is nothing to be done
// where Python has ended, and that has been told.
func (b *Backend) last(name string) error {
	if b.host.Ended() {
		return nil
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.context))
	defer cancel()
	unwatch := context.AfterFunc(b.context, func() { time.AfterFunc(closeGrace, cancel) })
	defer unwatch()
	_, err := b.call(ctx, pyhost.Call{Hook: name})
	return err
}

// call calls a hook.
func (b *Backend) call(ctx context.Context, c pyhost.Call) (pyhost.Value, error) {
	value, err := b.host.Call(ctx, c)
	return value, explain(err, b.config)
}
