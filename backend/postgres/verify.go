package postgres

import (
	"context"
	"fmt"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Verify looks for what an interrupted change leaves behind: indexes that are
// not valid, and constraints that were never validated.
func (b *Backend) Verify(ctx context.Context) (findings []migration.Finding, err error) {
	err = b.use(ctx, func(c *connection) error {
		rows, err := c.query(ctx, `SELECT i.indexrelid::regclass, i.indrelid::regclass FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
			WHERE NOT i.indisvalid AND c.relkind = 'i' AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS p WHERE p.index_relid = c.oid) ORDER BY 1`)
		if err != nil {
			return c.named(err)
		}
		for _, r := range rows {
			findings = append(findings, migration.Finding{
				Code: migration.CodeIntegrity, Message: fmt.Sprintf("index %s of table %s is INVALID: building it failed", r[0], r[1]),
				Hint: fmt.Sprintf("DROP INDEX CONCURRENTLY %s, and build it again", r[0]),
			})
		}
		rows, err = c.query(ctx, "SELECT pg_catalog.quote_ident(conname), conrelid::regclass FROM pg_catalog.pg_constraint WHERE NOT convalidated AND conrelid <> 0 ORDER BY 1, 2")
		if err != nil {
			return c.named(err)
		}
		for _, r := range rows {
			findings = append(findings, migration.Finding{
				Code: migration.CodeIntegrity, Message: fmt.Sprintf("constraint %s of table %s is NOT VALID: older rows were never checked", r[0], r[1]),
				Hint: fmt.Sprintf("ALTER TABLE %s VALIDATE CONSTRAINT %s", r[1], r[0]),
			})
		}
		return nil
	})
	return findings, err
}
