package backend_test

import (
	"context"
	"fmt"
	"log"
	"maps"
	"strings"
	"testing/fstest"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
	"github.com/fastmigrate/fastmigrate/trek"
)

// drawer is a database of one's own, in memory: labels and what is written on
// them. Its scripts have a line "label = text" for each thing to put in; its
// functions get the labels.
type drawer struct {
	labels map[string]string
	steps  []migration.Revision
}

// change is what an edge in Go does to a drawer.
type change func(labels map[string]string) error

func (change) Database() string { return "drawer" }

func (d *drawer) Ensure(context.Context) error { return nil }

func (d *drawer) Current(context.Context) (migration.Revision, error) {
	if len(d.steps) == 0 {
		return migration.Initial, nil
	}
	return d.steps[len(d.steps)-1], nil
}

func (d *drawer) Record(_ context.Context, _, to migration.Revision) error {
	d.steps = append(d.steps, to)
	return nil
}

func (d *drawer) Run(_ context.Context, body migration.Body) error {
	switch body := body.(type) {
	case *migration.SQL:
		text, err := backend.Text(body)
		if err != nil {
			return err
		}
		for line := range strings.Lines(text) {
			label, value, ok := strings.Cut(strings.TrimSpace(line), " = ")
			if !ok {
				return fmt.Errorf("not a label with a text: %q", line)
			}
			d.labels[label] = value
		}
		return nil
	case *migration.Go:
		return body.Func.(change)(d.labels)
	}
	return fmt.Errorf("a body of kind %s", body.Kind())
}

// Transaction makes a plan one that is carried out whole or not at all.
func (d *drawer) Transaction(ctx context.Context, f func(context.Context) error) error {
	labels, steps := maps.Clone(d.labels), len(d.steps)
	err := f(ctx)
	if err != nil {
		d.labels, d.steps = labels, d.steps[:steps]
	}
	return err
}

// A database of one's own goes along a graph of revisions by five short methods.
func ExampleOverRevisions() {
	files := fstest.MapFS{
		"20240101_initial_up_socks.sql": {Data: []byte("left = sock\nright = sock\n")},
		"20240102_socks_up_shirts.sql":  {Data: []byte("left = shirt\noops\n")},
	}
	d := &drawer{labels: map[string]string{}}
	b := backend.OverRevisions("drawer", d)
	edges := source.Revisions(files).With(source.Edge{From: "socks", To: "ties", Func: change(func(labels map[string]string) error {
		labels["right"] = "tie"
		return nil
	})})
	ctx := context.Background()
	_, err := trek.To(ctx, b, edges, "shirts", trek.Up)
	fmt.Println(err)
	fmt.Println(d.labels, d.steps)
	if _, err := trek.To(ctx, b, edges, "ties", trek.Up); err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.labels, d.steps)
	// Output:
	// 20240102_socks_up_shirts.sql: not a label with a text: "oops\n"
	// map[] []
	// map[left:sock right:tie] [socks ties]
}
