package postgres

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fastmigrate/fastmigrate/migration"
)

// target is what a URL says, taken apart.
type target struct {
	config  *pgx.ConnConfig
	whole   string // the URL with the password and without our own parameters
	public  string // the same without the password
	options Options
}

// parse takes a URL apart. Our own parameters are taken out of it before the
// driver reads it. No error shows any of the URL: what cannot be parsed may
// hold a password anywhere.
func parse(text string, o Options) (target, error) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found || scheme != "postgres" && scheme != "postgresql" {
		return target{}, unreadable("it does not begin with postgres://")
	}
	before, query, _ := strings.Cut(rest, "?")
	if err := unambiguous(before, query); err != nil {
		return target{}, err
	}
	var kept, public []string
	for _, pair := range strings.Split(query, "&") {
		if pair == "" {
			continue
		}
		key, escaped, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(key)
		v, err2 := url.PathUnescape(escaped)
		if err != nil || err2 != nil {
			return target{}, unreadable("a percent sign in a parameter must be written %25")
		}
		ours, err := o.set(key, v)
		if err != nil {
			return target{}, unreadable(err.Error())
		}
		if ours {
			continue
		}
		kept = append(kept, pair)
		if key != "password" && key != "sslpassword" {
			public = append(public, pair)
		}
	}
	t := target{options: o, whole: join(scheme, before, kept), public: join(scheme, withoutPassword(before), public)}
	config, err := pgx.ParseConfig(t.whole)
	if err != nil {
		return target{}, unreadable(reason(err))
	}
	// A Go function's queries must leave nothing behind, also behind a pooler.
	config.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec
	t.config = config
	return t, nil
}

// unambiguous fails where a part of a password may be taken for a host, a name
// or a parameter, and would then be told to everybody.
func unambiguous(before, query string) error {
	authority, path, _ := strings.Cut(before, "/")
	switch {
	case strings.Count(authority, "@") > 1:
		return unreadable("an @ in the password must be written %40")
	case strings.Contains(path, "@"):
		return unreadable("a slash in the password must be written %2F, and an @ in the name of the database %40")
	case len(authority) == len(before) && strings.Contains(query, "@"):
		return unreadable("a question mark in the password must be written %3F, and an @ in a parameter %40")
	}
	return nil
}

func join(scheme, before string, query []string) string {
	text := scheme + "://" + before
	if len(query) > 0 {
		text += "?" + strings.Join(query, "&")
	}
	return text
}

// withoutPassword takes the password out of what stands between the scheme and
// the parameters.
func withoutPassword(before string) string {
	end := strings.LastIndexByte(before, '@')
	if end < 0 {
		return before
	}
	user, _, _ := strings.Cut(before[:end], ":")
	return user + before[end:]
}

// reason returns what the driver says is wrong with a URL, only where that is
// known to hold nothing of the URL itself.
func reason(err error) string {
	text := err.Error()
	switch {
	case strings.Contains(text, "port"):
		return "the port is not a number; a colon, slash, @ or # in the password must be percent-encoded"
	case strings.Contains(text, "sslmode"):
		return "sslmode is not one that is known"
	case strings.Contains(text, "escape"):
		return "a percent sign must be written %25"
	}
	return "special characters in the password must be percent-encoded"
}

func unreadable(why string) error {
	return &migration.Error{
		Op:   "open",
		Err:  fmt.Errorf("the URL of the database cannot be read: %s", why),
		Hint: "it is postgres://user:password@host:port/name; in the password write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as %25",
	}
}

// set sets an option by the URL parameter that names it, and says whether it is
// one of ours.
func (o *Options) set(key, value string) (ours bool, err error) {
	switch key {
	case "schema":
		o.Schema = value
	case "history":
		o.HistoryTable = value
	case "lock":
		switch value {
		case "advisory":
			o.RowLock = false
		case "row":
			o.RowLock = true
		default:
			return true, errors.New("lock is neither advisory nor row")
		}
	case "lock_timeout":
		o.LockTimeout, err = time.ParseDuration(value)
		if n, notNumber := strconv.Atoi(value); notNumber == nil {
			o.LockTimeout, err = time.Duration(n)*time.Millisecond, nil
		}
		if err != nil || o.LockTimeout < 0 {
			return true, errors.New("lock_timeout is not a duration such as 5s")
		}
		if o.LockTimeout == 0 {
			o.LockTimeout = -1
		}
	case "retries":
		o.Retries, err = strconv.Atoi(value)
		if err != nil || o.Retries < 0 {
			return true, errors.New("retries is not a number")
		}
		if o.Retries == 0 {
			o.Retries = -1
		}
	default:
		return false, nil
	}
	return true, nil
}
