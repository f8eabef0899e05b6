package postgres

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
)

// frail is a connection that breaks when COMMIT goes over it for the n-th time:
// before the server gets it, or when its answer is there.
type frail struct {
	net.Conn
	left    *atomic.Int32
	reaches bool
	broken  atomic.Bool
}

func (f *frail) Write(b []byte) (int, error) {
	if commits := bytes.Contains(b, []byte("COMMIT\n;")) || bytes.Contains(b, []byte("COMMIT;")); !commits || f.left.Add(-1) != 0 {
		return f.Conn.Write(b)
	}
	f.broken.Store(true)
	if !f.reaches {
		return len(b), f.Conn.Close()
	}
	return f.Conn.Write(b)
}

func (f *frail) Read(b []byte) (int, error) {
	n, err := f.Conn.Read(b)
	if f.broken.Load() {
		f.Conn.Close()
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// Where the connection breaks during COMMIT the run finds out how it ended.
func TestDoubt(t *testing.T) {
	const own = "BEGIN; CREATE TABLE a (x int); COMMIT; BEGIN; INSERT INTO a VALUES (1); COMMIT;"
	for name, c := range map[string]struct {
		script  string
		commit  int32 // that breaks
		reaches bool
		at      migration.State
		says    string
	}{
		"applied":             {"CREATE TABLE a (x int)", 1, true, "1", ""},
		"not applied":         {"CREATE TABLE a (x int)", 1, false, "0", "the connection to the server broke"},
		"first of two":        {own, 1, true, "0", "which took effect"},
		"first of two, lost":  {own, 1, false, "0", "the connection to the server broke"},
		"second of two":       {own, 2, true, "1", ""},
		"second of two, lost": {own, 2, false, "0", "the connection to the server broke"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			b, err := Open(testdb.Postgres(t)+"?sslmode=disable", Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Create(ctx); err != nil {
				t.Fatal(err)
			}
			var left atomic.Int32
			left.Store(c.commit)
			dial := b.lender.(*server).config.DialFunc
			b.lender.(*server).config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := dial(ctx, network, address)
				return &frail{Conn: conn, left: &left, reaches: c.reaches}, err
			}
			script := &migration.SQL{Name: "0001-a.sql", Reader: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(c.script)), nil }}
			work := backend.Work{
				Step:  migration.Step{Migration: migration.Migration{Version: 1, Up: script}, From: "0", To: "1"},
				Entry: migration.Entry{Kind: migration.Files, From: "0", To: "1", Name: "0001-a.sql"},
			}
			if work.Step.Traits, err = b.Inspect(ctx, script); err != nil {
				t.Fatal(err)
			}
			work.Entry.Checksum = work.Step.Traits.Checksum
			s, err := b.Session(ctx, backend.SessionOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			_, err = s.Apply(ctx, work)
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("said %v", err)
			}
			if at, err := s.State(ctx); err != nil || at != c.at {
				t.Errorf("at %s, %v", at, err)
			}
			// The same session goes on from there.
			if c.at == "0" {
				entries, err := s.History(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if len(entries) > 0 {
					work.Resume = entries[0].SegmentsDone
				}
				if _, err := s.Apply(ctx, work); err != nil {
					t.Errorf("again: %v", err)
				}
			}
			if at, err := s.State(ctx); err != nil || at != "1" {
				t.Errorf("at %s, %v", at, err)
			}
		})
	}
}
