package mysql

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	driver "github.com/go-sql-driver/mysql"

	"github.com/fastmigrate/fastmigrate/migration"
)

// address is a database by its URL.
type address struct {
	config *driver.Config
	name   string // of the database
	shown  string // the URL without the password
	whole  string // the URL as it was given
}

// ours are the parameters of a URL that are not the driver's.
var ours = []string{"socket", "history"}

// parseURL takes a URL apart. No error shows any of a password.
func parseURL(text string) (*address, url.Values, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, nil, badURL("it can't be read as one; in a user or a password write %40 for @, %3A for :, %2F for /, %23 for #, %3F for ? and %25 for %")
	}
	if u.Scheme != "mysql" && u.Scheme != "mariadb" {
		return nil, nil, badURL("it begins neither with mysql:// nor with mariadb://")
	}
	if u.Opaque != "" || u.Fragment != "" {
		return nil, nil, badURL("it is not of the form mysql://user:password@host:port/name; write %23 for a # and %3F for a ? in a password")
	}
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, nil, badURL("its parameters can't be read")
	}
	for key := range values { // taken for settings, they would be shown
		if slices.Contains([]string{"user", "username", "password", "passwd", "pwd"}, strings.ToLower(key)) {
			return nil, nil, badURL("the user and the password stand in front of the host, and not among its parameters")
		}
	}
	name := strings.TrimPrefix(u.Path, "/")
	if name == "" {
		return nil, nil, badURL("it names no database")
	}
	config, err := configure(values)
	if err != nil {
		return nil, nil, badURL(err.Error())
	}
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	config.DBName = name
	if config.Net, config.Addr, err = dial(u, values.Get("socket")); err != nil {
		return nil, nil, err
	}
	if config.User == "" {
		config.User = "root"
	}
	return &address{config: config, name: name, shown: withoutPassword(u), whole: text}, values, nil
}

// dial returns the network and the address to dial.
func dial(u *url.URL, socket string) (network, addr string, err error) {
	switch {
	case socket != "" && u.Host != "":
		return "", "", badURL("it names both a host and a socket")
	case socket != "":
		return "unix", socket, nil
	case u.Hostname() == "":
		return "tcp", "127.0.0.1:3306", nil
	}
	port := u.Port()
	if port == "" {
		port = "3306"
	}
	return "tcp", net.JoinHostPort(u.Hostname(), port), nil
}

// configure returns the driver's configuration with the parameters of the URL
// that are the driver's.
func configure(values url.Values) (*driver.Config, error) {
	rest := url.Values{}
	for key, all := range values {
		rest[key] = all
	}
	for _, key := range ours {
		rest.Del(key)
	}
	// Nothing but parameters, so that nothing of ours is formatted into it. The
	// driver takes those values bare that it knows, and those escaped that it
	// passes on to the server as settings.
	dsn := "/?"
	for key := range rest {
		value := rest.Get(key)
		if strings.ContainsAny(value, "&=%+' ") || !known(key) {
			value = url.QueryEscape(value)
		}
		if _, err := driver.ParseDSN("/?" + key + "=" + value); err != nil {
			return nil, errors.New("the driver does not take the value of " + key)
		}
		dsn += key + "=" + value + "&"
	}
	config, err := driver.ParseDSN(strings.TrimSuffix(dsn, "&"))
	if err != nil {
		return nil, errors.New("the driver does not take its parameters")
	}
	config.TLS = nil // made anew for the right host, from TLSConfig
	config.Logger = &driver.NopLogger{}
	config.ClientFoundRows = true // a mark counts the rows it meets, changed or not
	config.MultiStatements = false
	config.InterpolateParams = false
	config.ParseTime = false
	if config.MaxAllowedPacket == driver.NewConfig().MaxAllowedPacket {
		config.MaxAllowedPacket = 1 << 30 // the server says what it takes
	}
	return config, nil
}

// plainText says whether text means to the server of a connection what it means
// to us whatever characters are in it: in some character sets, such as gbk, a
// backslash may be the second half of a character.
func plainText(values url.Values) bool {
	for key, all := range values {
		key = strings.ToLower(key)
		if key != "charset" && !strings.Contains(key, "character_set") && !strings.Contains(key, "collation") && !strings.Contains(key, "init") {
			continue
		}
		for _, one := range strings.FieldsFunc(strings.Join(all, ","), func(r rune) bool { return strings.ContainsRune(", '\"", r) }) {
			if one = strings.ToLower(one); !strings.HasPrefix(one, "utf8") && !strings.HasPrefix(one, "latin1") && one != "ascii" {
				return false
			}
		}
	}
	return true
}

// known says whether a parameter is one that the driver reads itself and bare.
func known(key string) bool {
	switch key {
	case "charset", "collation", "timeout", "readTimeout", "writeTimeout", "maxAllowedPacket":
		return true
	}
	return false
}

// withoutPassword returns the URL as it may be shown.
func withoutPassword(u *url.URL) string {
	shown := *u
	if u.User != nil {
		shown.User = url.User(u.User.Username())
	}
	return shown.String()
}

func badURL(why string) error {
	return &migration.Error{
		Op:   "open",
		Err:  fmt.Errorf("the database's URL is not usable: %w", errors.New(why)),
		Hint: "mysql://user:password@host:port/name, or mysql://user@/name?socket=/run/mysqld/mysqld.sock",
	}
}
