package plan_test

import (
	"fmt"
	"log"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// Linear plans along a line of versions.
func ExampleLinear() {
	files := []migration.Migration{
		{Version: 1, Name: "init", Up: &migration.SQL{Name: "0001-init.sql"}},
		{Version: 2, Name: "tags", Up: &migration.SQL{Name: "0002-tags.sql"}},
		{Version: 3, Name: "more", Up: &migration.SQL{Name: "0003-more.sql"}},
	}
	p, err := plan.Linear(files, plan.History{Current: 1}, plan.Goal{})
	if err != nil {
		log.Fatal(err)
	}
	for _, step := range p.Steps {
		fmt.Println(step.File(), step.From, step.To)
	}
	// Output:
	// 0002-tags.sql 1 2
	// 0003-more.sql 2 3
}

// Sequence plans over functions that are numbered from 0; None is where nothing
// is applied.
func ExampleSequence() {
	functions := []migration.Migration{
		{Version: 0, Name: "create_cats", Up: &migration.Go{Name: "0 create_cats"}, Down: &migration.Go{Name: "0 drop_cats"}},
	}
	applied := []migration.Entry{{Kind: migration.Functions, From: migration.None, To: "0", Name: "create_cats", Status: migration.Applied}}
	p, err := plan.Sequence(functions, applied, plan.Towards(migration.None))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Direction, p.Steps[0].File(), "to", p.End)
	// Output: down 0 drop_cats to none
}

// Graph finds the shortest way along the edges of one direction.
func ExampleGraph() {
	edge := func(from, to migration.Revision) migration.Migration {
		return migration.Migration{From: from, To: to, Up: &migration.SQL{Name: fmt.Sprintf("20260101_%s_up_%s.sql", from, to)}}
	}
	edges := []migration.Migration{edge("initial", "a"), edge("a", "b"), edge("b", "c"), edge("a", "c")}
	p, err := plan.Graph(edges, migration.Initial.State(), nil, plan.Goal{Target: "c"})
	if err != nil {
		log.Fatal(err)
	}
	for _, step := range p.Steps {
		fmt.Println(step.File())
	}
	// Output:
	// 20260101_initial_up_a.sql
	// 20260101_a_up_c.sql
}
