package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/configparser"
)

// What is taken where nothing else says.
const (
	defaultDatabase = "data/database.db"
	defaultFolder   = "migrations"
	defaultConfig   = ".fastmigrate"
)

// settings is which database and which migrations are meant.
type settings struct {
	given    string // the database as it was written
	database string // as it is opened
	assumed  bool   // nobody named the database: it is the default
	folder   string // of the migrations
}

// settle finds out what is meant: by flags, or else by the variables
// FASTMIGRATE_DB and FASTMIGRATE_MIGRATIONS, the configuration file, the
// variable DATABASE_URL, or the defaults. A variable that is empty counts as
// not set.
func (a *app) settle() (settings, error) {
	file, err := a.configFile()
	if err != nil {
		return settings{}, err
	}
	var s settings
	if s.database, err = a.choose(file, "db", "FASTMIGRATE_DB"); err != nil {
		return s, err
	}
	if s.database == "" {
		s.database = a.getenv("DATABASE_URL")
	}
	if s.assumed = s.database == ""; s.assumed {
		s.database = first(a.config.Database, defaultDatabase)
	}
	s.given, s.database = s.database, tidy(s.database)
	if a.config.Migrations != nil {
		return s, nil // there is no folder
	}
	s.folder, err = a.choose(file, "migrations", "FASTMIGRATE_MIGRATIONS")
	s.folder = tidy(first(s.folder, defaultFolder))
	return s, err
}

// choose returns the first that says something of a flag, a variable and an
// option of the configuration file, or "".
func (a *app) choose(file *configparser.File, option, variable string) (string, error) {
	if f := a.root.PersistentFlags().Lookup(option); f.Changed {
		if f.Value.String() == "" {
			return "", wrongUsage("--%s is empty", option)
		}
		return f.Value.String(), nil
	}
	if value := a.getenv(variable); value != "" || file == nil {
		return value, nil
	}
	value, there, err := file.Get("paths", option)
	if err != nil {
		return "", wrongUsage("%v", err)
	}
	if there && value == "" {
		return "", wrongUsage("%s: %s in section [paths] is empty", a.flags.config, option)
	}
	return value, nil
}

// configFile reads the configuration file. Only one that was asked for has to
// exist.
func (a *app) configFile() (*configparser.File, error) {
	path := a.flags.config
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && !a.root.PersistentFlags().Changed("config") {
		return nil, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		missing := &usageError{
			message: fmt.Sprintf("configuration file does not exist: %s", cleanPath(path)),
			hint:    "correct --config, or leave it out",
		}
		if near := nearPath(cleanPath(path), func(e fs.DirEntry) bool { return !e.IsDir() }); near != "" {
			missing.hint = fmt.Sprintf("did you mean %s?", near)
		}
		return nil, missing
	}
	if err != nil {
		return nil, wrongUsage("configuration file: %v", err)
	}
	defer f.Close()
	file, err := configparser.Parse(f, cleanPath(path))
	if err != nil {
		return nil, wrongUsage("configuration file: %v", err)
	}
	return file, nil
}

// tidy returns a path without "./" and without doubled or trailing slashes,
// and a URL as it is. A name that begins with a hyphen keeps its "./", without
// which an outside program would take it for a flag.
func tidy(path string) string {
	if isURL(path) {
		return path
	}
	clean := cleanPath(path)
	if strings.HasPrefix(clean, "-") {
		return "./" + clean
	}
	return clean
}

// isURL says whether a database is named by something else than a path.
func isURL(database string) bool {
	scheme, rest, ok := strings.Cut(database, ":")
	return ok && (scheme == "sqlite" || strings.HasPrefix(rest, "//"))
}

// shown returns the database as it may be printed: a URL without its password
// and its parameters, which may hold another.
func (s settings) shown() string {
	if path, ok := s.path(); ok || !isURL(s.database) {
		return path
	}
	scheme, rest, _ := strings.Cut(s.database, "://")
	u, err := url.Parse(s.database)
	if err != nil || u.User == nil && strings.Contains(rest, "@") {
		return scheme + "://…" // a password with characters that end a URL's part
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	u.RawQuery, u.Fragment = "", ""
	return u.String()
}

// path returns the path of the database's file, as far as the name tells.
func (s settings) path() (path string, ok bool) {
	path = s.database
	if rest, found := strings.CutPrefix(path, "sqlite:"); found {
		if after, found := strings.CutPrefix(rest, "///"); found {
			rest = "/" + after
		}
		path = tidy(rest)
	} else if isURL(path) {
		return "", false
	}
	return path, path != ":memory:"
}
