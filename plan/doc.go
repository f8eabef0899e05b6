// Package plan works out what is to be done: from the migrations there are, the
// history of a database and a goal it makes a [Plan].
//
// Everything here is a pure function of its arguments. Nothing is read, opened
// or written.
package plan
