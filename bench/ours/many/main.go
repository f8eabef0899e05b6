// Command many brings many SQLite files to their newest version in one process,
// as a server with a file for each of its customers does when it starts.
//
//	many FOLDER < list of files
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/source"
)

func main() {
	if err := all(context.Background(), source.Dir(os.Args[1])); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// all migrates the files, as many at a time as there are processors.
func all(ctx context.Context, s source.Source) error {
	files := make(chan string)
	failed := make([]error, runtime.GOMAXPROCS(0))
	var workers sync.WaitGroup
	for i := range failed {
		workers.Go(func() {
			for file := range files {
				failed[i] = errors.Join(failed[i], one(ctx, file, s))
			}
		})
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		files <- lines.Text()
	}
	close(files)
	workers.Wait()
	return errors.Join(append(failed, lines.Err())...)
}

func one(ctx context.Context, file string, s source.Source) error {
	db := sqlitefile.Open(file)
	_, err := fastmigrate.CreateDB(ctx, db)
	if err == nil {
		err = fastmigrate.RunMigrations(ctx, db, s)
	}
	return errors.Join(err, db.Close())
}
