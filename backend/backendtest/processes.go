package backendtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// crowd is a folder that several processes apply at once.
func (s *suite) crowd() files {
	f := files{"0001-a.sql": s.table("a", 1)}
	for n := 2; n <= 8; n++ {
		f[fmt.Sprintf("%04d-insert.sql", n)] = s.script(s.Scripts.Insert("a", n))
	}
	return f
}

// fatal is a folder whose second migration a process does not survive.
func (s *suite) fatal() files {
	return files{"0001-a.sql": s.table("a", 1), "0002-long.sql": s.long("b", 500, 2000)}
}

// processes: of two processes that want to apply the same migrations, one does
// and the other waits for it and then finds nothing to do.
func (s *suite) processes(t *testing.T) {
	if s.Reach != EveryProcess {
		t.Skip("no other process can reach the database")
	}
	d := s.managed(t)
	held, err := d.Backend.Session(t.Context(), backend.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	crowd := []*process{d.start(jobMigrate), d.start(jobMigrate)}
	for _, p := range crowd {
		if said := p.hears(); said != "waiting" {
			t.Errorf("a process that should wait for the lock said %s", said)
		}
	}
	if err := held.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	said := map[string]int{}
	for _, p := range crowd {
		said[p.hears()]++
		p.ends()
	}
	if said["applied 8"] != 1 || said["applied 0"] != 1 {
		t.Errorf("the processes said %v, want that one applied 8 and the other 0", said)
	}
	d.at(8)
	d.holds("a", first(8)...)
	if n := len(d.entries()); s.history() && n != 8 {
		t.Errorf("%d entries, want 8", n)
	}
}

// killedHolder: the lock of a process that was killed is free, at once or once
// it runs out.
func (s *suite) killedHolder(t *testing.T) {
	if s.Reach != EveryProcess {
		t.Skip("no other process can reach the database")
	}
	d := s.managed(t)
	p := d.start(jobHold)
	if said := p.hears(); said != "held" {
		t.Fatalf("the process said %s", said)
	}
	_, err := d.Backend.Session(t.Context(), backend.SessionOptions{LockTimeout: -1})
	fails(t, "a session while another process holds the lock", err, migration.ErrBusyRun)
	p.kill()
	if _, err := migrate(t.Context(), d.Backend, s.crowd().folder(), request{session: backend.SessionOptions{LockTimeout: 3 * time.Minute}}); err != nil {
		t.Fatalf("up after the holder of the lock was killed: %v", err)
	}
	d.at(8)
}

// killedMidway: a process that is killed while it applies a script leaves what
// one leaves whose script failed there, and the next run finishes.
func (s *suite) killedMidway(t *testing.T) {
	if s.Reach != EveryProcess {
		t.Skip("no other process can reach the database")
	}
	d := s.managed(t)
	p := d.start(jobDie)
	if said := p.hears(); said != "dying" {
		t.Fatalf("the process said %s", said)
	}
	p.kill()
	// Until the database notices, the dead process may still have the lock.
	patient := request{session: backend.SessionOptions{LockTimeout: 3 * time.Minute}}
	session, err := d.Backend.Session(t.Context(), patient.session)
	if err != nil {
		t.Fatalf("a session after the kill: %v", err)
	}
	if err := session.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	d.known()
	d.left("b")
	if _, err := migrate(t.Context(), d.again(), s.fatal().folder(), patient); err != nil {
		t.Fatalf("up after the kill: %v", err)
	}
	d.at(2)
	d.holds("a", 1)
	d.holds("b", first(500)...)
}
