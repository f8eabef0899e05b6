package history

import "github.com/fastmigrate/fastmigrate/migration"

// digests says whether each entry has a digest of the versions that are applied
// after it, so that a run with nothing to do need not read them all. Where a
// question takes a way over the network it would gain nothing.
func (t Table) digests() bool { return t.Dialect == SQLite }

// change returns what an entry changes about the digest of the applied versions.
func change(e migration.Entry) int64 {
	if e.Kind != migration.Files || e.Status != migration.Applied {
		return 0
	}
	if e.Direction == migration.Down {
		return -digest(e.From)
	}
	return digest(e.To)
}

func digest(s migration.State) int64 {
	v, err := s.Version()
	if err != nil {
		return 0
	}
	return v.Digest()
}

// Digest is [migration.Version.Digest] of the column t in SQL, in all dialects.
const Digest = "(t % 1000003) * (t % 999983 + 1234567)"
