//go:build race

package suite_test

// like makes the suite build as the tests were built, so that what they have
// compiled is compiled no second time.
var like = []string{"-race"}
