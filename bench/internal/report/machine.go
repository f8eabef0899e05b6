package report

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/bench/internal/stats"
)

// Machine is where the suite ran.
type Machine struct {
	CPU      string  `json:"cpu"`
	Cores    int     `json:"cores"`
	Memory   string  `json:"memory,omitempty"`
	System   string  `json:"system"`
	Disk     string  `json:"disk,omitempty"` // the file system of the databases
	Sync     float64 `json:"sync_seconds"`   // what it takes to bring 4 KB down to it
	Load     float64 `json:"load"`           // of the minute before the run
	Compiler string  `json:"go"`
}

// Here looks at the machine; dir is where the databases will be.
func Here(dir string) (Machine, error) {
	m := Machine{
		CPU: field("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), Memory: memory(field("/proc/meminfo", "MemTotal")),
		System: runtime.GOOS + "/" + runtime.GOARCH, Disk: fileSystem(dir), Compiler: runtime.Version(),
	}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.System += ", kernel " + strings.TrimSpace(string(text))
	}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		_, _ = fmt.Sscan(string(text), &m.Load)
	}
	sync, err := syncTime(dir)
	m.Sync = sync
	return m, err
}

// field returns a value of a file that has lines like "name : value".
func field(file, name string) string {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// memory writes what the kernel says in kB.
func memory(told string) string {
	var kb int64
	if _, err := fmt.Sscanf(told, "%d kB", &kb); err != nil {
		return told
	}
	return fmt.Sprintf("%.0f GB", float64(kb)/1e6)
}

// fileSystem returns the type of the file system that a folder is on.
func fileSystem(dir string) string {
	text, _ := os.ReadFile("/proc/mounts")
	kind, at := "", ""
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) > 2 && (dir == f[1] || strings.HasPrefix(dir, strings.TrimSuffix(f[1], "/")+"/")) && len(f[1]) >= len(at) {
			at, kind = f[1], f[2]
		}
	}
	return kind
}

// syncTime returns the median of what it takes to write 4 KB and sync them, in
// seconds: what a commit costs at least.
func syncTime(dir string) (float64, error) {
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var took []float64
	for i := range 50 {
		began := time.Now()
		if _, err := f.WriteAt(make([]byte, 4096), int64(i)*4096); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, fmt.Errorf("sync: %w", err)
		}
		took = append(took, time.Since(began).Seconds())
	}
	return stats.Of(took).Median, nil
}
