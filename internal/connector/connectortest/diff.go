package connectortest

import (
	"bytes"
	"reflect"

	"github.com/google/go-cmp/cmp"
)

// Diff is cmp.Diff for what holds records. It walks only what differs, and
// takes a raw form as one value: byte by byte, those of long texts take minutes
// under the race detector.
func Diff(want, got any, opts ...cmp.Option) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	whole := cmp.Comparer(func(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) })
	return cmp.Diff(want, got, append(opts, whole)...)
}
