package suite

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/fastmigrate/fastmigrate/bench/internal/contender"
	"github.com/fastmigrate/fastmigrate/bench/internal/report"
	"github.com/fastmigrate/fastmigrate/bench/internal/workload"
)

// modules are those whose versions are told.
var modules = []string{
	"github.com/pressly/goose/v3", "github.com/golang-migrate/migrate/v4", "github.com/jackc/tern/v2",
	"github.com/mattn/go-sqlite3", "modernc.org/sqlite", "github.com/jackc/pgx/v5", "github.com/go-sql-driver/mysql",
}

// describe notes who takes part, who doesn't, and in which version.
func describe(ctx context.Context, r *report.Report, b *workload.Bench) error {
	sized := map[string]bool{}
	for _, on := range []struct {
		name string
		all  []contender.Contender
	}{{"SQLite", b.SQLite}, {"PostgreSQL", b.Postgres}, {"MariaDB", b.MariaDB}} {
		for _, c := range on.all {
			if c.Absent != "" {
				r.Absent = append(r.Absent, report.Absent{Name: c.Name, On: on.name, Why: c.Absent})
				continue
			}
			r.Entrants = append(r.Entrants, report.Entrant{Name: c.Name, On: on.name, Kind: c.Kind, How: c.How})
			if sized[c.Bin] {
				continue
			}
			sized[c.Bin] = true
			info, err := os.Stat(c.Bin)
			if err != nil {
				return err
			}
			name := c.Name
			if c.Program.Name != "" && c.Kind != "ours" && on.name != "SQLite" {
				name += " for " + on.name
			}
			r.Sizes = append(r.Sizes, report.Size{Name: name, Bytes: info.Size()})
		}
	}
	return versions(ctx, r, b)
}

// versions asks the programs, and the go command for the modules.
func versions(ctx context.Context, r *report.Report, b *workload.Bench) error {
	for _, c := range []struct {
		name string
		args []string
	}{
		{"", []string{b.Postgres[0].Bin, "--version"}}, {"sqlite3", []string{"sqlite3", "--version"}},
		{"", []string{"psql", "--version"}}, {"", []string{"mariadb", "--version"}},
	} {
		out, err := exec.CommandContext(ctx, c.args[0], c.args[1:]...).Output()
		if err != nil {
			return fmt.Errorf("%s: %w", c.args[0], err)
		}
		first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		if c.name != "" {
			first = c.name + " " + first
		}
		// What is behind it, the shells say at length: how they were built.
		first, _, _ = strings.Cut(first, ", for ")
		name, version, _ := strings.Cut(first, " ")
		r.Versions = append(r.Versions, report.Version{Name: name, Version: strings.TrimSpace(version)})
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{
		"list", "-m", "-f", "{{.Path}} {{if .Replace}}{{.Replace.Version}}{{else}}{{.Version}}{{end}}",
	}, modules...)...)
	cmd.Dir = filepath.Join(b.Builder.Root, "bench")
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list -m: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		name, version, _ := strings.Cut(strings.TrimSpace(line), " ")
		r.Versions = append(r.Versions, report.Version{Name: name, Version: version})
	}
	return nil
}
