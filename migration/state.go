package migration

import (
	"fmt"
	"strconv"
)

// State is a place in a history, as text: the decimal digits of a [Version],
// or the name of a [Revision]. The empty State means "not known".
type State string

// None is the state of a database to which no function of a sequence is
// applied: the first of them has the number 0.
const None State = "none"

// Revision is a node of a graph of revisions, by its name.
type Revision string

// Initial is the revision of a database that no revision was applied to.
const Initial Revision = "initial"

// State returns the revision as the text that the history table holds.
func (r Revision) State() State { return State(r) }

// Version is an integer place in a linear history. A database without any
// migration stands at version 0; versions are never negative.
type Version int64

// State returns the version as the text that the history table holds.
func (v Version) State() State { return State(strconv.FormatInt(int64(v), 10)) }

// String returns the version in the four digits that file names have, or in
// more where four do not suffice.
func (v Version) String() string { return fmt.Sprintf("%04d", int64(v)) }

// Digest returns a number of 42 bits by whose sums sets of versions are told
// apart. internal/history says the same in SQL.
func (v Version) Digest() int64 { return (int64(v) % 1000003) * (int64(v)%999983 + 1234567) }

// Version returns the state as a version. It fails for a state that is not a
// decimal number, such as the name of a revision.
func (s State) Version() (Version, error) {
	n, err := strconv.ParseInt(string(s), 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("state %q is not a version", string(s))
	}
	return Version(n), nil
}

// Named returns the state in words, by the kind of its history: "version 3",
// "revision rev3", "function 2", or "no function".
func (s State) Named(kind string) string {
	switch {
	case kind == Revisions:
		return "revision " + string(s)
	case kind == Functions && s == None:
		return "no function"
	case kind == Functions:
		return "function " + string(s)
	}
	return "version " + string(s)
}

// Direction is the way a step goes through a history.
type Direction uint8

// The two directions. The zero value is Up.
const (
	Up   Direction = iota // towards newer
	Down                  // towards older
)

// String returns "up" or "down".
func (d Direction) String() string {
	if d == Down {
		return "down"
	}
	return "up"
}

// MarshalText returns the direction as [Direction.String] does, for JSON.
func (d Direction) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is the reverse of [Direction.MarshalText].
func (d *Direction) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDirection(string(text))
	return err
}

// ParseDirection returns the direction that text names: "up" or "down".
func ParseDirection(text string) (Direction, error) {
	switch text {
	case "up":
		return Up, nil
	case "down":
		return Down, nil
	}
	return Up, fmt.Errorf("direction %q is neither up nor down", text)
}
