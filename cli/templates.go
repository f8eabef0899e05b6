package cli

import "github.com/fastmigrate/fastmigrate/migration"

// edgeTemplate is what new writes for an edge of a graph.
const edgeTemplate = `-- LABEL
-- Runs whole, in a transaction: leave BEGIN and COMMIT out.

`

// templates is what new writes, by the kind of the body. LABEL stands for the
// number and the name.
var templates = map[migration.Kind]struct{ up, down string }{
	migration.KindSQL: {
		up: `-- LABEL
-- Runs once and whole, in a transaction: leave BEGIN and COMMIT out.

`,
		down: `-- Takes LABEL back.

`,
	},
	migration.KindPython: {
		up: `"""LABEL

Runs outside of any transaction, with the database's path as its argument. It is
run again from its beginning if it fails: write it so that this does no harm.
"""
import sqlite3
import sys

db = sqlite3.connect(sys.argv[1])
with db:  # commits at the end, and rolls back on an error
    pass  # db.execute("UPDATE ...")
db.close()
`,
		down: `"""Takes LABEL back."""
import sqlite3
import sys

db = sqlite3.connect(sys.argv[1])
with db:  # commits at the end, and rolls back on an error
    pass  # db.execute("UPDATE ...")
db.close()
`,
	},
	migration.KindShell: {
		up: `# LABEL
# Runs outside of any transaction, with the database's path as $1. It is run again
# from its beginning if it fails: write it so that this does no harm.
set -eu

# sqlite3 "$1" 'UPDATE ...;'
`,
		down: `# Takes LABEL back.
set -eu

# sqlite3 "$1" 'UPDATE ...;'
`,
	},
}
