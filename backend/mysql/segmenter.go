package mysql

import (
	"errors"
	"fmt"
)

// segmenter follows the statements of a script and says, of each, how it is
// run. Inspection and execution both follow it, so that they agree on what a
// segment is: what is committed at once. That is one statement, or a
// transaction that the script opens itself, from its START TRANSACTION to its
// COMMIT.
type segmenter struct {
	inside    bool // a transaction of the script's own is open
	implicit  bool // it was opened by a statement while autocommit is off
	dissolved bool // a START TRANSACTION was ended by a statement that commits by itself
	manual    bool // autocommit is off
	locked    bool // LOCK TABLES holds
	line      int  // where the transaction began, or what ended it
	segments  int  // that are complete
}

// move is what to do about one statement.
type move struct {
	run     runAs
	ends    bool // it commits the script's own transaction first, by itself
	segment int  // the number of the segment that it belongs to, from 1
	closes  bool // the segment is complete with it
	weak    bool // tables are locked: its mark can't be in its transaction
}

type runAs uint8

const (
	runData     runAs = iota // in a transaction of ours, or weakly
	runOwn                   // inside the script's own transaction
	runBegin                 // it opens the script's own transaction
	runCommit                // it commits the script's own transaction
	runRollback              // it ends the script's own transaction without effect
	runHere                  // it changes the connection, or nothing
	runAlone                 // the same, with no transaction open
	runDefines               // it commits by itself
	runRepeats               // it commits by itself, and may run twice
	runOpaque                // it may do anything
)

// next returns what to do about a statement. An error says, without its place,
// why the script must not be run.
func (g *segmenter) next(n nature, line int) (move, error) {
	if n.class == refuses {
		return move{}, errors.New(n.why)
	}
	var m move
	var err error
	if g.inside {
		m, err = g.within(n, line)
	} else {
		m, err = g.outside(n, line)
	}
	if err != nil {
		return m, err
	}
	if m.ends {
		g.segments++
	}
	m.segment = g.segments + 1
	m.weak = g.locked
	m.closes = !g.inside || m.run == runCommit || m.run == runRollback
	if m.closes {
		g.segments++
	}
	switch {
	case n.class == locks:
		g.locked = true
	case n.class == unlocks, m.run == runBegin:
		g.locked = false
	}
	if n.autocommit != nil {
		g.manual = !*n.autocommit
	}
	return m, nil
}

// outside says what to do where no transaction of the script's is open.
func (g *segmenter) outside(n nature, line int) (move, error) {
	switch n.class {
	case begins:
		g.inside, g.implicit, g.dissolved, g.line = true, false, false, line
		return move{run: runBegin}, nil
	case commits:
		if !g.manual && !g.dissolved {
			return move{}, errors.New("COMMIT without a START TRANSACTION: it would end the transaction that keeps a statement and its record together")
		}
		g.dissolved = false
		return move{run: runAlone}, nil
	case rollsBack:
		switch {
		case g.dissolved:
			return move{}, fmt.Errorf("ROLLBACK takes nothing back here: the statement of line %d committed the transaction", g.line)
		case !g.manual:
			return move{}, errors.New("ROLLBACK without a START TRANSACTION: it would end the transaction that keeps a statement and its record together")
		}
		return move{run: runAlone}, nil
	case savesPoint:
		return move{}, errors.New("savepoints have a meaning inside of a transaction only; put START TRANSACTION and COMMIT around")
	case data:
		if g.manual {
			g.inside, g.implicit, g.line = true, true, line
			return move{run: runOwn}, nil
		}
		return move{run: runData}, nil
	}
	return move{run: bare(n)}, nil
}

// bare returns how a statement is run that belongs to no transaction.
func bare(n nature) runAs {
	switch n.class {
	case query, sets:
		return runHere
	case setsAlone, locks, unlocks:
		return runAlone
	case defines:
		return runDefines
	case repeats:
		return runRepeats
	}
	return runOpaque
}

// within says what to do inside the script's own transaction, where everything
// stays as the author wrote it.
func (g *segmenter) within(n nature, line int) (move, error) {
	switch n.class {
	case begins:
		g.line, g.implicit = line, false
		return move{run: runBegin, ends: true}, nil
	case commits, rollsBack:
		g.inside = n.chain
		if n.class == rollsBack {
			return move{run: runRollback}, nil
		}
		return move{run: runCommit}, nil
	case data, query, sets, savesPoint, opaque:
		return move{run: runOwn}, nil
	case setsAlone:
		if n.autocommit == nil || !*n.autocommit {
			return move{run: runOwn}, nil
		}
	case unlocks:
		if !g.locked {
			return move{run: runOwn}, nil
		}
	}
	g.dissolved, g.inside, g.line = !g.implicit, false, line
	return move{run: bare(n), ends: true}, nil
}

// end fails where the script must not be run because of how it ends, with the
// line.
func (g *segmenter) end() (line int, err error) {
	switch {
	case g.inside && g.implicit:
		return g.line, errors.New("autocommit is off, and what is done from here on is never committed")
	case g.inside:
		return g.line, errors.New("START TRANSACTION without a COMMIT: the work of this transaction would be lost")
	}
	return 0, nil
}
