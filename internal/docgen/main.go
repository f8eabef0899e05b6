// Docgen writes the reference of the command line from the commands themselves:
// docs/cli/*.md to be read here, and docs/man/*.1 to be installed. Run it in the
// module's root folder, as "make docs" does, after a verb or a flag has changed;
// a test fails where that was forgotten.
//
// It is of our own, and not cobra's package doc, which writes flags with a value
// as --to= and --create as [=false], and brings three modules along.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/fastmigrate/fastmigrate/cli"
)

func main() {
	if err := write("docs"); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

// write writes all files below a folder, and removes those of verbs that are gone.
func write(docs string) error {
	files := files(cli.Command(cli.Config{}))
	for _, pattern := range patterns {
		old, err := filepath.Glob(filepath.Join(docs, pattern))
		if err != nil {
			return err
		}
		for _, path := range old {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	for name, text := range files {
		path := filepath.Join(docs, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}
