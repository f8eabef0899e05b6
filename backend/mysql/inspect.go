package mysql

import (
	"bytes"
	"context"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Inspect reads the script once and tells what it is going to do. It asks the
// server only what sql_mode a connection has, because that changes how a script
// is read.
func (b *Backend) Inspect(ctx context.Context, script *migration.SQL) (migration.Traits, error) {
	var t migration.Traits
	server, err := b.about(ctx)
	if err != nil {
		return t, err
	}
	r, err := open(script, server.mode)
	if err != nil {
		return t, err
	}
	defer r.Close()
	t.Wrapped = true
	for {
		st, n, m, ok, err := r.next()
		if err != nil {
			return t, err
		}
		if !ok {
			break
		}
		if n.class == defines {
			if err := b.names.spares(n.definition, b.book); err != nil {
				return t, r.refuse(st, err)
			}
		}
		note(&t, n, m)
		t.Routines = t.Routines || n.class != data && bytes.ContainsRune(bytes.TrimSuffix(st.Text, []byte(";")), ';')
		if t.Statements++; t.Statements%1024 == 0 && ctx.Err() != nil {
			return t, ctx.Err()
		}
	}
	t.Segments = r.seg.segments
	t.RecordedPrefix = r.chain
	t.Checksum = r.sum()
	t.Bytes = r.Size()
	return t, place(script.Name, "inspect", b.unfit(t))
}

// note puts what one statement does into the traits.
func note(t *migration.Traits, n nature, m move) {
	switch m.run {
	case runBegin, runOwn:
		t.OwnTransaction, t.Wrapped = true, false
	case runData, runHere:
	case runDefines, runRepeats, runOpaque, runAlone:
		t.Outside, t.Wrapped = true, false
	case runCommit, runRollback:
	}
	switch n.class {
	case sets, setsAlone, locks, unlocks, opaque:
		t.SessionState = true
	}
	t.TemporaryObjects = t.TemporaryObjects || n.temporary
}
