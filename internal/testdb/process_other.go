//go:build !linux

package testdb

import "os/exec"

// as does nothing here: servers run as whoever runs the tests.
func as(*exec.Cmd, *account) {}
