// Command tern migrates a PostgreSQL database with tern, used as its
// documentation says for programs: a Migrator over a pgx.Conn, LoadMigrations
// from a folder, Migrate.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/tern/v2/migrate"
)

func main() {
	if err := up(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func up(ctx context.Context) error {
	if len(os.Args) != 3 {
		return fmt.Errorf("usage: %s URL FOLDER", os.Args[0])
	}
	conn, err := pgx.Connect(ctx, os.Args[1])
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	m, err := migrate.NewMigrator(ctx, conn, "public.schema_version")
	if err != nil {
		return err
	}
	if err := m.LoadMigrations(os.DirFS(os.Args[2])); err != nil {
		return err
	}
	return m.Migrate(ctx)
}
