package mysql

import (
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// change is one of those of an ALTER TABLE whose effect can be seen by a name
// in the table's definition.
type change struct {
	add  bool   // or else drop
	kind string // COLUMN, KEY, CONSTRAINT, PRIMARY; or KEY OR CONSTRAINT for what may be either
	name string
}

const renamesIt = "it renames the table"

// changesOf reads the changes of an ALTER TABLE behind the table's name. They
// are nil where one of them is of another sort, with what is odd about them:
// why it can't be seen in the table's definition whether they were made.
func changesOf(words []sqlscan.Token) (changes []change, odd string) {
	known := true
	depth, start := 0, 0
	adds, removes := false, false
	one := func(part []sqlscan.Token) {
		p := &parser{words: part}
		switch {
		case p.is("ADD"):
			adds = true
		case p.is("DROP"):
			removes = true
		case p.is("ALGORITHM", "LOCK", "WAIT", "NOWAIT") || len(part) == 0:
			return
		}
		switch {
		case p.is("EXCHANGE", "TRUNCATE", "DISCARD", "IMPORT", "REORGANIZE", "COALESCE", "CONVERT") && !is(part, 1, "TO"), p.is("DROP") && is(part, 1, "PARTITION"):
			odd = "it changes rows"
		case p.is("RENAME") && !is(part, 1, "COLUMN", "INDEX", "KEY"):
			odd = renamesIt
		}
		c, ok := changeOf(p)
		known = known && ok
		changes = append(changes, c)
	}
	for i, t := range words {
		switch string(t.Text) {
		case "(":
			depth++
		case ")":
			depth--
		case ",", ";":
			if depth == 0 {
				one(words[start:i])
				start = i + 1
			}
		}
	}
	if start < len(words) {
		one(words[start:])
	}
	if !known || len(changes) == 0 {
		changes = nil
		if adds && removes && odd == "" {
			odd = "it both drops and adds"
		}
	}
	return changes, odd
}

// changeOf reads one change.
func changeOf(p *parser) (change, bool) {
	c := change{add: p.is("ADD")}
	if !p.skip("ADD", "DROP") {
		return c, false
	}
	switch {
	case p.is("PARTITION", "SYSTEM", "PERIOD"), p.at < len(p.words) && string(p.words[p.at].Text) == "(":
		return c, false
	case p.skip("PRIMARY"):
		c.kind = "PRIMARY"
		return c, true
	case p.skip("CONSTRAINT"):
		c.kind = "KEY OR CONSTRAINT"
	case p.skip("FOREIGN"):
		p.skip("KEY")
		c.kind = "CONSTRAINT"
		if c.add {
			return c, false // of no name, or of one that the server may not take
		}
	case p.skip("CHECK"):
		c.kind = "CONSTRAINT"
		if c.add {
			return c, false
		}
	case p.is("UNIQUE", "FULLTEXT", "SPATIAL", "INDEX", "KEY"):
		p.skip("UNIQUE", "FULLTEXT", "SPATIAL")
		p.skip("INDEX", "KEY")
		c.kind = "KEY"
	default:
		p.skip("COLUMN")
		c.kind = "COLUMN"
	}
	for p.skip("IF", "NOT", "EXISTS") {
		continue
	}
	if p.at >= len(p.words) || p.words[p.at].Kind != sqlscan.Word && p.words[p.at].Kind != sqlscan.Quoted {
		return c, false // no name
	}
	if c.kind == "KEY OR CONSTRAINT" && c.add {
		switch {
		case is(p.words, p.at, "FOREIGN", "CHECK", "UNIQUE", "PRIMARY"):
			return c, false // CONSTRAINT without a name
		case is(p.words, p.at+1, "PRIMARY"):
			c.kind = "PRIMARY"
			return c, true
		}
	}
	c.name = nameAt(p.words, p.at)
	return c, true
}

// stands says whether what a change adds or drops is in a table's definition,
// as SHOW CREATE TABLE writes it: a line for each column, key and constraint.
func (c change) stands(table string) bool {
	for line := range strings.SplitSeq(table, "\n") {
		line = strings.TrimSpace(line)
		before, rest, quoted := strings.Cut(line, "`")
		before = strings.TrimSpace(before)
		if c.kind == "PRIMARY" {
			if strings.HasPrefix(line, "PRIMARY KEY") {
				return true
			}
			continue
		}
		name, _, _ := strings.Cut(strings.ReplaceAll(rest, "``", "\x00"), "`")
		if !quoted || !strings.EqualFold(strings.ReplaceAll(name, "\x00", "`"), c.name) {
			continue
		}
		switch key := strings.HasSuffix(before, "KEY") && before != "PRIMARY KEY"; {
		case before == "" && c.kind == "COLUMN",
			key && strings.Contains(c.kind, "KEY"),
			before == "CONSTRAINT" && strings.Contains(c.kind, "CONSTRAINT"):
			return true
		}
	}
	return false
}
