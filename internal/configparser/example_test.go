package configparser_test

import (
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/configparser"
)

func ExampleParse() {
	file, err := configparser.Parse(strings.NewReader(`
[DEFAULT]
root = /srv/app

[paths]
DB = %(root)s/data.db
`), ".fastmigrate")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(file.Get("paths", "db"))
	fmt.Println(file.Get("paths", "migrations"))
	// Output:
	// /srv/app/data.db true <nil>
	//  false <nil>
}
