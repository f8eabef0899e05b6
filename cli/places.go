package cli

import (
	"strconv"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Places is where a database stood and where it stands. Numbered files have a
// number each and nothing else; for functions and revisions the states say it,
// whatever they are.
type Places struct {
	Kind      string `json:"kind,omitempty"`       // functions, revisions; absent for numbered files
	From      *int64 `json:"from,omitempty"`       // before, where that is a number; absent where it could not be read
	FromState string `json:"from_state,omitempty"` // before: a revision, the number of a function, or none
	Version   *int64 `json:"version,omitempty"`    // now, or where a plan leads
	State     string `json:"state,omitempty"`      // likewise
}

// stood notes where the database stood. A state that is not known says nothing.
func (p *Places) stood(kind string, at migration.State) {
	p.From, p.FromState = asNumber(kind, at), asState(kind, at)
	p.kind(kind)
}

// stands notes where the database stands, or would.
func (p *Places) stands(kind string, at migration.State) {
	p.Version, p.State = asNumber(kind, at), asState(kind, at)
	p.kind(kind)
}

func (p *Places) kind(kind string) {
	if kind != migration.Files {
		p.Kind = kind
	}
}

// asNumber returns a state as the number that it is, or nil where it is none. The
// name of a revision is none, even if it has digits only.
func asNumber(kind string, s migration.State) *int64 {
	v, err := s.Version()
	if err != nil || kind == migration.Revisions {
		return nil
	}
	return (*int64)(&v)
}

// asState returns what is said besides the number.
func asState(kind string, s migration.State) string {
	if kind == migration.Files {
		return ""
	}
	return string(s)
}

// known says whether it is known where the database stands.
func (p *Places) known() bool { return p.Version != nil || p.State != "" }

// place returns in words where the database stands: "version 3".
func (p *Places) place() string { return inWords(p.Kind, p.Version, p.State) }

// fromPlace returns in words where the database stood.
func (p *Places) fromPlace() string { return inWords(p.Kind, p.From, p.FromState) }

// end returns where a plan leads, by the number or the name alone.
func (p *Places) end() string {
	if p.Kind == "" && p.Version != nil {
		return strconv.FormatInt(*p.Version, 10)
	}
	return p.State
}

func inWords(kind string, number *int64, state string) string {
	if kind == "" && number != nil {
		state = strconv.FormatInt(*number, 10)
	}
	return migration.State(state).Named(kind)
}

// standing begins a sentence with where the database stands.
func (p *Places) standing(database string) string { return database + " is at " + p.place() }
