// Package run carries a plan out on a session: in order, under the session's
// lock, starting outside programs, telling what happens as events, and
// returning a report whatever came of it.
//
// It owns no transaction. That a body and its record become durable together is
// the session's promise, see [backend.Session].
package run
