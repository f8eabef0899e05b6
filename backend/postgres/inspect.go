package postgres

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
			return t, r.Refuse(st, errDiscards)
		}
		count.statement(n, m)
		t.Light = t.Light && st.End <= maxMember && n.class == segment.Plain && light(st.Text)
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
	t.Light = t.Light && t.Statements > 0 && t.Bytes <= maxMember
	t.Wrapped = !t.OwnTransaction && !t.Outside && !r.Each()
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

func (c *counter) statement(n nature, m segment.Move) {
	if m.CloseBefore {
		c.close(c.r.ChecksumBefore())
	}
	t := c.traits
	t.OwnTransaction = t.OwnTransaction || m.Run == segment.Begin
	t.Outside = t.Outside || m.Run == segment.Bare
	t.SessionState = t.SessionState || n.session
	t.TemporaryObjects = t.TemporaryObjects || n.temporary
	c.effect = c.effect || n.effect
	switch {
	case m.Run == segment.Rollback:
		c.effect = false
	case m.Run == segment.Commit, m.CloseAfter, m.Run == segment.Bare && n.effect:
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
