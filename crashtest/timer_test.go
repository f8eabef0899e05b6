//go:build linux

package crashtest

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"
)

// longFolder is several hundred small migrations with some among them that take
// long, manage their own transactions or have two of them.
func longFolder(t *testing.T) folder {
	t.Helper()
	f := folder{parts: make(map[int]int), newest: 300}
	if slow {
		f.newest = 120
	}
	files := make(map[string]string)
	for v := 1; v <= f.newest; v++ {
		f.parts[v] = 1
		text := fmt.Sprintf("CREATE TABLE t%d (a, b);\nINSERT INTO t%d VALUES (%d, 'x');\nINSERT INTO log VALUES (%d, 1);\n", v, v, v, v)
		const rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n"
		switch {
		case v == 1:
			text = "CREATE TABLE log (version INTEGER, part INTEGER);\nCREATE TABLE big (a);\nINSERT INTO log VALUES (1, 1);\n"
		case v%60 == 0:
			text += "INSERT INTO big " + fmt.Sprintf(rows, 10_000) + ";\n"
		case v%20 == 0:
			text += "BEGIN;\nINSERT INTO big " + fmt.Sprintf(rows, 3_000) + fmt.Sprintf(";\nINSERT INTO log VALUES (%d, 2);\nCOMMIT;\n", v)
			f.parts[v] = 2
		case v%10 == 0:
			text = "BEGIN;\n" + text + "COMMIT;\nSELECT count(*) FROM big;\n"
		}
		files[fmt.Sprintf("%04d-step.sql", v)] = text
	}
	f.dir = makeFolder(t, files)
	return f
}

// TestKillAtRandomTimes kills a run after a random time, and the run after it,
// and so on, until one comes to its end: what one left, the next one goes on
// from, without being helped. Then it begins anew, until enough were killed.
func TestKillAtRandomTimes(t *testing.T) {
	enough := 40
	if slow {
		enough = 20
	}
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			f := longFolder(t)
			k := randomKills{
				random:  rand.New(rand.NewPCG(seed, 0)),
				longest: 20 * time.Millisecond,
				atMost:  enough,
			}
			for want := f.undisturbed(t, mode); k.killed < enough; {
				r := recovery{f, filepath.Join(scratch(t), "app.db"), want}
				create(t, r.db, mode)
				t.Logf("killed at versions %v", k.round(t, r))
			}
		})
	}
}

// randomKills says when runs are killed. The time is made such, whatever the
// machine, that a run gets somewhere and not far.
type randomKills struct {
	random  *rand.Rand
	longest time.Duration
	killed  int
	atMost  int
}

// round brings a database to the end, and returns the versions at which it stood
// when runs were killed.
func (k *randomKills) round(t *testing.T, r recovery) (stood []int) {
	t.Helper()
	o := order{Do: "up", DB: r.db, Dir: r.dir}
	for at := 0; k.killed < k.atMost; k.killed++ {
		killed, err := killAfter(t, o, time.Duration(k.random.Int64N(int64(k.longest))))
		if err != nil {
			t.Fatal(err)
		}
		if !killed {
			break
		}
		s, err := r.examine(t)
		if err != nil {
			t.Fatal(err)
		}
		switch went := s.version - at; {
		case went < 0:
			t.Fatalf("stands at %v, and stood at %d before", s, at)
		case went == 0:
			k.longest += k.longest / 8
		case went > r.newest/10:
			k.longest -= k.longest / 3
		}
		at = s.version
		stood = append(stood, at)
	}
	s, err := r.examine(t)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.complete(t, s); err != nil {
		t.Fatal(err)
	}
	return stood
}

// killAfter carries an order out and kills it some time after it began. It says
// whether it was killed, and did not end before.
func killAfter(t *testing.T, o order, after time.Duration) (killed bool, err error) {
	t.Helper()
	cmd := o.command(t)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return false, err
	}
	if err := cmd.Start(); err != nil {
		return false, err
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		return false, fmt.Errorf("it says %q, %w", line, err)
	}
	timer := time.AfterFunc(after, func() { cmd.Process.Kill() })
	defer timer.Stop()
	err = cmd.Wait()
	if cmd.ProcessState.Success() {
		return false, nil
	}
	if code := cmd.ProcessState.ExitCode(); code >= 0 {
		return false, fmt.Errorf("it ended with %d", code)
	}
	return true, nil
}
