package contender

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Text is the text of one migration. It is written, not held: it may be larger
// than memory.
type Text struct {
	Name  string // as in "step"
	Write func(io.Writer) error
}

// SQL returns a short text.
func SQL(name, sql string) Text {
	return Text{name, func(w io.Writer) error {
		_, err := io.WriteString(w, sql)
		return err
	}}
}

// Layout is how a contender wants its migrations: numbered files in a folder,
// or one script.
type Layout struct {
	Key    string // equal for those that want the same
	Name   string // of a file, for Printf with the number and the name; empty for one script
	Before string // stands before each text, or before all of one script
	After  string // stands behind them
}

// The layouts.
var (
	numbered = Layout{Key: "numbered", Name: "%04d-%s.sql"}
	gooses   = Layout{Key: "goose", Name: "%05d_%s.sql", Before: "-- +goose Up\n"}
	migrates = Layout{Key: "golang-migrate", Name: "%06d_%s.up.sql"}
	terns    = Layout{Key: "tern", Name: "%03d_%s.sql"}
	dbmates  = Layout{Key: "dbmate", Name: "%05d_%s.sql", Before: "-- migrate:up\n"}
	atlases  = Layout{Key: "atlas", Name: "%05d_%s.sql"}
	sqlites  = Layout{Key: "sqlite3", Before: "BEGIN;\n", After: "COMMIT;\n"}
	mariadbs = Layout{Key: "mariadb", Before: "START TRANSACTION;\n", After: "COMMIT;\n"}
	psqls    = Layout{Key: "psql"} // psql -1 brings the transaction
)

// Write writes texts below a folder, and returns the folder of the files or the
// path of the one script.
func (l Layout) Write(dir string, texts []Text) (string, error) {
	at := filepath.Join(dir, l.Key)
	if l.Name == "" {
		at += ".sql"
		return at, writeFile(at, l, texts...)
	}
	if err := os.MkdirAll(at, 0o755); err != nil {
		return "", err
	}
	for i, t := range texts {
		if err := writeFile(filepath.Join(at, fmt.Sprintf(l.Name, i+1, t.Name)), l, t); err != nil {
			return "", err
		}
	}
	return at, nil
}

func writeFile(path string, l Layout, texts ...Text) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	if _, err := w.WriteString(l.Before); err != nil {
		return err
	}
	for _, t := range texts {
		if err := t.Write(w); err != nil {
			return err
		}
	}
	if _, err := w.WriteString(l.After); err != nil {
		return err
	}
	return w.Flush()
}
