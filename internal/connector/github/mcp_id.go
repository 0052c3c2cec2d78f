package github

import (
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"
)

// globalID returns what a global id of GitHub (node_id) names: the number that
// the REST API calls id, and the repository's, 0 where it is not told. Both are
// 0 for what is not such an id.
//
// There are two forms. The present one is a prefix and an array in MessagePack,
// [version, repository, id]; the older, which Enterprise Server still gives to
// old records, is the text "011:PullRequest123", both in Base64.
func globalID(node, prefix, kind string) (id, repository int64) {
	if text, ok := strings.CutPrefix(node, prefix+"_"); ok {
		packed, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
		if err != nil || len(packed) == 0 || packed[0] != 0x93 {
			return 0, 0
		}
		var values [3]int64
		rest := packed[1:]
		for i := range values {
			if values[i], rest, ok = unsigned(rest); !ok {
				return 0, 0
			}
		}
		if len(rest) > 0 || values[1] == 0 {
			return 0, 0
		}
		return values[2], values[1]
	}
	text, err := base64.StdEncoding.DecodeString(node)
	if err != nil {
		return 0, 0
	}
	_, digits, ok := strings.Cut(string(text), ":"+kind)
	if !ok {
		return 0, 0
	}
	if id, err = strconv.ParseInt(digits, 10, 64); err != nil {
		return 0, 0
	}
	return id, 0
}

// unsigned reads an integer of MessagePack that is not negative.
func unsigned(b []byte) (v int64, rest []byte, ok bool) {
	if len(b) == 0 {
		return 0, nil, false
	}
	head, b := b[0], b[1:]
	size := 0
	switch {
	case head < 0x80:
		return int64(head), b, true
	case head >= 0xcc && head <= 0xcf:
		size = 1 << (head - 0xcc)
	}
	if size == 0 || len(b) < size {
		return 0, nil, false
	}
	var whole [8]byte
	copy(whole[8-size:], b[:size])
	n := binary.BigEndian.Uint64(whole[:])
	if n > 1<<62 {
		return 0, nil, false
	}
	return int64(n), b[size:], true
}
