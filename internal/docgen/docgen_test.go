package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate/cli"
)

// TestReferenceIsUpToDate shows that docs/cli and docs/man say what the commands
// say, of all of them and of no others.
func TestReferenceIsUpToDate(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	want := files(cli.Command(cli.Config{}))
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(docs, name))
		if err != nil || strings.ReplaceAll(string(got), "\r\n", "\n") != text {
			t.Errorf("docs/%s is out of date (%v): run make docs", name, err)
		}
	}
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(docs, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			name, err := filepath.Rel(docs, path)
			if _, ok := want[filepath.ToSlash(name)]; err != nil || !ok {
				t.Errorf("%s is of no command: run make docs", path)
			}
		}
	}
}

// TestPages shows that hidden things are left out, and that neither markdown nor
// roff reads a text as more than it is.
func TestPages(t *testing.T) {
	root := &cobra.Command{Use: "tool", Short: "Do"}
	run := func(*cobra.Command, []string) {}
	verb := &cobra.Command{Use: "verb FILE", Short: "Do a|b", Long: "First.\n\n.dot and \\back-slash\n'quoted", Run: run}
	verb.Flags().StringP("out", "o", "x.db", "where `FILE` goes")
	verb.Flags().Bool("secret", false, "")
	_ = verb.Flags().MarkHidden("secret")
	root.AddCommand(verb, &cobra.Command{Use: "hidden", Hidden: true, Run: run})
	all := files(root)
	if len(all) != 4 {
		t.Errorf("%d files, want those of tool and of verb", len(all))
	}
	for name, parts := range map[string][]string{
		"cli/tool.md":      {"# tool\n", "| [verb](tool-verb.md) | Do a\\|b |"},
		"cli/tool-verb.md": {"    tool verb FILE [flags]\n", "| `-o, --out FILE` | where FILE goes (default x.db) |"},
		"man/tool.1":       {".TH TOOL 1", "\\fBtool\\-verb\\fR(1)"},
		"man/tool-verb.1":  {"tool\\-verb \\- Do a|b", "\\&.dot and \\eback\\-slash\n\\&'quoted", "\\fB\\-o\\fR, \\fB\\-\\-out\\fR \\fIFILE\\fR\n"},
	} {
		for _, part := range parts {
			if !strings.Contains(all[name], part) {
				t.Errorf("%s has no %q:\n%s", name, part, all[name])
			}
		}
		if strings.Contains(all[name], "secret") {
			t.Errorf("%s tells of a hidden flag", name)
		}
	}
}
