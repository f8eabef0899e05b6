// Command bench measures fastmigrate beside what a user would pick instead, on
// the same work. See README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/fastmigrate/fastmigrate/bench/internal/report"
	"github.com/fastmigrate/fastmigrate/bench/internal/suite"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	full := flags.Bool("full", false, "all sizes; takes hours, and some 10 GB of disk")
	only := flags.String("only", "", "the `WORKLOADS` to run, separated by commas (default all)")
	add := flags.Bool("add", false, "keep on the page what earlier runs on this machine measured, where this one does not measure it again")
	docs := flags.String("docs", "", "the `FOLDER` to write "+suite.Page+" to (default: tables are printed)")
	root := flags.String("root", "..", "the `FOLDER` of fastmigrate's own module")
	binary := flags.String("binary", "", "the `PROGRAM` that make build has made (default bin/fastmigrate below -root)")
	tags := flags.String("tags", "", "the build `TAGS` of SQLite's C engine; empty where there is no C compiler")
	render := flags.String("render", "", "write the page anew from the results in `FILE`, running nothing")
	rounds := flags.Int("rounds", 0, "how many rounds, instead of the profile's")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *render != "" {
		r, err := report.Load(*render)
		if err != nil {
			return err
		}
		return suite.Write(r, *docs)
	}
	o := suite.Quick()
	if *full {
		o = suite.Full()
	}
	if *rounds > 0 {
		o.Race.Rounds = *rounds
	}
	if *only != "" {
		o.Only = strings.Split(*only, ",")
	}
	o.Builder.Root, o.Builder.Tags, o.Builder.Binary = *root, *tags, *binary
	if *binary == "" {
		o.Builder.Binary = *root + "/bin/fastmigrate"
	}
	o.Race.Tell = func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
	r, err := suite.Run(ctx, o)
	if err == nil && *docs != "" {
		if *add {
			if err := keep(r, *docs); err != nil {
				return err
			}
		}
		return suite.Write(r, *docs)
	}
	if r == nil {
		return err
	}
	fmt.Print(report.Short(r.Results))
	for _, c := range r.Results {
		fmt.Printf("\n%s\n\n%s", c.Title, report.Case(c))
	}
	return err
}

// keep adds to a report what the results below docs have beside it.
func keep(r *report.Report, docs string) error {
	old, err := report.Load(filepath.Join(docs, suite.Folder, suite.Results))
	if err != nil {
		return err
	}
	return r.Add(old)
}
