package rawfile

// Row is one row of a table. Values that do not lie on its page are not known.
type Row struct {
	// ID is the row's number, which is also the value of an INTEGER PRIMARY KEY.
	ID    int64
	types []byte // of the columns
	body  []byte // as much of the values as lies on the page
}

// row takes the cell of a leaf apart.
func (f *File) row(cell []byte) (Row, error) {
	payload, n := varint(cell)
	id, m := varint(cell[n:])
	if n == 0 || m == 0 || payload > 1<<31 {
		return Row{}, unusual("a row of it is damaged")
	}
	record := cell[n+m:]
	local := f.local(int(payload))
	if local > len(record) {
		return Row{}, unusual("a row of it is damaged")
	}
	record = record[:local]
	head, k := varint(record)
	if k == 0 || head < uint64(k) || head > uint64(len(record)) {
		return Row{}, unusual("a row of it is damaged")
	}
	return Row{ID: int64(id), types: record[k:head], body: record[head:]}, nil
}

// local returns how many bytes of a record lie on the page, and not on those that
// it flows over to.
func (f *File) local(payload int) int {
	most := f.usable - 35
	if payload <= most {
		return payload
	}
	least := (f.usable-12)*32/255 - 23
	if n := least + (payload-least)%(f.usable-4); n <= most {
		return n
	}
	return least
}

// Int returns the value of a column, counted from 0; ok is false where it is not
// an integer.
func (r Row) Int(column int) (value int64, ok bool) {
	kind, raw, ok := r.value(column)
	switch {
	case !ok || kind == 0 || kind == 7 || kind > 9:
		return 0, false
	case kind >= 8:
		return int64(kind - 8), true
	}
	for i, b := range raw {
		if i == 0 {
			value = int64(int8(b))
			continue
		}
		value = value<<8 | int64(b)
	}
	return value, true
}

// Text returns the value of a column, counted from 0; ok is false where it is not
// text.
func (r Row) Text(column int) (value string, ok bool) {
	kind, raw, ok := r.value(column)
	if !ok || kind < 13 || kind%2 == 0 {
		return "", false
	}
	return string(raw), true
}

// value finds a column's type and bytes.
func (r Row) value(column int) (kind uint64, raw []byte, ok bool) {
	types, at := r.types, uint64(0)
	for i := 0; ; i++ {
		kind, n := varint(types)
		if n == 0 {
			return 0, nil, false
		}
		types = types[n:]
		length, known := width(kind)
		if !known || at+length > uint64(len(r.body)) {
			return 0, nil, false
		}
		if i == column {
			return kind, r.body[at : at+length], true
		}
		at += length
	}
}

// width returns how many bytes a value of a type takes.
func width(kind uint64) (bytes uint64, known bool) {
	switch {
	case kind <= 4:
		return kind, true
	case kind == 5:
		return 6, true
	case kind <= 7:
		return 8, true
	case kind <= 9:
		return 0, true
	case kind >= 12 && kind < 1<<40:
		return (kind - 12) / 2, true
	}
	return 0, false
}

// varint reads a number of one to nine bytes, seven bits in each but for the
// ninth, and returns how many it has; 0 where the bytes end before it does.
func varint(b []byte) (value uint64, n int) {
	for i := range min(len(b), 9) {
		if i == 8 {
			return value<<8 | uint64(b[i]), 9
		}
		value = value<<7 | uint64(b[i]&0x7f)
		if b[i] < 0x80 {
			return value, i + 1
		}
	}
	return 0, 0
}
