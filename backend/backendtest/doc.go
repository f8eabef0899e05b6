// Package backendtest holds every backend to the same promises.
//
// A backend's test says how to make an empty database, how to open it, and how
// to look into it as another program would; [Run] does the rest, in subtests
// that each hold one promise:
//
//	func TestConformance(t *testing.T) {
//		backendtest.Run(t, backendtest.Harness{
//			New:  func(t testing.TB) string { return filepath.Join(t.TempDir(), "app.db") },
//			Open: func(address string) (backend.Backend, error) { return own.Open(address), nil },
//			Exec: …, Rows: …,
//		})
//	}
//
// What a database can't do is declared, never skipped by its name: by the
// optional interfaces of package backend that it does not satisfy, and by
// [Harness.Reach], [Harness.Failure] and [Harness.NoPrograms], whose zero
// values are the strongest promises.
//
// [Memory] is a database in memory with transactions, and the suite's first
// example.
package backendtest
