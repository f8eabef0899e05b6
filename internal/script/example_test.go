//go:build unix

package script_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/script"
)

// A body from an embed.FS is run on a database, and fails.
func Example() {
	body := strings.NewReader("echo \"migrating $1\"\necho 'no such table: users' >&2\nexit 3\n")
	path, cleanup, err := script.Extract("migrations/0002-users.sh", body)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cleanup()

	_, err = script.Run(context.Background(), script.Command{Program: "sh", Args: []string{path, "app.db"}})
	fmt.Println(err)
	if exit, ok := errors.AsType[*script.ExitError](err); ok {
		fmt.Print(exit.Stdout, exit.Stderr)
	}
	// Output:
	// sh exited with status 3
	// migrating app.db
	// no such table: users
}
