package mysql

import (
	"net"
	"strings"
)

// BackupCommand returns the command line that makes a backup, without the
// password, which the tools take from MYSQL_PWD or ask for.
func (b *Backend) BackupCommand() string {
	args := []string{"mariadb-dump", "--single-transaction", "--routines", "--triggers", "--events", "--hex-blob"}
	c := b.address.config
	if c == nil { // a handle of the caller's does not say where the server is
		return strings.Join(append(args, "DATABASE"), " ") + " > backup.sql"
	}
	if c.Net == "unix" {
		args = append(args, "--socket="+shellWord(c.Addr))
	} else if host, port, err := net.SplitHostPort(c.Addr); err == nil {
		args = append(args, "--host="+shellWord(host), "--port="+port)
	}
	args = append(args, "--user="+shellWord(c.User))
	if c.Passwd != "" {
		args = append(args, "--password")
	}
	return strings.Join(append(args, shellWord(b.names.database)), " ") + " > backup.sql"
}

// shellWord returns text as a shell takes it for one word.
func shellWord(text string) string {
	plain := func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+", r)
	}
	if text != "" && strings.IndexFunc(text, plain) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
