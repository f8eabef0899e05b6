package sqlite

import (
	"context"
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Verify runs SQLite's own integrity_check and foreign_key_check. Both read
// the whole database.
func (b *Backend) Verify(ctx context.Context) (findings []migration.Finding, err error) {
	err = b.use(ctx, func(c *connection) error {
		complaints, err := names(ctx, c, "PRAGMA integrity_check(20)")
		if err != nil && strings.Contains(err.Error(), "malformed") {
			complaints, err = append(complaints, err.Error()), nil
		}
		if err != nil {
			return c.named(fmt.Errorf("check integrity: %w", err))
		}
		for _, complaint := range complaints {
			if complaint != "ok" {
				findings = append(findings, migration.Finding{
					Code: migration.CodeIntegrity, Message: complaint,
					Hint: "restore a backup, or save what can be read with the sqlite3 shell's .recover",
				})
			}
		}
		if len(findings) > 0 {
			return nil // what a damaged file says about its rows means nothing
		}
		rows, more, err := violations(ctx, c, migration.Traits{AllTables: true})
		findings = append(append(findings, more...), summary(rows, "")...)
		return err
	})
	return findings, err
}
