package argparse_test

import (
	"fmt"
	"os"

	"github.com/fastmigrate/fastmigrate/internal/argparse"
)

var parser = argparse.Parser{
	Program:     "fastmigrate_create_db",
	Description: "Create a database that migrations can be run on.",
	Options: []argparse.Option{
		{Long: "db", Value: "PATH", Default: "data/database.db", Help: "the database file"},
		{Long: "config_path", Value: "PATH", Default: ".fastmigrate", Help: "the configuration file"},
	},
}

func ExampleParser_Parse() {
	values, err := parser.Parse([]string{"--db=first.db", "--config", "my.ini", "--db", "second.db"})
	if err != nil {
		os.Exit(parser.Exit(err, os.Stdout, os.Stderr))
	}
	fmt.Println(values.String("db"), values.String("config_path"))
	// Output: second.db my.ini
}

func ExampleParser_Exit() {
	_, err := parser.Parse([]string{"--db", "-x.db"})
	code := parser.Exit(err, os.Stdout, os.Stdout)
	fmt.Println("exit", code)
	// Output:
	// usage: fastmigrate_create_db [-h] [--db PATH] [--config_path PATH]
	// fastmigrate_create_db: error: argument --db: expected one argument
	// exit 2
}

func ExampleParser_Help() {
	fmt.Print(parser.Help())
	// Output:
	// usage: fastmigrate_create_db [-h] [--db PATH] [--config_path PATH]
	//
	// Create a database that migrations can be run on.
	//
	// options:
	//   -h, --help          show this help message and exit
	//   --db PATH           the database file (default: data/database.db)
	//   --config_path PATH  the configuration file (default: .fastmigrate)
}
