package postgres

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// longScript is the size in bytes above which it is worth telling how far the
// script is.
const longScript = 64 << 10

// mendHint is what to do where nothing else is known.
const mendHint = "mend the script and run again; nothing of it was kept"

// pipe sends the statements of scripts to the server, as many together as a
// batch holds.
type pipe struct {
	session *session
	ctx     context.Context
	batch   batch
	gathers bool // nothing is sent before all of it is there

	reader *scriptReader
	file   string
	from   migration.State
	total  int64
	count  int   // statements of the script so far
	bytes  int64 // of the script so far
}

// open says which script the next statements are of.
func (p *pipe) open(r *scriptReader, w backend.Work) {
	p.reader, p.file, p.from, p.total, p.count, p.bytes = r, w.Step.File(), w.Step.From, w.Step.Traits.Bytes, 0, 0
}

// statement adds a statement of the script, and sends what has gathered where
// that is enough, or where the statement has to be sent by itself.
func (p *pipe) statement(st *sqlscan.Statement, n nature) error {
	if err := p.ctx.Err(); err != nil {
		f := &failure{item: item{line: st.Line, column: st.Column}, text: string(st.Text), offset: -1, err: fmt.Errorf("interrupted: %w", err)}
		return p.placed(f)
	}
	if err := p.remember(st); err != nil {
		return err
	}
	p.count++
	if n.copies {
		return p.copy(st)
	}
	p.bytes = st.End
	p.batch.script(st)
	if !p.gathers && (p.batch.size() >= maxBatch || n.lexes) {
		return p.flush()
	}
	return nil
}

// remember keeps what a statement sets on a caller's connection and the server
// does not list.
func (p *pipe) remember(st *sqlscan.Statement) error {
	c := p.session.conn
	if c.loan == nil {
		return nil
	}
	names := c.given.unknown(customNames(st.Text))
	if len(names) == 0 {
		return nil
	}
	if err := p.flush(); err != nil {
		return err
	}
	return place(p.file, "apply", c.remember(p.ctx, names))
}

// flush sends what has gathered.
func (p *pipe) flush() error {
	stop := p.session.observe(p)
	err := p.session.conn.send(p.ctx, &p.batch)
	stop()
	if err != nil {
		return p.placed(err)
	}
	p.tell()
	return nil
}

// tell says how far a long script is.
func (p *pipe) tell() {
	if p.session.options.Progress != nil && p.total > longScript && p.bytes < p.total {
		p.session.options.Progress(backend.Progress{File: p.file, Bytes: p.bytes, Total: p.total, Statements: p.count})
	}
}

// told tells how far a script is while its data is read. Where the connection
// breaks, the driver may go on reading behind our back until it is ended.
type told struct {
	io.Reader
	pipe *pipe

	mu    sync.Mutex
	ended bool
}

func (t *told) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
}

func (t *told) Read(buffer []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return 0, io.ErrClosedPipe
	}
	n, err := t.Reader.Read(buffer)
	if at := t.pipe.reader.Size(); at-t.pipe.bytes >= maxBatch {
		t.pipe.bytes = at
		t.pipe.tell()
	}
	return n, err
}

// copy streams the data of COPY … FROM STDIN.
func (p *pipe) copy(st *sqlscan.Statement) error {
	if err := p.flush(); err != nil {
		return err
	}
	data := &told{Reader: p.reader.Data(), pipe: p}
	at := *st // what is read moves it on
	watched, ended := p.session.conn.watched(p.ctx)
	_, err := p.session.conn.CopyFrom(watched, data, string(at.Text))
	ended()
	data.end()
	if bad := p.reader.failure(); bad != nil {
		return bad
	}
	if err != nil {
		f := &failure{item: item{line: at.Line, column: at.Column}, text: string(at.Text), offset: -1, err: p.session.conn.explain(p.ctx, err)}
		return p.placed(f)
	}
	p.bytes = st.End
	return nil
}

// commit sends what has gathered, which ends in COMMIT. Where the connection
// breaks meanwhile, arrived finds out how it ended.
func (p *pipe) commit(arrived func(context.Context) (bool, error)) error {
	err := p.flush()
	if err == nil || !p.session.conn.IsClosed() {
		return err
	}
	there, unknown := p.session.resolve(p.ctx, arrived)
	switch {
	case there:
		return nil
	case unknown != nil:
		return unsure(p.file, unknown)
	}
	return err
}

// placed gives an error of the server its place and its meaning.
func (p *pipe) placed(err error) error {
	f, ok := err.(*failure)
	if !ok {
		return place(p.file, "apply", err)
	}
	if f.ours() {
		if meant := raised(f, p.from); meant != nil {
			return place(p.file, "apply", meant)
		}
	}
	hint := hintFor(f.err)
	if hint == "" {
		hint = mendHint
	}
	return f.at(p.file, hint)
}
