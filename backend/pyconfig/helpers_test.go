package pyconfig_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/pyconfig"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// python has the packages that the adapters need.
const python = "/usr/bin/python3"

func TestMain(m *testing.M) { testdb.Main(m) }

// files is a folder of migrations: names and texts.
type files map[string]string

// folder writes a folder of migrations and returns its path.
func folder(t testing.TB, f files) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "the migrations' folder")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, dir, f)
	return dir
}

func write(t testing.TB, dir string, f files) {
	t.Helper()
	for name, text := range f {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// config returns one of the adapters.
func config(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name, "config.py"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// up opens the backend as a program does that is started for one run, applies
// what is pending, and closes it.
func up(ctx context.Context, t testing.TB, dir, db string, o pyconfig.Options) (*fastmigrate.Report, error) {
	t.Helper()
	o.Exclusive = true
	if o.Python == "" {
		o.Python = python
	}
	b, err := pyconfig.Open(ctx, dir, db, o)
	if err != nil {
		return &fastmigrate.Report{}, err
	}
	m, err := fastmigrate.New(b, source.Dir(dir), fastmigrate.Options{Python: python})
	if err != nil {
		t.Fatal(err)
	}
	report, err := m.Up(ctx)
	return report, errors.Join(err, b.Close())
}

// mustUp fails the test if up fails.
func mustUp(t testing.TB, dir, db string) *fastmigrate.Report {
	t.Helper()
	report, err := up(t.Context(), t, dir, db, pyconfig.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// lines returns the lines of a file; none where it is not there.
func lines(t testing.TB, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// wantError checks what an error is and says.
func wantError(t testing.TB, err, is error, says ...string) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	if is != nil && !errors.Is(err, is) {
		t.Errorf("error %q does not match %q", err, is)
	}
	text := err.Error()
	if hint := migration.HintOf(err); hint != "" {
		text += "\nhint: " + hint
	}
	for _, part := range says {
		if !strings.Contains(text, part) {
			t.Errorf("error %q does not say %q", text, part)
		}
	}
	if strings.Contains(err.Error(), "Traceback") {
		t.Errorf("error %q holds a traceback", err)
	}
}

// contains says whether text holds all of the parts.
func contains(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}
