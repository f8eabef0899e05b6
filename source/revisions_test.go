package source_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

func TestParseRevision(t *testing.T) {
	up, down := migration.Up, migration.Down
	for name, want := range map[string]*source.Edge{
		"20240131_initial_up_rev1.sql":  {Direction: up, From: "initial", To: "rev1"},
		"20240131_rev1_down_initial.py": {Direction: down, From: "rev1", To: "initial"},
		"99999999_a_up_b.sql":           {Direction: up, From: "a", To: "b"},
		"20240131_über_up_größe.sql":    {Direction: up, From: "über", To: "größe"},
		"20240131_a_up_b_up_c.sql":      {Direction: up, From: "a_up_b", To: "c"},   // the last split
		"20240131_a_up_b_down_c.sql":    {Direction: down, From: "a_up_b", To: "c"}, // of either kind
		"20240131_a_down_b_up_c.sql":    {Direction: up, From: "a_down_b", To: "c"},
		"20240131_a_up_down_b.sql":      {Direction: down, From: "a_up", To: "b"},
		"20240131_a_up_up_b.sql":        {Direction: up, From: "a_up", To: "b"},
		"20240131_a_up__up_.sql":        {Direction: up, From: "a", To: "_up_"}, // nothing would be left behind the last
		"20240131__up__up_b.sql":        {Direction: up, From: "_up_", To: "b"},
		"20240131_a_up_b.sh":            nil,
		"20240131_a_up_b.SQL":           nil,
		"20240131_a_up_b":               nil,
		"20240131_a_up_.sql":            nil,
		"20240131__up_b.sql":            nil,
		"20240131_up_b.sql":             nil,
		"2024013_a_up_b.sql":            nil,
		"202401311_a_up_b.sql":          nil,
		"20240131-a_up_b.sql":           nil,
		"20240131_a-b_up_c.sql":         nil,
		"20240131_a_up_b.c.sql":         nil,
		"20240131_a_up_b.sql\n":         nil,
		"0001-a_up_b.sql":               nil,
		"20240131_.sql":                 nil,
		"20240131.sql":                  nil,
		"20240131":                      nil,
		"":                              nil,
		"20240131_a_sideways_b.sql":     nil,
		"20240131_a up b.sql":           nil,
		"20240131_a_UP_b.sql":           nil,
		"２0240131_a_up_b.sql":           nil,
	} {
		edge, _, ok := source.ParseRevision(name)
		if ok != (want != nil) {
			t.Errorf("%q: ok %v", name, ok)
			continue
		}
		if ok && (edge.Direction != want.Direction || edge.From != want.From || edge.To != want.To) {
			t.Errorf("%q: %s from %q to %q", name, edge.Direction, edge.From, edge.To)
		}
	}
}

func folderOf(names ...string) fstest.MapFS {
	files := make(fstest.MapFS)
	for _, name := range names {
		files[name] = &fstest.MapFile{Data: []byte("SELECT 1;")}
	}
	return files
}

func nothing(context.Context, migration.Tx) error { return nil }

func TestRevisions(t *testing.T) {
	files := source.Revisions(folderOf("20240102_a_up_b.sql", "20240101_initial_up_a.sql", "20240103_b_down_a.sql", "README.md", "sub/20240103_b_up_c.sql")).
		With(source.Edge{From: "b", To: "c", Func: migration.Func(nothing)})
	got, err := files.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	var edges []string
	for _, m := range got {
		d, body, ok := m.Edge()
		if !ok {
			t.Errorf("%s is no edge", m.Name)
		}
		edges = append(edges, body.File()+": "+string(m.From)+" "+d.String()+" "+string(m.To))
	}
	want := []string{"20240101_initial_up_a.sql: initial up a", "20240102_a_up_b.sql: a up b", "20240103_b_down_a.sql: b down a", "b_up_c.go: b up c"}
	if diff := cmp.Diff(want, edges); diff != "" {
		t.Error(diff)
	}
	if source.KindOf(files) != migration.Revisions {
		t.Errorf("kind %s", source.KindOf(files))
	}
}

// An edge in Python runs in Go, or not at all.
func TestPythonEdge(t *testing.T) {
	files := source.Revisions(folderOf("20240101_initial_up_a.sql", "20240102_a_down_initial.py"))
	_, err := files.Migrations()
	if err == nil || !strings.Contains(err.Error(), "20240102_a_down_initial.py: ") || !strings.Contains(migration.HintOf(err), `source.Edge{Direction: migration.Down, From: "a", To: "initial"`) {
		t.Errorf("%v, hint %q", err, migration.HintOf(err))
	}
	got, err := files.With(source.Edge{Direction: migration.Down, From: "a", To: "initial", Func: migration.Func(nothing)}).Migrations()
	if err != nil || len(got) != 2 || got[1].Down.File() != "a_down_initial.go" {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := files.With(source.Edge{From: "a", To: "b"}).Migrations(); err == nil {
		t.Error("an edge without a function")
	}
}
