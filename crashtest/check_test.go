//go:build linux

package crashtest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fastmigrate/fastmigrate/migration"
)

// folder is a folder of migrations with what each leaves behind.
type folder struct {
	dir      string
	parts    map[int]int // rows that each SQL migration has in log when it is applied whole
	programs []int       // versions that are outside programs
	newest   int
}

// everySort is the folder with one migration of each sort.
var everySort = folder{
	dir:      "testdata/folder",
	parts:    map[int]int{2: 1, 3: 1, 4: 1, 5: 1, 6: 2, 7: 1, 10: 1, 11: 1, 12: 3, 13: 1},
	programs: []int{8, 9},
	newest:   13,
}

// stand is where a database stands.
type stand struct {
	version int
	begun   int // version of the last entry if it was begun and did not end; else 0
	commits int // commits of that one that the history says are done
}

func (s stand) String() string {
	if s.begun == 0 {
		return fmt.Sprintf("version %d", s.version)
	}
	return fmt.Sprintf("version %d, %d begun with %d commits", s.version, s.begun, s.commits)
}

// inspect looks at a database by a connection of its own and returns where it
// stands, or what of the promise is not kept.
func (f folder) inspect(t *testing.T, db string) (stand, error) {
	t.Helper()
	handle := open(t, db)
	defer handle.Close()
	var s stand
	if found, err := get(handle, "PRAGMA integrity_check"); err != nil || !slices.Equal(found, []string{"ok"}) {
		return s, fmt.Errorf("integrity_check: %q, %w", found, err)
	}
	meta, err := get(handle, "SELECT id, version FROM _meta")
	if err != nil || len(meta) != 1 {
		return s, fmt.Errorf("_meta: %q, %w", meta, err)
	}
	if _, err := fmt.Sscanf(meta[0], "1|%d", &s.version); err != nil {
		return s, fmt.Errorf("_meta: %q", meta)
	}
	applied, err := s.history(get(handle, "SELECT to_state, state, segments_done FROM "+historyTable+" ORDER BY id"))
	if err != nil {
		return s, err
	}
	log := make(map[string]int)
	rows, err := get(handle, "SELECT version, part FROM log")
	if err != nil && !strings.Contains(err.Error(), "no such table: log") {
		return s, err
	}
	for _, row := range rows {
		log[row]++
	}
	return s, errors.Join(f.compare(s, applied, log), f.ran(t, s, db))
}

// history reads the entries that the database has: it notes whether the last
// one is open, and returns how often each version was applied.
func (s *stand) history(rows []string, err error) (map[int]int, error) {
	if err != nil {
		if strings.Contains(err.Error(), "no such table") {
			return nil, nil
		}
		return nil, err
	}
	applied := make(map[int]int)
	for _, row := range rows {
		field := strings.Split(row, "|")
		to, _ := strconv.Atoi(field[0])
		done, _ := strconv.Atoi(field[2])
		s.begun, s.commits = 0, 0
		switch {
		case field[1] == string(migration.Applied):
			applied[to]++
		case field[1] == string(migration.Begun), done > 0:
			s.begun, s.commits = to, done
		}
	}
	return applied, nil
}

// compare says where version, history and log do not tell the same.
func (f folder) compare(s stand, applied map[int]int, log map[string]int) error {
	var errs []error
	want := make(map[string]int)
	for v := 1; v <= f.newest; v++ {
		parts, script := f.parts[v]
		if v > s.version && v == s.begun {
			parts = s.commits
		} else if v > s.version {
			parts = 0
		}
		for p := 1; script && p <= parts; p++ {
			want[fmt.Sprintf("%d|%d", v, p)] = 1
		}
		known := script || slices.Contains(f.programs, v)
		if should := known && v <= s.version; applied[v] > 1 || should != (applied[v] == 1) {
			errs = append(errs, fmt.Errorf("version %d has %d applied entries", v, applied[v]))
		}
	}
	if !maps.Equal(log, want) {
		errs = append(errs, fmt.Errorf("log is %v\nwant %v", log, want))
	}
	if s.begun != 0 && s.begun <= s.version {
		errs = append(errs, fmt.Errorf("version %d is begun", s.begun))
	}
	if len(errs) > 0 {
		return fmt.Errorf("at %v: %w", s, errors.Join(errs...))
	}
	return nil
}

