package git

import (
	"bufio"
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzReadTree checks that no output of ls-tree breaks the reader, and that what
// it takes is whole.
func FuzzReadTree(f *testing.F) {
	f.Add("100644 blob " + hashA + "      12\ta b\x00120000 blob " + hashB + "       -\t\xff\x00")
	f.Add("160000 commit " + hashA + "       -\tmodule\x00")
	f.Add("100644 blob \t\x00\x00")
	f.Fuzz(func(t *testing.T, text string) {
		files, err := readTree(bufio.NewReaderSize(strings.NewReader(text), 16))
		if err != nil {
			return
		}
		if len(files) != strings.Count(text, "\x00") {
			t.Errorf("%d files of %q", len(files), text)
		}
		for _, file := range files {
			if strings.Contains(file.Path, "\x00") || file.Size < -1 && !strings.Contains(text, "-") {
				t.Errorf("%+v of %q", file, text)
			}
		}
	})
}

// FuzzBlobReader checks that no output of cat-file breaks the reader, and that
// it never gives more than there is.
func FuzzBlobReader(f *testing.F) {
	f.Add(hashA + " blob 5\nhello\n" + hashA + " missing\n")
	f.Add(hashA + " tree 3\nabc\n" + hashA + " blob -1\n")
	f.Add(hashA + " blob 99999999999999999999\nx")
	f.Fuzz(func(t *testing.T, text string) {
		b := blobReader{in: bufio.NewReaderSize(strings.NewReader(text), 64)}
		for range 8 {
			content, err := b.next(hashA)
			if err != nil {
				return
			}
			if len(content) > len(text) {
				t.Fatalf("%d bytes of %d", len(content), len(text))
			}
		}
	})
}

// FuzzDecodeHashes checks that a list of commits comes back as it was kept, and
// that a damaged one is none.
func FuzzDecodeHashes(f *testing.F) {
	f.Add(encodeHashes([]string{hashA, hashB}))
	f.Add([]byte{encodingVersion, 1, 2})
	f.Fuzz(func(t *testing.T, encoded []byte) {
		hashes := decodeHashes(encoded, 40)
		if slices.ContainsFunc(hashes, func(h string) bool { return len(h) != 40 || !isHex(h) }) {
			t.Errorf("%q", hashes)
		}
		if len(hashes) == 0 {
			return
		}
		if again := encodeHashes(hashes); !bytes.Equal(again, encoded) {
			t.Errorf("(-as kept +again):\n%s", cmp.Diff(encoded, again))
		}
	})
}
