package script

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// PythonVariable is the environment variable that names the interpreter of .py
// bodies: a path, or a name to look up on the PATH.
const PythonVariable = "FASTMIGRATE_PYTHON"

// ErrNoPython is matched by the error of FindPython.
var ErrNoPython = errors.New("no Python to run .py migrations with")

// FindPython returns the interpreter that runs .py bodies, and how it was
// chosen. It is the first of: explicit, $FASTMIGRATE_PYTHON, the virtual
// environment $VIRTUAL_ENV, the one in ./.venv, python3, python.
//
// One named by explicit or by $FASTMIGRATE_PYTHON must exist: falling back to
// another would run migrations with the wrong packages. A $VIRTUAL_ENV that is
// gone is passed over, as a shell does, and how says so. Names are looked up on
// the process's own PATH; links are not resolved, since a virtual environment is
// told by the path of its interpreter.
func FindPython(explicit string, getenv func(string) string) (path, how string, err error) {
	if explicit != "" {
		return named(explicit, "as asked for")
	}
	if name := getenv(PythonVariable); name != "" {
		return named(name, "$"+PythonVariable)
	}

	looked := []string{"$" + PythonVariable + " (not set)"}
	active := getenv("VIRTUAL_ENV")
	if active == "" {
		looked = append(looked, "$VIRTUAL_ENV (not set)")
	} else {
		if path, err := exec.LookPath(venvPython(active)); err == nil {
			return path, "$VIRTUAL_ENV", nil
		}
		looked = append(looked, "$VIRTUAL_ENV ("+venvPython(active)+")")
	}

	if path, err := exec.LookPath(venvPython(".venv")); err == nil {
		return path, passedOver("./.venv", active), nil
	}
	looked = append(looked, venvPython(".venv"))

	path, how, err = onPath(looked)
	return path, passedOver(how, active), err
}

// named returns the interpreter that the user named, by where it was named.
func named(name, where string) (path, how string, err error) {
	path, err = exec.LookPath(name)
	if err != nil {
		return "", "", fmt.Errorf("%w: %s (%s) can't be run: %w; correct it, or leave it out to have one looked for",
			ErrNoPython, name, where, err)
	}
	return path, where, nil
}

// onPath returns the interpreter on the PATH; looked is what was tried before.
func onPath(looked []string) (path, how string, err error) {
	for _, name := range []string{"python3", "python"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, name + " on the PATH", nil
		}
	}
	looked = append(looked, "python3 and python on the PATH")
	return "", "", fmt.Errorf("%w: looked for %s; install Python 3, or set %s to its path",
		ErrNoPython, strings.Join(looked, ", "), PythonVariable)
}

// passedOver adds to how that the active virtual environment was of no use.
func passedOver(how, active string) string {
	if how == "" || active == "" {
		return how
	}
	return fmt.Sprintf("%s (no Python in $VIRTUAL_ENV %s)", how, active)
}

// venvPython returns where a virtual environment keeps its interpreter.
func venvPython(folder string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(folder, "Scripts", "python.exe")
	}
	return filepath.Join(folder, "bin", "python")
}