// ran says which programs did not run and should have, or ran too early.
func (f folder) ran(t *testing.T, s stand, db string) error {
	for _, v := range f.programs {
		n := lines(t, db+".ran", strconv.Itoa(v))
		if v <= s.version && n == 0 || v > s.version+1 && n > 0 {
			return fmt.Errorf("at %v: program %d ran %d times", s, v, n)
		}
	}
	return nil
}

// recovery is a database after a disturbance, and what is expected of it.
type recovery struct {
	folder
	db   string
	want string // content when all is applied
}

// examine checks a database that a killed process left, without touching it: a
// copy is looked at, so that the next run finds what was left.
func (r recovery) examine(t *testing.T) (stand, error) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); locked(t, r.db); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return stand{}, errors.New("somebody still holds the lock")
		}
	}
	look := filepath.Join(filepath.Dir(r.db), "look")
	if err := os.Mkdir(look, 0o755); err != nil {
		return stand{}, err
	}
	defer os.RemoveAll(look)
	file := filepath.Join(look, filepath.Base(r.db))
	duplicate(t, r.db, file)
	return r.inspect(t, file)
}

// complete runs again, without disturbance, and checks that the end is the one
// of a run that was never disturbed. It returns whether a program had to be
// retried.
func (r recovery) complete(t *testing.T, s stand) (retried bool, err error) {
	t.Helper()
	o := order{Do: "up", DB: r.db, Dir: r.dir, Python: needPython(t)}
	err = o.here(t)
	if s.begun != 0 && slices.Contains(r.programs, s.begun) {
		hint := migration.HintOf(err)
		if !errors.Is(err, migration.ErrUnfinished) || !strings.Contains(hint, fmt.Sprintf("--retry %d ", s.begun)) {
			return true, fmt.Errorf("program %d was begun, and the next run says %v (hint: %s)", s.begun, err, hint)
		}
		o.Retry, retried = int64(s.begun), true
		err = o.here(t)
	}
	if err == nil && s.version == r.newest {
		// With nothing to do a run takes no lock, so that the file of one that
		// was killed lies there until the next one that has something to do.
		err = order{Do: "mark", DB: r.db, Dir: r.dir, Version: int64(s.version)}.here(t)
	}
	if err != nil {
		return retried, fmt.Errorf("the next run: %w (hint: %s)", err, migration.HintOf(err))
	}
	return retried, r.completed(t)
}

// completed checks a database that was brought to its newest version.
func (r recovery) completed(t *testing.T) error {
	t.Helper()
	base := filepath.Base(r.db)
	if more := beside(t, filepath.Dir(r.db), base, base+".ran"); len(more) > 0 {
		return fmt.Errorf("left behind: %q", more)
	}
	s, err := r.inspect(t, r.db)
	if err != nil {
		return err
	}
	if s != (stand{version: r.newest}) {
		return fmt.Errorf("stands at %v", s)
	}
	if diff := cmp.Diff(strings.Split(r.want, "\n"), strings.Split(content(t, r.db), "\n")); diff != "" {
		return fmt.Errorf("content is not that of an undisturbed run (-want +got):\n%s", diff)
	}
	return nil
}

// undisturbed returns the content that a database has when all migrations of
// the folder are applied.
func (f folder) undisturbed(t *testing.T, mode string) string {
	t.Helper()
	db := filepath.Join(scratch(t), "app.db")
	create(t, db, mode)
	o := order{Do: "up", DB: db, Dir: f.dir, Python: needPython(t)}
	if err := o.here(t); err != nil {
		t.Fatal(err)
	}
	want := content(t, db)
	if err := (recovery{f, db, want}).completed(t); err != nil {
		t.Fatal(err)
	}
	return want
}
