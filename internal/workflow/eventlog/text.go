package eventlog

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Unpack returns what a reader has, unpacked when it is gzip. Only its first
// bytes say whether it is. What is packed twice is no file of anybody's.
func Unpack(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	if head, _ := b.Peek(2); !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return b, nil
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, &Fault{Issue: "begins as gzip does and is none: pack it again, or send it as it is"}
	}
	return packed{z}, nil
}

// packed says of a fault of gzip what it is.
type packed struct{ in *gzip.Reader }

// Read implements io.Reader.
func (p packed) Read(b []byte) (int, error) {
	n, err := p.in.Read(b)
	if err != nil && (err == gzip.ErrChecksum || err == gzip.ErrHeader || err == io.ErrUnexpectedEOF || isCorrupt(err)) { //nolint:errorlint // as the package returns them
		err = &Fault{Issue: "is damaged gzip, or does not end: pack it again"}
	}
	return n, err
}

func isCorrupt(err error) bool { return strings.HasPrefix(err.Error(), "flate: corrupt") }

// Format is how a file is written.
type Format string

// The formats.
const (
	XES   Format = "xes"
	CSV   Format = "csv"
	JSONL Format = "jsonl"
)

// Sniff says what a file seems to be by its first bytes; "" when it has none.
func Sniff(head []byte) Format {
	head = bytes.TrimLeft(bytes.TrimPrefix(bytes.ReplaceAll(head, []byte{0}, nil), []byte("\xef\xbb\xbf")), "\xfe\xff \t\r\n")
	switch {
	case len(head) == 0:
		return ""
	case head[0] == '<':
		return XES
	case head[0] == '{':
		return JSONL
	}
	return CSV
}

var declared = regexp.MustCompile(`^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']`)

// decoded returns a file as UTF-8 without a byte order mark. UTF-16 is told by
// its mark, or by how the first character lies; any other encoding is what an
// XML declaration says.
func decoded(r io.Reader, xml bool) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	head, err := b.Peek(200)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err = b.Discard(3)
		return b, err
	case bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.HasPrefix(head, []byte("\xff\xfe")):
		return transform.NewReader(b, unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder()), nil
	case bytes.HasPrefix(head, []byte("\x00<")):
		return transform.NewReader(b, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()), nil
	case bytes.HasPrefix(head, []byte("<\x00")):
		return transform.NewReader(b, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()), nil
	}
	if m := declared.FindSubmatch(head); xml && m != nil {
		return named(b, string(m[1]))
	}
	return b, nil
}

func named(r io.Reader, name string) (io.Reader, error) {
	switch strings.ToLower(name) {
	case "utf-8", "utf8", "us-ascii", "ascii":
		return r, nil
	case "utf-16", "utf-16le", "utf-16be":
		return nil, &Fault{Line: 1, Issue: fmt.Sprintf("says that it is %s and is not: mend its XML declaration, or save it as UTF-8", name)}
	}
	encoding, err := htmlindex.Get(name)
	if err != nil {
		return nil, &Fault{Line: 1, Issue: fmt.Sprintf("is in the encoding %s, which is not known here: save it as UTF-8", name)}
	}
	return transform.NewReader(r, encoding.NewDecoder()), nil
}
