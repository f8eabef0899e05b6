package backend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/fastmigrate/fastmigrate/internal/fault"
	"github.com/fastmigrate/fastmigrate/migration"
)

const byteOrderMark = "\uFEFF"

// Inspect sees to it that the script is a text. What its statements do, the
// hooks alone know.
func (b *hooked) Inspect(_ context.Context, script *migration.SQL) (migration.Traits, error) {
	var t migration.Traits
	var err error
	t.Checksum, t.Bytes, err = migration.Sum(checked(script))
	var refused *migration.Error
	if errors.As(err, &refused) {
		return t, refused
	}
	return t, err
}

// readScript returns the script's text in its normal form: without a byte order
// mark, and with LF at the ends of lines. It fails where that is not the text
// that was inspected.
func readScript(script *migration.SQL, inspected migration.Traits) (string, error) {
	r, err := checked(script).Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	var b strings.Builder
	b.Grow(int(inspected.Bytes) + len(byteOrderMark))
	if _, err := io.Copy(&b, r); err != nil {
		return "", err
	}
	text := strings.TrimPrefix(b.String(), byteOrderMark)
	if strings.Contains(text, "\r") {
		text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	}
	if inspected.Checksum == "" {
		return text, nil
	}
	sum, _, err := migration.Sum(&migration.SQL{Name: script.Name, Reader: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}})
	if err == nil && sum != inspected.Checksum {
		err = &migration.Error{
			Op: "apply", Err: fmt.Errorf("%w: it is not the text that was planned", migration.ErrChanged),
			Hint: "run again, with the file left alone",
		}
	}
	return text, err
}

// checked returns a script whose reading fails where it is not a text.
func checked(script *migration.SQL) *migration.SQL {
	return &migration.SQL{Name: script.Name, Reader: func() (io.ReadCloser, error) {
		r, err := script.Open()
		return &textReader{ReadCloser: r, file: script.Name, line: 1}, err
	}}
}

// textReader fails at a byte that cannot be part of a text.
type textReader struct {
	io.ReadCloser
	file string
	line int
	part []byte // of a character whose other bytes are not read yet
}

func (t *textReader) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if bad := t.check(p[:n], errors.Is(err, io.EOF)); bad != nil {
		return 0, bad
	}
	return n, err
}

// check looks at what was read.
func (t *textReader) check(read []byte, last bool) error {
	text := append(t.part, read...)
	end := len(text)
	for i := end - 1; i >= max(0, end-utf8.UTFMax) && !last; i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRune(text[i:]) {
				end = i
			}
			break
		}
	}
	switch nul := bytes.IndexByte(text[:end], 0); {
	case nul >= 0:
		return t.refuse(text[:nul], "contains a NUL byte")
	case !utf8.Valid(text[:end]):
		return t.refuse(text[:validPrefix(text)], "is not valid UTF-8")
	}
	t.line += bytes.Count(text[:end], []byte{'\n'})
	t.part = bytes.Clone(text[end:])
	return nil
}

// refuse says what is behind the text before.
func (t *textReader) refuse(before []byte, what string) error {
	return fault.Refuse(t.file, t.line+bytes.Count(before, []byte{'\n'}), 0, nil, errors.New(what))
}

// validPrefix returns the size of what comes before the first invalid byte.
func validPrefix(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return len(text)
}
