// Package pyhost runs the hooks of a config.py in a Python process of its own,
// the host.
//
// The host is one process for as long as the database is in use, with one event
// loop. It is given its program and its requests on descriptor 3 and answers on
// descriptor 4, a line of JSON each; the text of a script follows its request as
// it is. Standard input, output and error are those of the hooks. Nothing is
// written to disk, and nothing of ours is seen by the hooks in sys.path or
// sys.modules.
//
// A hook is stopped as a script is: its process group gets SIGTERM, which the
// host turns into an exception within the hook, so that it can roll back, and
// then, after a grace, SIGKILL. A host that heeded the first goes on: the
// connection can still be closed. On Linux the kernel kills the host with us;
// elsewhere it ends when its hook does.
//
// What a child that a hook forked does is no concern of ours: it inherits
// neither descriptor, and nobody waits for it.
package pyhost
