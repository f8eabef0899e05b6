package backendtest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
)

// mutantVariable is the environment variable that says which backend that
// breaks a promise the suite is to be run on.
const mutantVariable = "FASTMIGRATE_BACKENDTEST_MUTANT"

// TestCatches shows that each subtest fails on a backend that breaks its
// promise: without that, its passing would mean nothing. The suite is run in
// another process, where it may fail.
func TestCatches(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	caught := map[string]bool{}
	for i, m := range mutants() {
		caught[m.subtest] = true
		t.Run(m.subtest+"/"+m.breaks, func(t *testing.T) {
			t.Parallel()
			subtest := strings.ReplaceAll(m.subtest, " ", "_")
			cmd := exec.Command(self, "-test.run=^TestMutant$/^"+subtest+"$", "-test.timeout=2m")
			cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", mutantVariable, i))
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "    --- FAIL: TestMutant/"+subtest) {
				t.Errorf("the suite does not notice it: %v\n%s", err, out)
			}
			if strings.Contains(string(out), "panic:") {
				t.Errorf("the suite panics:\n%s", out)
			}
			t.Logf("%s", out)
		})
	}
	for _, p := range promises {
		if !caught[p.name] {
			t.Errorf("no mutant breaks the promise %q", p.name)
		}
	}
}

// TestMutant is the suite on a backend that breaks a promise. It does nothing
// unless TestCatches asks.
func TestMutant(t *testing.T) {
	var i int
	if _, err := fmt.Sscan(os.Getenv(mutantVariable), &i); err != nil {
		return
	}
	m := mutants()[i]
	if m.file != nil {
		h := fileHarness()
		h.Open = func(path string) (backend.Backend, error) { return &fileMutant{openFile(path), path, m.file}, nil }
		Run(t, h)
		return
	}
	h := memoryHarness()
	h.Failure = m.memory.failure
	open := h.Open
	h.Open = func(address string) (backend.Backend, error) {
		b, err := open(address)
		return &memoryMutant{b.(*MemoryBackend), m.memory}, err
	}
	Run(t, h)
}

// memoryHarness is the one of [Memory], as any test outside has it.
func memoryHarness() Harness {
	var databases sync.Map // by address
	at := func(address string) *Memory {
		m, _ := databases.Load(address)
		return m.(*Memory)
	}
	return Harness{
		New: func(t testing.TB) string {
			m := NewMemory()
			address := fmt.Sprintf("memory://user:secret@host/%p", m)
			databases.Store(address, m)
			t.Cleanup(func() { databases.Delete(address) })
			return address
		},
		Open: func(address string) (backend.Backend, error) { return at(address).Open(), nil },
		Exec: func(t testing.TB, d Database, script string) {
			if err := at(d.Address).Exec(script); err != nil {
				t.Fatal(err)
			}
		},
		Rows:       func(_ testing.TB, d Database, table string) ([]int, bool) { return at(d.Address).Rows(table) },
		Scripts:    Scripts{Slow: func(string) string { return "SLEEP" }},
		Reach:      OneProcess,
		NoPrograms: true,
	}
}
