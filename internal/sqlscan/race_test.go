//go:build race

package sqlscan

// slower is how much less the long tests do under the race detector, which has
// little to find in a package without goroutines but makes it many times
// slower.
const slower = 16
