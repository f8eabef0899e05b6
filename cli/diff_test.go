package cli

import (
	"bytes"
	"strings"
	"testing"
)

// A program that brings nothing to compare schemas with has no verb for it.
func TestNoDiff(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"diff"}, streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr},
		func(string) string { return "" }, Config{Name: "app"})
	if code != exitUsage || !strings.Contains(stderr.String(), `there is no verb "diff"`) {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}
