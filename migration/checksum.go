package migration

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
)

// Sum returns the checksum of a body's text and the size of its normal form in
// bytes. Editors and version control change line ends; that changes no
// checksum.
func Sum(body Body) (Checksum, int64, error) {
	r, err := body.Open()
	if err != nil {
		return "", 0, fmt.Errorf("open %s: %w", body.File(), err)
	}
	defer r.Close()
	w := normalHash{hash: sha256.New()}
	if err := w.readFrom(r); err != nil {
		return "", 0, fmt.Errorf("read %s: %w", body.File(), err)
	}
	return HexChecksum(w.hash.Sum(nil)), w.size, nil
}

// HexChecksum returns the checksum that a SHA-256 sum stands for.
func HexChecksum(sum []byte) Checksum { return Checksum(hex.EncodeToString(sum)) }

// normalHash hashes text as if its byte order mark were not there and each
// CRLF and CR were LF.
type normalHash struct {
	hash    hash.Hash
	size    int64
	begun   bool
	afterCR bool
}

func (n *normalHash) readFrom(r io.Reader) error {
	buf := make([]byte, 32<<10)
	for {
		// Three bytes at least in the first read, so that a mark is seen whole.
		read, err := io.ReadAtLeast(r, buf, 3)
		n.write(buf[:read])
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (n *normalHash) write(text []byte) {
	if !n.begun {
		n.begun = true
		text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	}
	for len(text) > 0 {
		if n.afterCR && text[0] == '\n' {
			text = text[1:]
		}
		n.afterCR = false
		line, rest, found := bytes.Cut(text, []byte{'\r'})
		n.add(line)
		if found {
			n.add([]byte{'\n'})
			n.afterCR = true
		}
		text = rest
	}
}

func (n *normalHash) add(text []byte) {
	n.hash.Write(text)
	n.size += int64(len(text))
}
