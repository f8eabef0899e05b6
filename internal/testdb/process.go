package testdb

import (
	"os"
	"os/exec"
	"runtime"
)

// process is a server's process.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it is gone
	err   error         // how it ended, known then
}

// launch starts a process that ends with us. The kernel ends it when the thread
// that started it ends, so that thread is kept for as long as the process.
func launch(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.ended)
		}
		runtime.UnlockOSThread()
	}()
	return p, <-started
}

// signal sends a signal; a process that is gone is none the worse for it.
func (p *process) signal(s os.Signal) { _ = p.cmd.Process.Signal(s) }
