package treesitter

import (
	"bytes"
	"unicode/utf8"
)

var byteOrderMark = []byte("\uFEFF")

// Normalise returns src as the grammars want it, so that how a file is stored
// does not change what is read from it: without a byte order mark, every line
// end (CRLF, or CR alone) a line feed, invalid bytes as U+FFFD and NUL, which
// would end the text for the grammars, as another control character. Lines
// keep their numbers. src itself is not changed.
func Normalise(src []byte) []byte {
	src = bytes.TrimPrefix(src, byteOrderMark)
	if bytes.IndexByte(src, '\r') >= 0 {
		src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
		src = bytes.ReplaceAll(src, []byte("\r"), []byte("\n"))
	}
	if bytes.IndexByte(src, 0) >= 0 {
		src = bytes.ReplaceAll(src, []byte{0}, []byte{1})
	}
	if !utf8.Valid(src) {
		src = bytes.ToValidUTF8(src, []byte("\uFFFD"))
	}
	return src
}
