package backendtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/fastmigrate/fastmigrate/migration"
)

// stream hands the script's statements to do, one by one, with their lines, and
// returns the checksum and the size of the text that it read meanwhile. It
// holds no more of it than a line.
func stream(script *migration.SQL, do func(statement string, line int) error) (migration.Checksum, int64, error) {
	text, err := script.Open()
	if err != nil {
		return "", 0, err
	}
	defer text.Close()
	var digest migration.Digest
	if err := statements(io.TeeReader(text, &digest), do); err != nil {
		return "", 0, err
	}
	sum, size := digest.Sum()
	return sum, size, nil
}

// statements hands the statements of a text to do, one by one, with their lines.
func statements(text io.Reader, do func(statement string, line int) error) error {
	r := bufio.NewReader(text)
	for n := 1; ; n++ {
		line, err := r.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		line = strings.TrimSpace(strings.TrimPrefix(line, "\uFEFF"))
		if statement := strings.TrimSuffix(line, ";"); statement != "" && !strings.HasPrefix(statement, "--") {
			if err := do(statement, n); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
	}
}

// Inspect reads the script once: how many statements it has, and its checksum.
func (b *MemoryBackend) Inspect(ctx context.Context, script *migration.SQL) (t migration.Traits, err error) {
	t.Wrapped, t.Segments = true, 1
	t.Checksum, t.Bytes, err = stream(script, func(string, int) error {
		t.Statements++
		return ctx.Err()
	})
	t.RecordedPrefix = t.Checksum
	return t, err
}

// apply executes a step's script inside a transaction and returns how many
// statements it has.
func (c *content) apply(ctx context.Context, step migration.Step) (statements int, err error) {
	script, ok := step.Body().(*migration.SQL)
	if !ok {
		return 0, fmt.Errorf("%w: a body of kind %s", migration.ErrUnsupported, step.Body().Kind())
	}
	sum, _, err := stream(script, func(statement string, line int) error {
		err := ctx.Err()
		if err == nil {
			err = c.execute(ctx, statement)
		}
		if err != nil {
			return &migration.Error{
				Op: "apply", Origin: migration.Origin{File: script.Name, Line: line},
				Statement: migration.FirstLine(statement), Err: err,
				Hint: "mend the script and run again; nothing of it was kept",
			}
		}
		statements++
		return nil
	})
	if err == nil && sum != step.Traits.Checksum {
		err = &migration.Error{
			Op: "apply", Origin: migration.Origin{File: script.Name},
			Err:  fmt.Errorf("%w: it is not the text that was planned", migration.ErrChanged),
			Hint: "run again, with the file left alone",
		}
	}
	return statements, err
}

// place says which file an error is about, unless it says so itself.
func place(file string, err error) error {
	var placed *migration.Error
	if err == nil || errors.As(err, &placed) && placed.Origin.File != "" {
		return err
	}
	return &migration.Error{Op: "apply", Origin: migration.Origin{File: file}, Hint: migration.HintOf(err), Err: err}
}
