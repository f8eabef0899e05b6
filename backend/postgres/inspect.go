package postgres

import (
	"context"

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
	r.skims = true
	count := counter{r: r, traits: &t}
	t.Light = true
	for {
		st, n, m, ok, err := r.next()
		if err != nil {
			return t, err
		}
		if !ok {
			break
		}
		if n.discards && b.lends() {
			return t, r.refuse(st.Line, st.Column, st.Text, errDiscards)
		}
		count.statement(n, m)
		t.Light = t.Light && st.End <= maxMember && n.class == plain && light(st.Text)
		if t.Statements++; t.Statements%1024 == 0 && ctx.Err() != nil {
			return t, ctx.Err()
		}
	}
	open, err := r.end()
	if err != nil {
		return t, err
	}
	if open {
		count.close(r.sum())
	}
	t.Checksum = r.sum()
	t.Bytes = r.Size()
	t.Light = t.Light && t.Statements > 0 && t.Bytes <= maxMember
	t.Wrapped = !t.OwnTransaction && !t.Outside && (r.seg == nil || !r.seg.each)
	return t, nil
}

// counter counts the segments of a script, up to the last that changes
// anything.
type counter struct {
	r        *scriptReader
	traits   *migration.Traits
	segments int
	effect   bool
}

func (c *counter) statement(n nature, m move) {
	if m.closeBefore {
		c.close(c.r.sumBefore())
	}
	t := c.traits
	t.OwnTransaction = t.OwnTransaction || m.run == runBegin
	t.Outside = t.Outside || m.run == runBare
	t.SessionState = t.SessionState || n.session
	t.TemporaryObjects = t.TemporaryObjects || n.temporary
	c.effect = c.effect || n.effect
	switch {
	case m.run == runRollback:
		c.effect = false
	case m.run == runCommit, m.closeAfter, m.run == runBare && n.effect:
		c.close(c.r.sum())
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
