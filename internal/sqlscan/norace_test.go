//go:build !race

package sqlscan

// slower is how much less the long tests do.
const slower = 1
