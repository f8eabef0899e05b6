package pyhost

import (
	"os"
	"os/exec"
)

// Windows can't hand descriptors on: nothing is started here.

func isolate(*exec.Cmd) {}

func terminate(*os.Process) {}

func kill(*os.Process) {}

func hasStopped(*os.Process) bool { return false }
