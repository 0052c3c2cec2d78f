package analysis

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// encodeFile is what is kept of a file: everything that reading it told.
func encodeFile(f *source.File) []byte {
	b := []byte{0}
	for i, on := range []bool{f.Test, f.TestData, f.Documentation, f.Facts != nil} {
		if on {
			b[0] |= 1 << i
		}
	}
	for _, text := range []string{f.Language, f.Kind, string(f.Skip)} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	for _, n := range []int64{f.Lines.Total, f.Lines.Code, f.Lines.Comment, f.Lines.Blank} {
		b = binary.AppendVarint(b, n)
	}
	if f.Facts != nil {
		b = language.Encode(b, f.Facts)
	}
	return b
}

var errDamaged = errors.New("the encoded file is damaged")

// decodeFile fills in what encodeFile kept. f is unchanged when it fails.
func decodeFile(b []byte, f *source.File) error {
	if len(b) == 0 {
		return errDamaged
	}
	flags := b[0]
	b = b[1:]
	var texts [3]string
	for i := range texts {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > math.MaxUint16 || len(b)-n < int(size) { // a language's name is short
			return errDamaged
		}
		b = b[n:]
		texts[i], b = string(b[:size]), b[size:]
	}
	var lines [4]int64
	for i := range lines {
		v, n := binary.Varint(b)
		if n <= 0 {
			return errDamaged
		}
		lines[i], b = v, b[n:]
	}
	var facts *language.Facts
	if flags&8 != 0 {
		var err error
		if facts, err = language.Decode(b); err != nil {
			return err
		}
	}
	f.Language, f.Kind, f.Skip = texts[0], texts[1], report.SkipReason(texts[2])
	f.Lines = report.Lines{Total: lines[0], Code: lines[1], Comment: lines[2], Blank: lines[3]}
	f.Test, f.TestData, f.Documentation, f.Facts = flags&1 != 0, flags&2 != 0, flags&4 != 0, facts
	return nil
}
