package sqlite

import (
	"context"

	"github.com/fastmigrate/fastmigrate/internal/segment"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Inspect reads the script once and tells what it is going to do.
func (b *Backend) Inspect(ctx context.Context, script *migration.SQL) (migration.Traits, error) {
	var t migration.Traits
	r, err := b.open(script)
	if err != nil {
		return t, err
	}
	defer r.Close()
	tables := make(tableNames)
	count := counter{r: r, traits: &t}
	for {
		st, n, m, ok, err := r.next()
		if err != nil {
			return t, err
		}
		if !ok {
			break
		}
		count.statement(n, m)
		if !r.repeated {
			tables.add(st.Text)
		}
		if t.Statements++; t.Statements%1024 == 0 && ctx.Err() != nil {
			return t, ctx.Err()
		}
	}
	open, err := r.End()
	if err != nil {
		return t, err
	}
	if open {
		count.close(r.Checksum())
	}
	t.Checksum = r.Checksum()
	t.Bytes = r.Size()
	t.Wrapped = !t.OwnTransaction && !t.Outside && !r.Each()
	t.Tables, t.AllTables = tables.sorted()
	return t, nil
}

// counter counts the segments of a script, up to the last that changes
// anything.
type counter struct {
	r        *scriptReader
	traits   *migration.Traits
	segments int
	effect   bool
	dropped  bool // a table, so far
	renamed  bool // likewise
}

func (c *counter) statement(n nature, m segment.Move) {
	if m.CloseBefore {
		c.close(c.r.ChecksumBefore())
	}
	t := c.traits
	t.OwnTransaction = t.OwnTransaction || m.Run == segment.Begin
	t.Outside = t.Outside || m.Run == segment.Bare
	t.SessionState = t.SessionState || n.session
	t.TemporaryObjects = t.TemporaryObjects || n.temporary
	t.Routines = t.Routines || n.routine
	c.dropped, c.renamed = c.dropped || n.drops, c.renamed || n.renames
	t.Replaces = t.Replaces || c.dropped && (c.renamed || n.creates)
	t.Attaches = t.Attaches || n.attaches
	t.PageSize = t.PageSize || n.resizes
	c.effect = c.effect || n.effect && m.Run != segment.Bare
	switch {
	case m.Run == segment.Rollback:
		c.effect = false
	case m.Run == segment.Commit || m.CloseAfter:
		c.close(c.r.Checksum())
	}
}

// close ends a segment, the text up to which has the checksum.
func (c *counter) close(prefix migration.Checksum) {
	c.segments++
	if c.effect {
		c.traits.Segments, c.traits.RecordedPrefix = c.segments, prefix
	}
	c.effect = false
}
