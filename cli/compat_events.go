package cli

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
)

// event tells what happens during a run, in the lines that the Python tool has
// for it.
func (r *compatRunner) event(e fastmigrate.Event) {
	switch e := e.(type) {
	case fastmigrate.Planned:
		current, _ := e.Plan.Start.Version()
		r.tellPlanned(current)
	case fastmigrate.Started:
		// Steps that share a transaction start together. Told so, they would
		// seem to be applied in another order than they are.
		if !e.Shared {
			r.tellBegun(e.Step.To, e.Step.File())
		}
	case fastmigrate.Printed:
		if r.verbose() {
			_, _ = r.Err.Write(e.Chunk)
		}
	case fastmigrate.Applied:
		r.tellBegun(e.Step.To, e.Step.File())
		r.debugf("updated_version=%s", e.Step.To)
	case fastmigrate.Failed:
		r.tellBegun(e.Step.To, e.Step.File())
	case fastmigrate.Found:
		r.found(e.Finding)
	}
}

// found tells what a person should know. To the Python tool's users that is
// news only where a statement failed.
func (r *compatRunner) found(f fastmigrate.Finding) {
	switch {
	case f.Code == migration.CodeTrailing:
		r.trailing = true
		fmt.Fprintf(r.Err, "Error: %s\n", f)
	case r.verbose():
		fmt.Fprintf(r.Err, "WARNING: %s\n", f)
	default:
		return
	}
	if f.Hint != "" {
		fmt.Fprintf(r.Err, "hint: %s\n", f.Hint)
	}
}

// tellPlanned tells, once, where the database stands and what is pending.
func (r *compatRunner) tellPlanned(current migration.Version) {
	if r.planned {
		return
	}
	r.planned = true
	var all, pending []string
	for _, m := range r.migrations {
		v := strconv.FormatInt(int64(m.Version), 10)
		all = append(all, v)
		if m.Version > current {
			pending = append(pending, v)
		}
	}
	r.debugf("current_version=%d", current)
	r.debugf("migration_versions=[%s]", strings.Join(all, ", "))
	r.debugf("pending_versions=[%s]", strings.Join(pending, ", "))
}

// tellBegun tells, once, that the step to a version begins.
func (r *compatRunner) tellBegun(to migration.State, file string) {
	if r.begun == to {
		return
	}
	r.begun = to
	r.debugf("apply version=%s script=%s", to, file)
}

// debugf prints one line about what is done, if it is to be told.
func (r *compatRunner) debugf(format string, args ...any) {
	if r.verbose() {
		fmt.Fprintf(r.Err, "DEBUG: "+format+"\n", args...)
	}
}

func (r *compatRunner) verbose() bool { return r.values.Bool("verbose") }

// compatGetenv looks up the only environment variable that the executables
// heed.
func compatGetenv(name string) string {
	if name != "FASTMIGRATE_PYTHON" {
		return ""
	}
	return os.Getenv(name)
}
