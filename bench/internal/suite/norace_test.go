//go:build !race

package suite_test

var like = []string{}
