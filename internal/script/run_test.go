//go:build unix

package script

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestRunReportsHowTheChildEnded(t *testing.T) {
	tests := []struct {
		name   string
		text   string
		code   int
		signal string
		err    string
	}{
		{name: "success", text: "exit 0"},
		{name: "failure", text: "exit 1", code: 1, err: "sh exited with status 1"},
		{name: "high status", text: "exit 255", code: 255, err: "sh exited with status 255"},
		{name: "SIGTERM", text: "kill -TERM $$", code: 143, signal: "SIGTERM", err: "sh was ended by SIGTERM"},
		{name: "SIGKILL", text: "kill -KILL $$", code: 137, signal: "SIGKILL", err: "sh was ended by SIGKILL"},
		// Without a terminal nobody typed it: a failure like any other.
		{name: "SIGINT", text: "kill -INT $$", code: 130, signal: "SIGINT", err: "sh was ended by SIGINT"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Run(t.Context(), sh(tt.text))
			if tt.err == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var exit *ExitError
			if !errors.As(err, &exit) {
				t.Fatalf("error %v is no *ExitError", err)
			}
			if exit.Code != tt.code || exit.Signal != tt.signal || exit.Err != nil {
				t.Errorf("got code %d, signal %q, why %v; want %d, %q, nil", exit.Code, exit.Signal, exit.Err, tt.code, tt.signal)
			}
			if err.Error() != tt.err {
				t.Errorf("error %q, want %q", err, tt.err)
			}
		})
	}
}

func TestRunTellsWhyAProgramCannotStart(t *testing.T) {
	_, err := Run(t.Context(), Command{Program: "no-such-program"})
	if !errors.Is(err, exec.ErrNotFound) || !strings.HasPrefix(err.Error(), "start no-such-program: ") {
		t.Errorf("unknown program: %v", err)
	}
	_, err = Run(t.Context(), Command{Program: write(t, "plain", "")})
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("file without exec bit: %v", err)
	}
}

func TestRunStartsNothingWhenAlreadyCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("told to")
	cancel(why)
	witness := filepath.Join(t.TempDir(), "witness")
	_, err := Run(ctx, sh(`: >"$1"`, witness))
	if err == nil || !strings.HasPrefix(err.Error(), "start sh: ") {
		t.Errorf("error %v", err)
	}
	if !errors.Is(err, context.Canceled) || !errors.Is(err, why) {
		t.Errorf("error %v matches not both the context's error and its cause", err)
	}
	if _, err := os.Stat(witness); err == nil {
		t.Error("the program ran")
	}
}

func TestScriptsNeedNoExecBit(t *testing.T) {
	for program, text := range map[string]string{
		python(t): "import sys; print(sys.argv[1:])",
		"sh":      `printf "['%s']\n" "$1"`,
	} {
		res, err := Run(t.Context(), Command{Program: program, Args: []string{write(t, "0001-a", text), "app.db"}})
		if err != nil || res.Stdout != "['app.db']\n" {
			t.Errorf("%s: printed %q, error %v", program, res.Stdout, err)
		}
	}
}

func TestArgumentsAreVerbatim(t *testing.T) {
	args := []string{"a b", `"quoted" 'too'`, "$HOME `id` $(id)", "two\nlines", `back\slash`, "*", "", "-x", "\xff\xfe"}
	want := strings.Join(args, "\x00") + "\x00"
	for program, text := range map[string]string{
		python(t): "import os, sys\nfor a in sys.argv[1:]: os.write(1, os.fsencode(a) + b'\\0')",
		"sh":      `printf '%s\0' "$@"`,
	} {
		res, err := Run(t.Context(), Command{Program: program, Args: append([]string{write(t, "0001-a", text)}, args...)})
		if err != nil || res.Stdout != want {
			t.Errorf("%s: got %q, error %v; want %q", program, res.Stdout, err, want)
		}
	}
}

func TestEnvironmentAndFolderAreInherited(t *testing.T) {
	t.Setenv("SCRIPT_TEST_VALUE", "from outside")
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(folder)
	res, err := Run(t.Context(), sh(`echo "$SCRIPT_TEST_VALUE"; pwd -P`))
	if want := "from outside\n" + folder + "\n"; err != nil || res.Stdout != want {
		t.Errorf("got %q, error %v; want %q", res.Stdout, err, want)
	}
}

func TestStdin(t *testing.T) {
	t.Run("inherited", func(t *testing.T) {
		cmd := exec.Command(os.Args[0], "sh", "-c", `read line; echo "child read $line"`)
		cmd.Env = append(os.Environ(), asParent+"=1")
		cmd.Stdin = strings.NewReader("one\ntwo\n")
		out, err := cmd.CombinedOutput()
		if want := "child read one\nparent: ok\n"; err != nil || string(out) != want {
			t.Errorf("got %q, error %v; want %q", out, err, want)
		}
	})
	t.Run("given", func(t *testing.T) {
		f, err := os.Open(write(t, "input", "from a file"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cmd := sh("cat")
		cmd.Stdin = f
		res, err := Run(t.Context(), cmd)
		if err != nil || res.Stdout != "from a file" {
			t.Errorf("got %q, error %v", res.Stdout, err)
		}
	})
}
