package backendtest

import (
	"context"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// lock: one session at a time, in one process too. Who waits is told for whom.
func (s *suite) lock(t *testing.T) {
	if !s.shared() {
		t.Skip("nobody else can reach the database")
	}
	d := s.managed(t)
	ctx := t.Context()
	held, err := d.Backend.Session(ctx, backend.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	other := d.again()
	_, err = other.Session(ctx, backend.SessionOptions{LockTimeout: -1})
	fails(t, "a session that does not wait", err, migration.ErrBusyRun)
	_, err = d.Backend.Session(ctx, backend.SessionOptions{LockTimeout: time.Millisecond})
	fails(t, "a second session of the same backend", err, migration.ErrBusyRun)

	waiting := make(chan string, 10)
	type opened struct {
		session backend.Session
		err     error
	}
	got := make(chan opened, 1)
	go func() {
		session, err := other.Session(ctx, backend.SessionOptions{Waiting: func(holder string) { waiting <- holder }})
		got <- opened{session, err}
	}()
	select {
	case holder := <-waiting:
		if holder == "" {
			t.Error("who waits is not told who holds the lock")
		}
	case second := <-got:
		if second.err == nil {
			_ = second.session.Close()
		}
		t.Fatalf("the second session did not wait: %v", second.err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	_, err = d.open().Session(cancelled, backend.SessionOptions{Waiting: func(string) { cancel() }})
	cancel()
	fails(t, "a session that is cancelled while it waits", err, context.Canceled)
	select {
	case second := <-got:
		if second.err == nil {
			_ = second.session.Close()
		}
		t.Fatalf("two sessions at once: %v", second.err)
	default:
	}
	if err := held.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	second := <-got
	if second.err != nil {
		t.Fatalf("the session that waited: %v", second.err)
	}
	if err := second.session.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if len(waiting) > 0 {
		t.Errorf("who waits was told %d times more", len(waiting))
	}
}

// lockGivenBack: however a run ended, the next one gets the lock at once.
func (s *suite) lockGivenBack(t *testing.T) {
	d := s.managed(t)
	atOnce := backend.SessionOptions{LockTimeout: -1}
	for _, f := range []files{s.broken(), s.broken()} {
		if _, err := migrate(t.Context(), d.Backend, f.folder(), request{session: atOnce}); err == nil {
			t.Fatal("no error")
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	session, err := d.Backend.Session(cancelled, atOnce)
	if err != nil {
		t.Fatalf("a session after one that failed: %v", err)
	}
	cancel()
	if err := session.Close(); err != nil {
		t.Errorf("Close when the context is cancelled: %v", err)
	}
	if _, err := d.Backend.Session(cancelled, atOnce); err == nil {
		t.Error("a session with a context that is cancelled already")
	}
	f := s.mended()
	if s.Failure == Unknown {
		f = f.with("0002-b.sql", s.table("mended", 1))
	}
	if _, err := migrate(t.Context(), d.again(), f.folder(), request{session: atOnce}); err != nil {
		t.Errorf("a run after all that: %v", err)
	}
	d.at(3)
}
