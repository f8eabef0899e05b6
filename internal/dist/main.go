// Dist builds the archives of a release with the go command alone: for each
// target the binary without cgo, the man pages, the completion scripts, the
// license, the readme and the changelog, and a file with the checksums of all.
// The same commit gives the same bytes. Run it in the module's root folder, as
// "make dist" does; .goreleaser.yaml says the same to goreleaser.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// target is a system and a processor that a binary is for.
type target struct{ system, processor string }

// targets are those of a release. .goreleaser.yaml has the same.
var targets = []target{
	{"linux", "amd64"}, {"linux", "arm64"},
	{"darwin", "amd64"}, {"darwin", "arm64"},
	{"windows", "amd64"}, {"windows", "arm64"},
}

func main() {
	version := flag.String("version", "dev", "the version that the program calls itself")
	seconds := flag.Int64("time", 0, "the time of the files, in seconds since 1970")
	completions := flag.String("completions", "", "write the completion scripts into this folder, and nothing else")
	out := flag.String("out", "dist", "the folder of the archives")
	flag.Parse()
	var err error
	if *completions != "" {
		err = writeCompletions(*completions)
	} else {
		err = release(*out, *version, time.Unix(*seconds, 0).UTC())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

// release makes all archives in a folder, and the file with their checksums.
func release(out, version string, at time.Time) error {
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	common, err := commonFiles()
	if err != nil {
		return err
	}
	var sums strings.Builder
	for _, t := range targets {
		fmt.Printf("%s/%s\n", t.system, t.processor)
		binary, err := build(t, version)
		if err != nil {
			return err
		}
		archive, err := t.pack(version, at, append([]file{binary}, common...))
		if err != nil {
			return err
		}
		name := t.archive(version)
		if err := os.WriteFile(filepath.Join(out, name), archive, 0o666); err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%s  %s\n", checksum(archive), name)
	}
	return os.WriteFile(filepath.Join(out, "checksums.txt"), []byte(sums.String()), 0o666)
}

// folder is what an archive unpacks to.
func (t target) folder(version string) string {
	return fmt.Sprintf("fastmigrate_%s_%s_%s", strings.TrimPrefix(version, "v"), t.system, t.processor)
}

func (t target) archive(version string) string {
	if t.system == "windows" {
		return t.folder(version) + ".zip"
	}
	return t.folder(version) + ".tar.gz"
}
