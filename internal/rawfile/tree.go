package rawfile

import (
	"encoding/binary"
	"iter"
	"strings"
)

// The kinds of page of a table's tree.
const (
	interiorPage = 5
	leafPage     = 13
)

// Table returns the page at which the tree of a table begins, and the statement
// that made the table; 0 where there is no such table.
func (f *File) Table(name string) (root uint32, statement string, err error) {
	for row, err := range f.Rows(1, false) {
		if err != nil {
			return 0, "", err
		}
		kind, ok := row.Text(0)
		if !ok {
			return 0, "", unusual("its schema can't be read")
		}
		if called, _ := row.Text(1); kind != "table" || !strings.EqualFold(called, name) {
			continue
		}
		at, isInt := row.Int(3)
		statement, isText := row.Text(4)
		if !isInt || !isText || at < 1 || at > int64(f.pages) {
			return 0, "", unusual("its schema can't be read")
		}
		return uint32(at), statement, nil
	}
	return 0, "", nil
}

// Rows returns the rows of the table whose tree begins at a page, in order of
// their numbers, or the other way round.
func (f *File) Rows(root uint32, backward bool) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		w := walk{file: f, backward: backward, left: f.pages, visit: func(r Row) bool { return yield(r, nil) }}
		if _, err := w.below(root); err != nil {
			yield(Row{}, err)
		}
	}
}

// walk goes through a tree.
type walk struct {
	file     *File
	backward bool
	left     uint32         // pages that may still be looked at: no more than there are
	visit    func(Row) bool // says whether to go on
}

// below visits the rows below a page; more says whether to go on.
func (w *walk) below(n uint32) (more bool, err error) {
	if w.left == 0 {
		return false, unusual("a tree of it does not end")
	}
	w.left--
	page, err := w.file.page(n)
	if err != nil {
		return false, err
	}
	head := page
	if n == 1 {
		head = page[100:] // behind the header of the file
	}
	kind, cells := head[0], int(binary.BigEndian.Uint16(head[3:]))
	pointers, children := head[8:], cells
	switch kind {
	case leafPage:
	case interiorPage:
		pointers, children = head[12:], cells+1 // the last child stands in the head
	default:
		return false, unusual("a page of it is of another kind")
	}
	if 2*cells > len(pointers) {
		return false, unusual("a page of it is damaged")
	}
	for i := range children {
		if w.backward {
			i = children - 1 - i
		}
		cell := head[8:]
		if i < cells {
			cell = page[min(int(binary.BigEndian.Uint16(pointers[2*i:])), len(page)):]
		}
		if kind == leafPage {
			more, err = w.leaf(cell)
		} else if len(cell) < 4 {
			err = unusual("a page of it is damaged")
		} else {
			more, err = w.below(binary.BigEndian.Uint32(cell))
		}
		if !more || err != nil {
			return false, err
		}
	}
	return true, nil
}

// leaf visits the row in a cell of a leaf.
func (w *walk) leaf(cell []byte) (more bool, err error) {
	row, err := w.file.row(cell)
	if err != nil {
		return false, err
	}
	return w.visit(row), nil
}
