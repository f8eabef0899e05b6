package importer

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// goose reads one file of goose's: NUMBER_name.sql, with both directions in it,
// or NUMBER_name.go.
func (f *Folder) goose(fsys fs.FS, name string, found []draft) ([]draft, error) {
	ext := path.Ext(name)
	if ext != ".sql" && ext != ".go" || strings.HasSuffix(name, "_test.go") {
		return found, nil
	}
	version, rest, ok := strings.Cut(name, "_")
	value, err := strconv.ParseInt(version, 10, 64)
	if !ok || err != nil || value < 1 {
		if ext == ".sql" {
			f.Left = append(f.Left, Left{File: name, Reason: "its name has no version that goose would take"})
		}
		return found, nil
	}
	d := draft{version: strconv.FormatInt(value, 10), value: uint64(value), title: strings.TrimSuffix(rest, ext), files: []string{name}}
	d.up.file, d.down.file = name, name
	if ext == ".go" {
		d.up.left = "a migration in Go; write it as a function (source.Files.With), or in SQL"
		return append(found, d), nil
	}
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return found, fmt.Errorf("read %s: %w", name, err)
	}
	parseGoose(string(text), &d)
	return append(found, d), nil
}

// gooseFile follows the lines of a file.
type gooseFile struct {
	d        *draft
	at       *section // nil in front of Up
	before   string   // what stands in front of Up
	inside   bool     // between StatementBegin and StatementEnd
	block    strings.Builder
	expanded bool // ENVSUB is on
	bad      string
}

// parseGoose takes a file's text apart by its annotations.
func parseGoose(text string, d *draft) {
	g := &gooseFile{d: d}
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "--") && strings.Contains(line, "+goose") {
			g.annotation(strings.TrimSpace(strings.Replace(strings.ReplaceAll(trimmed, "--", ""), "+goose", "", 1)))
			continue
		}
		g.line(line, trimmed)
	}
	if g.inside {
		g.end()
		g.fail("a StatementBegin without its StatementEnd")
	}
	d.up.text = g.before + d.up.text
	if !d.up.there && g.bad == "" {
		g.fail("it has no -- +goose Up")
	}
	if g.bad != "" {
		d.up.left = "goose does not take it: " + g.bad
		d.down = section{file: d.down.file}
	}
}

func (g *gooseFile) fail(why string) {
	if g.bad == "" {
		g.bad = why
	}
}

// annotation obeys one -- +goose line.
func (g *gooseFile) annotation(word string) {
	switch strings.ToUpper(word) {
	case "UP":
		if g.at != nil {
			g.fail("a second -- +goose Up")
		}
		g.at = &g.d.up
		g.at.there = true
	case "DOWN":
		if g.at != &g.d.up || g.inside {
			g.fail("a -- +goose Down out of place")
		}
		g.at = &g.d.down
		g.at.there = true
	case "STATEMENTBEGIN":
		if g.at == nil || g.inside {
			g.fail("a StatementBegin out of place")
		}
		g.inside = true
	case "STATEMENTEND":
		if !g.inside {
			g.fail("a StatementEnd without its StatementBegin")
		}
		g.end()
	case "NO TRANSACTION":
		g.d.up.bare, g.d.down.bare = true, true
	case "ENVSUB ON":
		g.expanded = true
	case "ENVSUB OFF":
		g.expanded = false
	default:
		g.fail(fmt.Sprintf("it knows no annotation %q", word))
	}
}

// line takes a line of the script.
func (g *gooseFile) line(line, trimmed string) {
	comment := trimmed == "" || strings.HasPrefix(trimmed, "--")
	switch {
	case g.at == nil && comment:
		g.before += line
		return
	case g.at == nil:
		g.fail("a statement in front of -- +goose Up")
		g.before += line
		return
	case g.expanded && !comment && strings.Contains(line, "$"):
		g.at.left = "variables of the environment are put into it (ENVSUB); write their values, or a script in .sh"
	}
	if g.inside {
		g.block.WriteString(line)
		return
	}
	g.at.text += line
}

// end closes a block, which is one statement and may lack its semicolon.
func (g *gooseFile) end() {
	text := g.block.String()
	g.block.Reset()
	g.inside = false
	if g.at == nil {
		return
	}
	if body := strings.TrimSpace(text); body != "" && !strings.HasSuffix(body, ";") {
		text = strings.TrimRight(text, "\r\n") + "\n;\n"
	}
	g.at.text += text
}
