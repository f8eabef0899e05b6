package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/script"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// program runs an outside program: what is needed to start it is found first,
// then its beginning is recorded, and however it ended is recorded after.
func (r *runner) program(ctx context.Context, s plan.Step, p *migration.Program, w backend.Work) (backend.Result, error) {
	interpreter, err := r.interpreter(p.Language)
	if err != nil {
		return backend.Result{}, err
	}
	path, cleanup, err := onDisk(p)
	if err != nil {
		return backend.Result{}, err
	}
	defer cleanup()
	launch, err := r.session.Begin(ctx, w)
	if err != nil {
		return backend.Result{}, err
	}
	_, failure := script.Run(ctx, script.Command{
		Program: interpreter,
		Args:    []string{path, launch.Argument},
		Env:     launch.Env,
		Inherit: launch.Inherit,
		Output:  func(stream script.Stream, chunk []byte) { r.tell(Printed{s, stream, chunk}) },
	})
	failure = explain(p, failure)
	// Recorded even when the run is cancelled: that the program ended is known.
	result, err := r.session.End(context.WithoutCancel(ctx), w, failure)
	if failure != nil && err != nil {
		return result, fmt.Errorf("%w (and that could not be recorded: %v)", failure, err)
	}
	return result, errors.Join(failure, err)
}

// interpreter returns the program that runs bodies of a language.
func (r *runner) interpreter(language migration.Kind) (string, error) {
	path, why := "sh", "the system's shell"
	if language == migration.KindPython {
		getenv := r.options.Getenv
		if getenv == nil {
			getenv = os.Getenv
		}
		var err error
		if path, why, err = script.FindPython(r.options.Python, getenv); err != nil {
			return "", err
		}
	}
	r.tell(Interpreter{Language: language, Path: path, Why: why})
	return path, nil
}

// onDisk returns where the program lies, after writing it to a private file if
// it lies nowhere.
func onDisk(p *migration.Program) (path string, cleanup func(), err error) {
	if p.Path != "" {
		return p.Path, func() {}, nil
	}
	text, err := p.Open()
	if err != nil {
		return "", nil, fmt.Errorf("open %s: %w", p.Name, err)
	}
	defer text.Close()
	path, remove, err := script.Extract(p.Name, text)
	if err != nil {
		return "", nil, err
	}
	return path, func() { _ = remove() }, nil
}

// explain makes a program's failure one that says which program, and carries
// what it printed.
func explain(p *migration.Program, failure error) error {
	if failure == nil {
		return nil
	}
	e := &migration.Error{Op: "run", Origin: migration.Origin{File: p.Name}, Err: failure,
		Hint: "mend it and run again; it is started from its beginning"}
	var exit *script.ExitError
	if errors.As(failure, &exit) {
		e.Output = exit.Stdout
		if e.Output != "" && !strings.HasSuffix(e.Output, "\n") && exit.Stderr != "" {
			e.Output += "\n"
		}
		e.Output += exit.Stderr
	}
	if errors.Is(failure, script.ErrInterrupted) {
		e.Err = interrupted{failure}
	}
	return e
}

// interrupted makes an error match [migration.ErrInterrupted], for those who
// must not know package script.
type interrupted struct{ error }

func (i interrupted) Is(target error) bool { return target == migration.ErrInterrupted }
func (i interrupted) Unwrap() error        { return i.error }
