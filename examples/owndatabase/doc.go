// Package owndatabase is the worked example of docs/BACKENDS.md: a database
// that fastmigrate does not know, and how it is taught.
//
// store.go is the database, a JSON file with lists of numbers. [Hooks] is the
// short way to migrate it. [Open] is the whole way, in backend.go and
// session.go. conformance_test.go holds both to what they promise.
package owndatabase
