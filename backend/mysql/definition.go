package mysql

import (
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// definition is what a statement that defines something does to which objects,
// as far as it can be read: enough to find out afterwards whether it did.
type definition struct {
	verb    verb
	kind    string   // TABLE, VIEW, TRIGGER …
	objects []object // that it makes, changes or removes; for RENAME from, to, from, to …
	changes []change // of ALTER TABLE, CREATE INDEX and DROP INDEX; nil where one of them can't be read
	replace bool     // OR REPLACE
	lenient bool     // IF NOT EXISTS, IF EXISTS
	odd     string   // why what it did can't be seen in the objects' definitions
}

type verb uint8

const (
	creates verb = iota
	alters
	drops
	renames
	truncates
)

// object is a named thing in a database.
type object struct{ kind, database, name string }

// kinds are the sorts of objects whose definitions the server shows.
var kinds = []string{"TABLE", "VIEW", "DATABASE", "SCHEMA", "PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "SEQUENCE", "INDEX"}

// defining reads CREATE, ALTER, DROP, RENAME and TRUNCATE.
func defining(text []byte, words []sqlscan.Token) nature {
	if is(words, 0, "REVOKE", "INSTALL", "UNINSTALL") {
		return nature{class: repeats}
	}
	p := &parser{words: words, at: 1}
	d := definition{verb: map[string]verb{"CREATE": creates, "ALTER": alters, "DROP": drops, "RENAME": renames, "TRUNCATE": truncates}[strings.ToUpper(string(words[0].Text))]}
	temporary := false
	for p.at < len(words) && !words[p.at].Is(kinds...) {
		temporary = temporary || p.is("TEMPORARY")
		d.replace = d.replace || p.is("REPLACE")
		if d.verb == truncates || d.verb == renames && !p.is("TABLES") || p.is("USER", "ROLE", "SERVER", "TABLESPACE", "LOGFILE", "INSTANCE", "PACKAGE", "SPATIAL_REFERENCE", "RESOURCE", "UNDO") {
			break
		}
		p.at++
	}
	switch {
	case temporary && d.verb == creates && p.is("SEQUENCE"):
		return nature{class: repeats, temporary: true} // the server commits for it, unlike for a table
	case temporary && d.verb == drops:
		return nature{class: query} // of nothing that outlives a connection, so a later run has nothing to drop
	case temporary && d.verb != alters:
		return nature{class: sets, temporary: d.verb == creates}
	case d.verb == truncates, p.is("TABLES"):
		d.kind = "TABLE"
		p.skip("TABLE", "TABLES")
	case p.at < len(words) && words[p.at].Is(kinds...):
		d.kind = strings.ToUpper(string(words[p.at].Text))
		p.at++
	default:
		return nature{class: repeats} // users, servers and the like: twice does no harm, or fails
	}
	if d.kind == "SCHEMA" {
		d.kind = "DATABASE"
	}
	for p.is("IF", "NOT", "EXISTS") {
		d.lenient = true
		p.at++
	}
	d.read(p, text)
	if d.verb == alters && (is(words, len(words)-2, "DISABLE", "ENABLE") || is(words, len(words)-3, "DISABLE", "ENABLE")) {
		return nature{class: repeats} // DISABLE KEYS, which dumps say about tables that they lock
	}
	return nature{class: defines, definition: d}
}

// read reads what stands behind the kind of object.
func (d *definition) read(p *parser, text []byte) {
	switch {
	case d.kind == "INDEX":
		index := p.name().name
		for p.at < len(p.words) && !p.is("ON") {
			p.at++
		}
		p.at++
		d.changes = []change{{add: d.verb == creates, kind: "KEY", name: index}}
		d.kind, d.verb, d.lenient = "TABLE", alters, false
		d.add(p)
	case d.verb == renames:
		all := &parser{words: every(text), at: p.at}
		for ok := true; ok; ok = all.skip(",") {
			d.add(all)
			for all.at < len(all.words) && !all.is("TO") {
				all.at++
			}
			all.at++
			d.add(all)
		}
	case d.verb == drops:
		all := &parser{words: every(text), at: p.at}
		for ok := true; ok; ok = all.skip(",") {
			d.add(all)
		}
	default:
		d.add(p)
	}
	switch {
	case d.verb == alters && d.kind == "TABLE" && d.changes == nil:
		d.changes, d.odd = changesOf(every(text)[min(p.at, len(every(text))):])
	case d.verb == creates && d.kind == "TABLE" && mentions(text, "SELECT", "VALUES"):
		d.odd = "it fills the table that it makes"
	}
}

func (d *definition) add(p *parser) {
	o := p.name()
	o.kind = d.kind
	d.objects = append(d.objects, o)
}

// parser goes through the tokens of a statement.
type parser struct {
	words []sqlscan.Token
	at    int
}

func (p *parser) is(options ...string) bool { return is(p.words, p.at, options...) }

// skip passes over the token at hand if it is one of those.
func (p *parser) skip(options ...string) bool {
	if p.at < len(p.words) && (p.is(options...) || slices.Contains(options, string(p.words[p.at].Text))) {
		p.at++
		return true
	}
	return false
}

// name reads a name, with the database's in front where it stands there.
func (p *parser) name() object {
	var o object
	o.name = nameAt(p.words, p.at)
	p.at++
	if p.at+1 < len(p.words) && string(p.words[p.at].Text) == "." {
		o.database, o.name = o.name, nameAt(p.words, p.at+1)
		p.at += 2
	}
	return o
}

// every returns all tokens of a statement.
func every(text []byte) []sqlscan.Token {
	return slices.Collect(sqlscan.Tokens(text, sqlscan.MySQL))
}

// mentions says whether one of the words stands in the text, outside of
// strings, quoted names and comments.
func mentions(text []byte, words ...string) bool {
	return sqlscan.Mentions(text, sqlscan.MySQL, words...)
}
