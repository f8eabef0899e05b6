package script

import (
	"cmp"
	"os"
	"os/exec"
	"time"
)

const (
	// defaultGrace is long enough for a script to roll back, and well below the
	// ten seconds after which container runtimes kill us.
	defaultGrace = 5 * time.Second

	// lingerDelay is how long we listen, once the child has ended, for output of
	// a process that it left behind.
	lingerDelay = 2 * time.Second
)

// Stream tells which of the child's two outputs a chunk was written to.
type Stream int

// The outputs of a child.
const (
	Stdout Stream = iota + 1
	Stderr
)

// String returns "stdout" or "stderr".
func (s Stream) String() string {
	if s == Stderr {
		return "stderr"
	}
	return "stdout"
}

// Command is one outside program to run.
type Command struct {
	// Program is the interpreter: a path, or a name to look up on the PATH. The
	// script itself therefore needs neither an exec bit nor a first line "#!".
	Program string

	// Args are handed over verbatim: the script's path, the database.
	Args []string

	// Env are variables, each NAME=value, that the child gets besides ours.
	Env []string

	// Inherit are files that stay open in the child, as descriptors 3, 4 …. A
	// flock belongs to the open file, not to a process: on a file listed here it
	// outlives a parent that is killed, and ends with the last process that
	// holds the file. Unlock it outright when done: closing our own descriptor
	// would leave it held by whatever daemon the script left behind. Ignored on
	// Windows, which can't hand files on.
	Inherit []*os.File

	// Stdin is the child's standard input; nil means that it inherits ours.
	Stdin *os.File

	// Output is given what the child prints, as it comes, in chunks that respect
	// neither lines nor characters; nil for none. Calls never overlap and end
	// before Run returns. The chunk is only valid during the call. A child waits
	// for an Output that is slow.
	Output func(stream Stream, chunk []byte)

	// Grace is the time between SIGTERM and SIGKILL when the child is told to
	// stop; 0 means 5 s. Windows has no SIGTERM: the child is ended at once.
	Grace time.Duration
}

// Result is what a child left us. It is filled beside an error, too.
type Result struct {
	// Stdout and Stderr are what the child printed, its bytes untouched: the
	// first 16 KB and the last 48 KB of each, with a note of how much was left
	// out between them.
	Stdout, Stderr string

	// Lingering says that the child ended well, but something it started still
	// held its output open 2 s later. What that prints since is lost, and may
	// end it (SIGPIPE).
	Lingering bool
}

// prepare makes the child ready to start, in a group of its own, with its
// output going to the two sinks.
func (c Command) prepare() (cmd *exec.Cmd, stdout, stderr *sink) {
	cmd = exec.Command(c.Program, c.Args...)
	if len(c.Env) > 0 {
		cmd.Env = append(os.Environ(), c.Env...)
	}
	cmd.WaitDelay = lingerDelay
	cmd.Stdin = cmp.Or(c.Stdin, os.Stdin)
	stdout, stderr = newSinks(c.Output)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	isolate(cmd, c.Inherit)
	return cmd, stdout, stderr
}

func (c Command) grace() time.Duration {
	return cmp.Or(c.Grace, defaultGrace)
}
