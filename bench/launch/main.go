//go:build unix

// Command launch starts one program and tells what it took: a line on
// descriptor 3 with its wall, user and system time in nanoseconds, its peak
// memory as the kernel counts it, its exit code (-1 where a signal ended it),
// and whether the limit ended it.
//
//	launch LIMIT STDIN PROGRAM [ARGUMENT...]
//
// LIMIT is in milliseconds, 0 for none. STDIN is a file.
//
// It exists because a process inherits the peak memory of whoever starts it:
// the kernel keeps the larger of the two across exec. The suite itself, with
// its servers and charts, would be what is measured. This program is as small
// as a Go program gets. It ends what it started when its own standard input
// ends, which it does however the suite ends.
package main

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

func main() {
	if err := launch(os.Args[1:]); err != nil {
		os.Stderr.WriteString("launch: " + err.Error() + "\n")
		os.Exit(2)
	}
}

func launch(args []string) error {
	if len(args) < 3 {
		return syscall.EINVAL
	}
	limit, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return err
	}
	stdin, err := os.Open(args[1])
	if err != nil {
		return err
	}
	path, err := exec.LookPath(args[2])
	if err != nil {
		return err
	}
	syscall.CloseOnExec(3)
	began := time.Now()
	pid, err := syscall.ForkExec(path, args[2:], &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{stdin.Fd(), 1, 2},
		Sys:   &syscall.SysProcAttr{Setpgid: true},
	})
	if err != nil {
		return err
	}
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}()
	over := make(chan bool, 1)
	if limit > 0 {
		time.AfterFunc(time.Duration(limit)*time.Millisecond, func() {
			over <- true
			_ = syscall.Kill(-pid, syscall.SIGKILL)
		})
	}
	var status syscall.WaitStatus
	var usage syscall.Rusage
	for {
		if _, err = syscall.Wait4(pid, &status, 0, &usage); err != syscall.EINTR {
			break
		}
	}
	wall := time.Since(began)
	if err != nil {
		return err
	}
	tell(wall, status, usage, len(over) > 0)
	return nil
}

func tell(wall time.Duration, status syscall.WaitStatus, usage syscall.Rusage, over bool) {
	line := ""
	for _, n := range []int64{int64(wall), usage.Utime.Nano(), usage.Stime.Nano(), int64(usage.Maxrss), int64(status.ExitStatus())} {
		line += strconv.FormatInt(n, 10) + " "
	}
	_, _ = os.NewFile(3, "answer").WriteString(line + strconv.FormatBool(over) + "\n")
}
