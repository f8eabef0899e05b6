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
// from, without being helped.
func TestKillAtRandomTimes(t *testing.T) {
	atMost := 60
	if slow {
		atMost = 25
	}
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			seed := rand.Uint64()
			random := rand.New(rand.NewPCG(seed, 0))
			t.Logf("seed %d", seed)
			f := longFolder(t)
			r := recovery{f, filepath.Join(scratch(t), "app.db"), f.undisturbed(t, mode)}
			create(t, r.db, mode)
			stood := []int{0}
			// The time is made such, whatever the machine, that a run gets
			// somewhere and not far.
			for longest := 20 * time.Millisecond; len(stood) <= atMost; {
				killed, err := killAfter(t, order{Do: "up", DB: r.db, Dir: r.dir}, time.Duration(random.Int64N(int64(longest))))
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
				switch went := s.version - stood[len(stood)-1]; {
				case went < 0:
					t.Fatalf("stands at %v, and stood at %d before", s, stood[len(stood)-1])
				case went == 0:
					longest += longest / 4
				case went > f.newest/10:
					longest -= longest / 3
				}
				stood = append(stood, s.version)
			}
			s, err := r.examine(t)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.complete(t, s); err != nil {
				t.Fatal(err)
			}
			t.Logf("killed %d times, at versions %v", len(stood)-1, stood[1:])
			if len(stood) < 10 {
				t.Error("that is too few")
			}
		})
	}
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
