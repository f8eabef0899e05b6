package cli

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate/migration"
)

// number is a flag that is a version, or a count, and may not be given.
type number struct{ value *int64 }

func (n *number) String() string {
	if n.value == nil {
		return ""
	}
	return strconv.FormatInt(*n.value, 10)
}

// Set takes "3" and "0003" alike.
func (n *number) Set(text string) error {
	v, err := parseNumber(text)
	n.value = &v
	return err
}

// Type is what help calls the value.
func (*number) Type() string { return "N" }

// version returns the number as a version, or nil where it was not given.
func (n *number) version() *migration.Version { return (*migration.Version)(n.value) }

func parseNumber(text string) (int64, error) {
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || v < 0 {
		return 0, fmt.Errorf("%q is not a number of 0 or more", text)
	}
	return v, nil
}

// runFlags are the flags that up, down and to share.
type runFlags struct {
	to                     place // up and down only
	retry                  place
	backup, strict, dryRun bool
	atomic, repair         bool
	restoreOnFailure       bool
	resumeFrom             int
	lockTimeout            time.Duration
	python                 string
	create, createDatabase bool   // up and to only
	markApplied            number // up only
}

// register adds the flags to a verb.
func (f *runFlags) register(c *cobra.Command) {
	flags := c.Flags()
	flags.BoolVar(&f.backup, "backup", false, "back the database up first, if anything is to be done")
	flags.BoolVar(&f.restoreOnFailure, "restore-on-failure", false, "back up first, and restore that if the run fails after it changed something")
	flags.BoolVar(&f.strict, "strict", false, "fail where there would be a warning")
	flags.BoolVar(&f.dryRun, "dry-run", false, "tell what would be done, and write nothing")
	flags.Var(&f.retry, "retry", "run again what leads to a version or a revision, and was begun and never ended")
	flags.BoolVar(&f.atomic, "atomic", false, "apply all or nothing: in one transaction or, where that can't be, on a copy that then becomes the database")
	flags.BoolVar(&f.repair, "repair", false, "first remove what a failed attempt left behind, such as an invalid index")
	flags.IntVar(&f.resumeFrom, "resume-from", 0, "go on with commit `K` of the script that was begun and not finished, whatever the history says")
	lockTimeoutFlag(c, &f.lockTimeout)
	flags.StringVar(&f.python, "python", "", "the `INTERPRETER` of .py migrations (default: $FASTMIGRATE_PYTHON, $VIRTUAL_ENV, ./.venv, python3, python)")
}

// registerCreate adds the flags that make what is missing.
func (f *runFlags) registerCreate(c *cobra.Command) {
	c.Flags().BoolVar(&f.create, "create", false, "make the database first where there is none")
	c.Flags().BoolVar(&f.createDatabase, "create-database", false, "make the database itself first, on a server that does not have it")
}

func lockTimeoutFlag(c *cobra.Command, d *time.Duration) {
	c.Flags().DurationVar(d, "lock-timeout", 30*time.Second, "wait at most this `TIME` for another run on the database, like 90s or 5m; 0 not at all")
}

// lockTimeout returns the flag's value as the engine wants it: there 0 means
// the default, and a negative value not to wait.
func lockTimeout(flag time.Duration) time.Duration {
	if flag == 0 {
		return -1
	}
	return flag
}
