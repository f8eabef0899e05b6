package pyconfig

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/pyhost"
	"github.com/fastmigrate/fastmigrate/migration"
)

// explain adds to what a hook raised where in config.py that was and what to do
// about it. Of a script's failure it is the script's place that is of interest.
func explain(err error, config string) error {
	var raised *pyhost.HookError
	if !errors.As(err, &raised) {
		return err
	}
	e := &migration.Error{Op: raised.Hook, Err: err}
	if raised.Line > 0 && raised.Hook != "execute_sql" && raised.Hook != "set_version" {
		e.Origin = migration.Origin{File: FileName, Line: raised.Line}
	}
	if raised.Module != "" {
		e.Hint, e.Err = missing(err, raised, config)
	}
	return e
}

// missing says that a module could not be found, and how it can be.
func missing(err error, raised *pyhost.HookError, config string) (hint string, told error) {
	name, _, _ := strings.Cut(raised.Module, ".")
	told = fmt.Errorf("%s needs the Python package %s, which %s (%s) does not have: %w", FileName, name, raised.Python, raised.Why, err)
	folder := filepath.Dir(config)
	for _, beside := range []string{name, name + ".py"} {
		if _, err := os.Stat(filepath.Join(folder, beside)); err == nil {
			return FileName + " must name its own folder to import from it: import os, sys; sys.path.insert(0, os.path.dirname(__file__))", told
		}
	}
	return fmt.Sprintf("%s -m pip install %s may install it; or name the Python that has it in FASTMIGRATE_PYTHON", raised.Python, name), told
}
