package migration

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// Sum returns the checksum of a body's text and the size of its normal form in
// bytes. Editors and version control change line ends; that changes no
// checksum. A function of the program itself has none.
func Sum(body Body) (Checksum, int64, error) {
	if _, code := body.(*Go); code {
		return "", 0, nil
	}
	r, err := body.Open()
	if err != nil {
		return "", 0, fmt.Errorf("open %s: %w", body.File(), err)
	}
	defer r.Close()
	var d Digest
	if _, err := io.Copy(&d, r); err != nil {
		return "", 0, fmt.Errorf("read %s: %w", body.File(), err)
	}
	sum, size := d.Sum()
	return sum, size, nil
}

// HexChecksum returns the checksum that a SHA-256 sum stands for.
func HexChecksum(sum []byte) Checksum { return Checksum(hex.EncodeToString(sum)) }

// byteOrderMark is what some editors put in front of a text.
const byteOrderMark = "\uFEFF"

// Digest takes a text as it is written to it, in any pieces, and tells what
// [Sum] does, for those who read the text for another reason anyway. Its zero
// value is ready to use.
type Digest struct {
	hash    hash.Hash // of the text as if its byte order mark were not there and each CRLF and CR were LF
	size    int64     // of that
	head    []byte    // that may be a byte order mark
	begun   bool      // whether that is settled
	afterCR bool
}

// Write takes the next piece of the text. It never fails.
func (d *Digest) Write(text []byte) (int, error) {
	n := len(text)
	if !d.begun {
		d.head = append(d.head, text...)
		if len(d.head) < len(byteOrderMark) {
			return n, nil
		}
		text = d.begin()
	}
	d.write(text)
	return n, nil
}

// Sum returns the checksum and the size in bytes of the text's normal form. The
// text ends there.
func (d *Digest) Sum() (Checksum, int64) {
	if !d.begun {
		d.write(d.begin())
	}
	return HexChecksum(d.hash.Sum(nil)), d.size
}

// begin returns the beginning of the text without a byte order mark.
func (d *Digest) begin() []byte {
	text := bytes.TrimPrefix(d.head, []byte(byteOrderMark))
	d.begun, d.hash, d.head = true, sha256.New(), nil
	return text
}

func (d *Digest) write(text []byte) {
	for len(text) > 0 {
		if d.afterCR && text[0] == '\n' {
			text = text[1:]
		}
		d.afterCR = false
		line, rest, found := bytes.Cut(text, []byte{'\r'})
		d.add(line)
		if found {
			d.add([]byte{'\n'})
			d.afterCR = true
		}
		text = rest
	}
}

func (d *Digest) add(text []byte) {
	d.hash.Write(text)
	d.size += int64(len(text))
}
