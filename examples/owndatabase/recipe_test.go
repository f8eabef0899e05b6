package owndatabase_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The code in docs/BACKENDS.md is the code that is tested here, to the letter.
func TestRecipe(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(text)
	}
	recipe, err := os.ReadFile(filepath.Join("..", "..", "docs", "BACKENDS.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(recipe), "```go\n")[1:]
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		if !strings.Contains(code.String(), block) {
			t.Errorf("docs/BACKENDS.md has code that is in no file of the example:\n%s", block)
		}
	}
	if len(blocks) < 5 {
		t.Errorf("docs/BACKENDS.md has %d blocks of code", len(blocks))
	}
}
