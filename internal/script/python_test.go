package script

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFindPython takes away one interpreter after the other, from the most
// wanted to the least.
func TestFindPython(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	bin := filepath.Join(folder, "path")
	t.Setenv("PATH", bin)
	exe := ""
	if filepath.Separator == '\\' {
		exe = ".exe"
	}
	explicit := executable(t, filepath.Join(folder, "explicit"+exe))
	chosen := executable(t, filepath.Join(bin, "python3.99"+exe))
	active := executable(t, venvPython(filepath.Join(folder, "venv")))
	executable(t, venvPython(".venv"))
	python3 := executable(t, filepath.Join(bin, "python3"+exe))
	python := executable(t, filepath.Join(bin, "python"+exe))
	env := map[string]string{
		PythonVariable: "python3.99", // a name, looked up on the PATH
		"VIRTUAL_ENV":  filepath.Join(folder, "venv"),
	}
	getenv := func(name string) string { return env[name] }
	check := func(named, wantPath, wantHow string) {
		t.Helper()
		path, how, err := FindPython(named, getenv)
		if err != nil || path != wantPath || how != wantHow {
			t.Errorf("got %q, %q, error %v; want %q, %q", path, how, err, wantPath, wantHow)
		}
	}

	check(explicit, explicit, "as asked for")
	check("", chosen, "$FASTMIGRATE_PYTHON")

	delete(env, PythonVariable)
	check("", active, "$VIRTUAL_ENV")

	remove(t, active)
	gone := " (no Python in $VIRTUAL_ENV " + env["VIRTUAL_ENV"] + ")"
	check("", venvPython(".venv"), "./.venv"+gone)
	delete(env, "VIRTUAL_ENV")
	check("", venvPython(".venv"), "./.venv")

	remove(t, venvPython(".venv"))
	check("", python3, "python3 on the PATH")
	env["VIRTUAL_ENV"] = filepath.Join(folder, "venv")
	check("", python3, "python3 on the PATH"+gone)

	remove(t, python3)
	delete(env, "VIRTUAL_ENV")
	check("", python, "python on the PATH")

	remove(t, python)
	path, how, err := FindPython("", getenv)
	if !errors.Is(err, ErrNoPython) || path != "" || how != "" {
		t.Errorf("without any: got %q, %q, error %v", path, how, err)
	}
	if !strings.Contains(err.Error(), "python3") || !strings.Contains(err.Error(), "set "+PythonVariable) {
		t.Errorf("error does not tell what was looked for, or what to do: %v", err)
	}
}

func TestANamedPythonMustExist(t *testing.T) {
	executable(t, venvPython(filepath.Join(t.TempDir(), "venv")))
	env := map[string]string{}
	getenv := func(name string) string { return env[name] }
	_, _, err := FindPython("/no/such/python", getenv)
	if !errors.Is(err, ErrNoPython) || !strings.Contains(err.Error(), "/no/such/python (as asked for)") {
		t.Errorf("explicit: %v", err)
	}
	env[PythonVariable] = "/no/such/python"
	_, _, err = FindPython("", getenv)
	if !errors.Is(err, ErrNoPython) || !strings.Contains(err.Error(), "/no/such/python ($FASTMIGRATE_PYTHON)") {
		t.Errorf("variable: %v", err)
	}
}

func executable(t *testing.T, path string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}
