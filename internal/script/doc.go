// Package script runs the outside programs of a migration, its .py and .sh
// bodies, as child processes.
//
// No shell stands between us and the child: its arguments reach it byte for
// byte. It inherits the environment, the working folder and standard input, so
// that a script finds what it would find when typed at the prompt. What it
// prints is captured within bounds and, on request, shown as it comes.
//
// Most of the package is about how a child ends. A migration that was told to
// stop must be gone, with all that it started, before its lock is given up, and
// one whose parent was killed must not go on unwatched:
//
//   - On cancel the child's process group gets SIGTERM and, after a grace,
//     SIGKILL. What has left the group (setsid, a daemon) is out of reach.
//   - On Linux the kernel kills the child when its parent is killed (Pdeathsig).
//     It does not kill the child's own children, and forgets the wish for a
//     program that is setuid. No other system offers even this.
//   - For those the files of Command.Inherit are the remedy: a lock on one
//     stays held while any process that inherited it lives. A shell hands them
//     to all that it starts; Python's subprocess closes them unless told
//     otherwise.
//   - Windows has no group signal and no inheritance of files: only the child
//     itself is ended, at once, and what it started lives on.
//
// The package decides nothing about migrations and imports nothing of ours.
package script
