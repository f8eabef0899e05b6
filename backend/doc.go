// Package backend holds the interfaces that a database satisfies so that it can
// be migrated.
//
// Two are required, [Backend] and [Session]. All other abilities are optional
// interfaces that a Backend or a Session may satisfy besides, in the manner of
// database/sql/driver and io/fs: [Inspector], [Grouper], [Joiner], [Atomic],
// [Copier], [Drafter], [Verifier] and others.
//
// The one promise that everything stands on is that of [Session.Apply]: body
// and record become durable together, or not at all, or with progress from
// which the next run resumes.
package backend
