package postgres

import (
	"errors"
	"fmt"
	"slices"
)

// segmenter follows the statements of a script and says, of each, in which
// transaction it belongs. Inspection and execution both follow it, so that they
// agree on what a segment is: the part of a script between two commits.
//
// A transaction that the script opens is the script's own. What stands outside
// of those is gathered into transactions of ours, up to the next statement that
// must stand outside of any transaction.
type segmenter struct {
	// each says that every plain statement is a segment of its own, for a
	// script that says no-transaction.
	each bool

	where      where
	line       int // of the BEGIN or of the outermost SAVEPOINT
	savepoints []string
}

// where says which transaction is open.
type where uint8

const (
	nowhere where = iota
	ours
	own
)

// move is what to do about one statement.
type move struct {
	closeBefore bool // commit our transaction first
	openBefore  bool // then open one of ours
	closeAfter  bool // commit our transaction after the statement
	run         runAs
}

type runAs uint8

const (
	runHere     runAs = iota // in the transaction that is open
	runBare                  // with no transaction open
	runBegin                 // it opens the script's own transaction
	runCommit                // it commits the script's own transaction
	runRollback              // it ends the script's own transaction without effect
)

// next returns what to do about a statement. An error says, without its place,
// why the script must not be run.
func (g *segmenter) next(n nature, line int) (move, error) {
	if n.class == refused {
		return move{}, errors.New(n.why)
	}
	if g.where == own {
		return g.inside(n)
	}
	switch n.class {
	case begins:
		if len(g.savepoints) > 0 {
			return move{}, fmt.Errorf("BEGIN inside the SAVEPOINT of line %d", g.line)
		}
		m := move{closeBefore: g.where == ours, run: runBegin}
		g.where, g.line = own, line
		return m, nil
	case commits:
		return move{}, errors.New("COMMIT without a BEGIN: it would end the transaction that keeps the migration whole")
	case rollsBack:
		return move{}, errors.New("ROLLBACK without a BEGIN: it would end the transaction that keeps the migration whole")
	case savesPoint, releases, returns:
		if err := g.savepoint(n, line); err != nil {
			return move{}, err
		}
	case outside:
		if len(g.savepoints) == 0 {
			m := move{closeBefore: g.where == ours, run: runBare}
			g.where = nowhere
			return m, nil
		}
	}
	if g.each && g.where == nowhere && n.class == plain && !n.effect {
		return move{run: runBare}, nil
	}
	m := move{openBefore: g.where == nowhere}
	g.where = ours
	if g.each && len(g.savepoints) == 0 {
		m.closeAfter = true
		g.where = nowhere
	}
	return m, nil
}

// inside says what to do inside the script's own transaction, where everything
// stays as the author wrote it.
func (g *segmenter) inside(n nature) (move, error) {
	switch n.class {
	case begins:
		return move{}, fmt.Errorf("BEGIN inside the transaction of line %d", g.line)
	case commits:
		g.where, g.savepoints = nowhere, nil
		return move{run: runCommit}, nil
	case rollsBack:
		g.where, g.savepoints = nowhere, nil
		return move{run: runRollback}, nil
	case savesPoint, releases, returns:
		return move{}, g.savepoint(n, g.line)
	}
	return move{}, nil
}

// savepoint keeps the stack of savepoints as PostgreSQL does.
func (g *segmenter) savepoint(n nature, line int) error {
	if n.class == savesPoint {
		if len(g.savepoints) == 0 && g.where != own {
			g.line = line
		}
		g.savepoints = append(g.savepoints, n.savepoint)
		return nil
	}
	for i, name := range slices.Backward(g.savepoints) {
		if name == n.savepoint {
			if n.class == releases {
				g.savepoints = g.savepoints[:i]
			} else {
				g.savepoints = g.savepoints[:i+1]
			}
			return nil
		}
	}
	return fmt.Errorf("no such savepoint: %s", n.savepoint)
}

// end says whether our transaction is open after the last statement, and is to
// be committed. An error says why the script must not be run, with the line.
func (g *segmenter) end() (open bool, line int, err error) {
	switch {
	case g.where == own:
		return false, g.line, errors.New("BEGIN without a COMMIT: the work of this transaction would be lost")
	case len(g.savepoints) > 0:
		return false, g.line, fmt.Errorf("SAVEPOINT %s is never released", g.savepoints[0])
	}
	return g.where == ours, 0, nil
}
