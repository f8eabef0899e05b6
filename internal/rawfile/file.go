// Package rawfile reads rows of a SQLite database file without the engine, which
// parses the whole schema before it answers the first question: with a thousand
// tables that takes longer than all else that a run with nothing to do does.
//
// It knows of the file format (sqlite.org/fileformat2.html) what a small table
// needs, reads under the same lock as SQLite's readers do, and answers
// [ErrUnusual] to everything else, a write-ahead log, a journal and whatever looks
// odd among it: then the engine is to be asked, which also says what is wrong.
//
// Closing a file drops all locks that the process holds on it, in POSIX systems,
// so that a process which has the database open by the engine must not use this.
package rawfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrUnusual says that only the engine can tell.
var ErrUnusual = errors.New("not a plain database file at rest")

// File is an open database file that nobody writes to for as long.
type File struct {
	file   *os.File
	path   string // with links resolved: the engine looks for journals beside that
	size   int    // of a page
	usable int    // bytes of a page
	pages  uint32
	logged bool // the file is one that is written to by way of a log
}

// Open opens the file at path. The error wraps [ErrUnusual] also where another
// process writes at this moment.
func Open(path string) (*File, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return nil, unusual("it is no regular file")
	}
	file, err := open(path)
	if err != nil {
		return nil, err
	}
	f := &File{file: file, path: path}
	if err := f.begin(); err != nil {
		file.Close()
		return nil, err
	}
	return f, nil
}

// begin takes the lock, and looks whether what the file holds is all there is.
func (f *File) begin() error {
	if err := lock(f.file); err != nil {
		return fmt.Errorf("%w: %w", ErrUnusual, err)
	}
	if info, err := os.Lstat(f.path + "-journal"); err == nil && info.Size() > 0 || err != nil && !errors.Is(err, os.ErrNotExist) {
		return unusual("there is a journal")
	}
	if err := f.header(); err != nil {
		return err
	}
	return f.settled()
}

// settled fails where there may be changes in a log. While the lock is held no log
// is removed: if there is none before and none after, there was none between.
func (f *File) settled() error {
	if !f.logged {
		return nil
	}
	if _, err := os.Lstat(f.path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		return unusual("there is a write-ahead log")
	}
	return nil
}

// header reads the first 100 bytes of the file.
func (f *File) header() error {
	var h [100]byte
	if _, err := f.file.ReadAt(h[:], 0); err != nil {
		return unusual("it is too short")
	}
	f.size = int(binary.BigEndian.Uint16(h[16:]))
	if f.size == 1 {
		f.size = 1 << 16
	}
	f.usable = f.size - int(h[20])
	f.logged = h[18] == 2
	switch {
	case string(h[:16]) != "SQLite format 3\x00":
		return unusual("it is of another kind")
	case f.size < 512 || f.size&(f.size-1) != 0 || f.usable < 480:
		return unusual("its pages are of no size that there is")
	case h[18] != h[19] || h[18] != 1 && h[18] != 2 || [3]byte(h[21:24]) != [3]byte{64, 32, 32}:
		return unusual("its format is not known")
	case binary.BigEndian.Uint32(h[44:]) > 4 || binary.BigEndian.Uint32(h[56:]) != 1:
		return unusual("its schema is of another format, or its text is not UTF-8")
	}
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	f.pages = uint32(min(info.Size()/int64(f.size), 1<<32-2))
	return nil
}

// page reads a page; they are numbered from 1.
func (f *File) page(n uint32) ([]byte, error) {
	if n == 0 || n > f.pages {
		return nil, unusual("it lacks a page")
	}
	p := make([]byte, f.size)
	if _, err := f.file.ReadAt(p, int64(n-1)*int64(f.size)); err != nil {
		return nil, err
	}
	return p[:f.usable], nil
}

// Close closes the file. What was read is not to be relied upon where it fails.
func (f *File) Close() error { return errors.Join(f.settled(), f.file.Close()) }

func unusual(why string) error { return fmt.Errorf("%w: %s", ErrUnusual, why) }
