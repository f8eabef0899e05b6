package argparse

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// parsers are programs like the five, and some to stretch the layout of help.
func parsers() []Parser {
	db := Option{Long: "db", Value: "PATH", Default: "data/database.db", Help: "Path to the database file"}
	migrations := Option{Long: "migrations", Value: "PATH", Default: "migrations", Help: "Path to the folder of migrations"}
	config := Option{Long: "config_path", Value: "PATH", Default: ".fastmigrate", Help: "Path to the config file"}
	verbose := Option{Long: "verbose", Short: 'v', Help: "Say on stderr what is done, one line for each step of it"}
	backup := Option{Long: "backup", Help: "Make a backup of the database first"}
	words := func(n int) string {
		return strings.Join(slices.Repeat([]string{"some", "words", "of", "help,\n 100%"}, n), " ")
	}
	return []Parser{
		{"fastmigrate_create_db", "Create a database.", []Option{db, config}},
		{"fastmigrate_run_migrations", "Run the migrations that are pending.", []Option{db, migrations, config, verbose, backup}},
		{"fastmigrate_enroll_db", "", []Option{db, migrations, config}},
		{"x", words(20), []Option{db, backup}},
		{"only_help", "Nothing to choose.", []Option{}},
		{"short_values", "A value behind a short option.", []Option{
			verbose, {Long: "db", Short: 'd', Value: "PATH", Help: words(9)}, {Long: "quiet", Short: 'q'}, {Long: "verbosity", Value: "NÜMBER", Default: "1"},
			{Long: "b", Help: "A long option of one letter"}, {Long: "fifteen-letters", Value: "1234", Help: "just too wide"}, {Long: "fifteen-letter", Value: "1234", Help: "just fits"}}},
		{strings.Repeat("p", 54), "Usage just fits into one line.", []Option{db}},
		{strings.Repeat("p", 55), "Usage just misses one line.", []Option{db}},
		{"a_program_whose_name_takes_more_than_three_quarters_of_a_line", "Usage goes below.", []Option{db, migrations, config, verbose, backup}},
		{"a_program_whose_name_takes_just_three_quarters_of_1", "Usage goes beside.", []Option{db, migrations, config, verbose, backup}},
		{"a_program_whose_name_takes_just_three_quarters_of_12", "Usage goes below.", []Option{db, migrations, config, verbose, backup}},
	}
}

// handWritten are the command lines that a rule turns on.
func handWritten() [][]string {
	var lines [][]string
	for _, line := range []string{
		"", "-h", "--help", "--he", "--h", "-hv", "-vh", "-vvh", "-hx", "-vhx", "--db|a", "--db=a", "--db=", "--db|", "--db=a=b", "--d=a", "--d|a",
		"--config|a", "--mig|a", "--mig=a", "--mi=a=b", "--db|a|--db|b", "--db=a|--d|b", "--db|data/database.db", "--db=-x.db", "--db|-x.db", "--db", "--db|--db|a", "--db|-h", "-h|--db", "--db|-|x",
		"--verbose=1", "--verbose=v", "--verb=h", "--help=h", "--verb=1", "--verbose=", "--verb=", "--backup=yes", "-v=1", "-v=", "-v1", "-vx", "-v-", "-vv", "-vvv", "-v|-v", "--help=x", "-h=", "-h=v", "-hv=1",
		"--", "--|x", "--|-h", "--db|--", "--db|--|x", "--db|a|--|b", "--db=--", "--d=--", "-v|--", "-h|--", "--|--db|a", "--=x", "--=", "---", "---db", "--db |a", "--ver|--db|a", "--verbos",
		"--db|-5", "--db|-5.5", "--db|-.5", "--db|-5.", "--db|-5e3", "--db|-٣", "--db|-5\n", "-5", "-5|-h", "--db|-a b", "--db|--a b", "--db|--db=a b", "--db|--ver x", "--db|-v x", "--db|--verbose x", "-v x",
		"x", "x|y", "x|--nope|y", "--nope|-h", "--nope|--db", "--nope=1", "-x", "-x=1", "-", "a b", "-é", "-vé", "--é", "--db|é", "--db=\n", "|", "-d|a", "-da", "-d=a", "-d=", "-vda", "-vd=a", "-vd|a", "-vd", "-qvd--", "-d--", "-hd", "-hd|--", "--b", "--b=1", "--ba", "--nope|--=1", "-h|--=1",
	} {
		if line == "" {
			lines = append(lines, []string{})
			continue
		}
		lines = append(lines, strings.Split(line, "|"))
	}
	return lines
}

// randomLine puts arguments together that are mostly right, with the parser's
// own options cut short and with texts that look like options.
func randomLine(random *rand.Rand, p Parser) []string {
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	text := func() string {
		return pick("a.db", "data/x.db", "", "-", "-1", "-1.5", "-x.db", "-a b", "--db", "--", "x y", "=", "é", "a=b", "-v")
	}
	args := []string{}
	for range random.IntN(6) {
		o := p.options()[random.IntN(len(p.options()))]
		if o.Long == "help" && random.IntN(4) > 0 {
			continue
		}
		long := "--" + o.Long
		if random.IntN(3) == 0 {
			long = long[:3+random.IntN(len(long)-2)]
		}
		switch n := random.IntN(20); {
		case n == 0:
			args = append(args, text())
		case n == 1:
			args = append(args, "-"+pick("v", "h", "d", "q", "x", "vv", "vd", "qv", "vh")+pick("", "", "v", "d", "=", "=1", "h", "--", "é"))
		case n == 2:
			args = append(args, pick("--", "--nope", "--=", "--d", "--ver", "--b", "--h", "--verbosit", "--c", "--m"))
		case n < 5 && o.isFlag(), n < 12 && !o.isFlag():
			args = append(args, long+"="+text())
		case o.isFlag():
			args = append(args, long)
		default:
			args = append(args, long, text())
		}
	}
	return args
}
