package suite_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/bench/internal/program"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
	"github.com/fastmigrate/fastmigrate/bench/internal/report"
	"github.com/fastmigrate/fastmigrate/bench/internal/suite"
	"github.com/fastmigrate/fastmigrate/bench/internal/workload"
)

// All workloads run, in sizes that say nothing: everyone who takes part does the
// work, and the page and its charts are written.
func TestAllWorkloads(t *testing.T) {
	o := suite.Options{
		Profile: "tiny", Sizes: workload.Tiny(),
		Race: race.Options{Rounds: 1, Limit: time.Minute, Slow: time.Minute, Budget: time.Minute, Tell: t.Logf},
		// Without the C engine: another half a minute of compiling, for programs
		// that are started in the same way.
		Builder: program.Builder{Root: "../../..", Like: like},
		Dir:     t.TempDir(),
	}
	r, err := suite.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Results {
		for _, row := range c.Rows {
			switch {
			case row.Failed != "":
				t.Errorf("%s: %s failed: %s", c.Name, row.Name, row.Failed)
			case row.Over != 0:
				t.Errorf("%s: %s was ended", c.Name, row.Name)
			case row.Cannot == "" && len(row.Runs) != 1:
				t.Errorf("%s: %s ran %d times, want once", c.Name, row.Name, len(row.Runs))
			}
		}
	}
	if len(r.Workloads) != 10 {
		t.Errorf("%d workloads ran, want 10", len(r.Workloads))
	}
	docs := t.TempDir()
	if err := suite.Write(r, docs); err != nil {
		t.Fatal(err)
	}
	looksGood(t, docs, r)
	left, err := os.ReadDir(o.Dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// looksGood looks at the page: it has all cases, and its charts are there and
// are XML.
func looksGood(t *testing.T, docs string, r *report.Report) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(docs, suite.Page))
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, c := range r.Results {
		if !strings.Contains(page, "### "+c.Title+"\n") {
			t.Errorf("the page lacks %s", c.Title)
		}
	}
	charts, err := filepath.Glob(filepath.Join(docs, suite.Folder, "*.svg"))
	if err != nil || len(charts) == 0 {
		t.Fatalf("charts: %q, %v", charts, err)
	}
	for _, chart := range charts {
		if !strings.Contains(page, "("+suite.Folder+"/"+filepath.Base(chart)+")") {
			t.Errorf("the page does not show %s", chart)
		}
		f, err := os.Open(chart)
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(f)
		for err == nil {
			_, err = d.Token()
		}
		f.Close()
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", chart, err)
		}
	}
	again, err := report.Load(filepath.Join(docs, suite.Folder, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	if report.Short(again.Results) != report.Short(r.Results) {
		t.Error("the saved results are others")
	}
}

func TestOnly(t *testing.T) {
	_, err := suite.Run(t.Context(), suite.Options{Sizes: workload.Tiny(), Only: []string{"smal"}})
	if err == nil || !strings.Contains(err.Error(), `no workload "smal"`) {
		t.Errorf("err = %v", err)
	}
}
