// Package pyconfig migrates any database that Python has a driver for: its
// hooks are functions in the file config.py of the migrations folder, which run
// in a Python process of their own.
//
//	b, err := pyconfig.Open(ctx, "migrations", "postgresql://localhost/shop", pyconfig.Options{})
//
// docs/config-py.md is the guide to the hooks. They promise less than the
// backends that are one piece: each migration is applied at least once, and
// there is no history.
package pyconfig
