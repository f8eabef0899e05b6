// Command fastmigrate brings a database from the schema it has to the schema
// the program needs. See docs/CLI.md.
package main

import (
	"os"

	"github.com/fastmigrate/fastmigrate/cli"
	"github.com/fastmigrate/fastmigrate/connect"
)

func main() { os.Exit(cli.Main(cli.Config{Open: connect.Open})) }
