package git

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

// encodingVersion changes with the encoding and with what the history pass says
// of a commit, so that commits kept by an older program are read again.
const encodingVersion = 1

// maxPathBytes bounds the paths of one decoded commit.
const maxPathBytes = 256 << 20

var errEncoding = errors.New("this is no encoded commit of this version")

// EncodeCommit appends a commit to dst in a compact form that is the same for
// the same commit: numbers as varints, hashes as bytes, each path as what it
// does not share with the path before it.
func EncodeCommit(dst []byte, c *rampforge.Commit) []byte {
	dst = append(dst, encodingVersion)
	dst = appendHash(dst, c.Hash)
	dst = binary.AppendUvarint(dst, uint64(len(c.Parents)))
	for _, parent := range c.Parents {
		dst = appendHash(dst, parent)
	}
	dst = appendString(dst, c.Author.Name)
	dst = appendString(dst, c.Author.Email)
	dst = binary.AppendVarint(dst, c.AuthoredAt.Unix())
	if c.Committer == c.Author {
		dst = append(dst, 1)
	} else {
		dst = append(dst, 0)
		dst = appendString(dst, c.Committer.Name)
		dst = appendString(dst, c.Committer.Email)
	}
	dst = binary.AppendVarint(dst, c.CommittedAt.Unix()-c.AuthoredAt.Unix())
	dst = appendString(dst, c.Subject)
	dst = appendString(dst, c.Body)
	total := 0
	for _, change := range c.Changes {
		total += len(change.Path) + len(change.OldPath)
	}
	dst = binary.AppendUvarint(dst, uint64(len(c.Changes)))
	dst = binary.AppendUvarint(dst, uint64(total))
	last := ""
	for _, change := range c.Changes {
		dst = append(dst, byte(change.Status))
		dst = appendPath(dst, last, change.Path)
		if change.Status == rampforge.ChangeRenamed {
			dst = appendPath(dst, change.Path, change.OldPath)
		}
		last = change.Path
	}
	return dst
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendHash(dst []byte, hash string) []byte {
	raw, err := hex.DecodeString(hash)
	if err != nil || len(raw) > 32 {
		raw = nil // never of git; the decoder's caller finds another hash and reads the commit again
	}
	return append(append(dst, byte(len(raw))), raw...) //nolint:gosec // at most 32
}

func appendPath(dst []byte, before, path string) []byte {
	shared := 0
	for shared < min(len(before), len(path)) && before[shared] == path[shared] {
		shared++
	}
	dst = binary.AppendUvarint(dst, uint64(shared))
	return appendString(dst, path[shared:])
}

// DecodeCommit reads what EncodeCommit wrote. Damaged input is an error.
func DecodeCommit(encoded []byte) (rampforge.Commit, error) {
	d := decoder{rest: string(encoded)}
	if len(encoded) == 0 || d.byte() != encodingVersion {
		return rampforge.Commit{}, errEncoding
	}
	var c rampforge.Commit
	c.Hash = d.hash()
	if n := d.count(); n > 0 {
		c.Parents = make([]string, n)
		for i := range c.Parents {
			c.Parents[i] = d.hash()
		}
	}
	c.Author = rampforge.Signature{Name: d.string(), Email: d.string()}
	authored := d.varint()
	c.Committer = c.Author
	if d.byte() == 0 {
		c.Committer = rampforge.Signature{Name: d.string(), Email: d.string()}
	}
	c.AuthoredAt = decodedTime(authored)
	c.CommittedAt = decodedTime(authored + d.varint())
	c.Subject, c.Body = d.string(), d.string()
	c.Changes = d.changes()
	if d.failed || len(d.rest) > 0 {
		return rampforge.Commit{}, errEncoding
	}
	return c, nil
}

func decodedTime(seconds int64) time.Time {
	return time.Unix(min(max(seconds, 0), lastSecond), 0).UTC()
}

// decoder reads fields until one does not fit; then it fails for good.
type decoder struct {
	rest   string
	failed bool
}

func (d *decoder) fail() {
	d.failed = true
	d.rest = ""
}

func (d *decoder) take(n int) string {
	if n > len(d.rest) {
		d.fail()
		return ""
	}
	taken := d.rest[:n]
	d.rest = d.rest[n:]
	return taken
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != "" {
		return b[0]
	}
	return 0
}

// uvarint reads a number as encoding/binary writes it.
func (d *decoder) uvarint() uint64 {
	var v uint64
	for i := range min(len(d.rest), binary.MaxVarintLen64) {
		b := d.rest[i]
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			d.rest = d.rest[i+1:]
			return v
		}
	}
	d.fail()
	return 0
}

func (d *decoder) varint() int64 {
	u := d.uvarint()
	return int64(u>>1) ^ -int64(u&1) // zigzag: the sign is the last bit
}

// count reads a number of things, each of at least one byte.
func (d *decoder) count() int {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.fail()
		return 0
	}
	return int(n) //nolint:gosec // at most the input's length
}

func (d *decoder) string() string { return d.take(d.count()) }

func (d *decoder) hash() string {
	const digits = "0123456789abcdef"
	raw := d.take(int(d.byte()))
	text := make([]byte, 0, 64)
	for i := range len(raw) {
		text = append(text, digits[raw[i]>>4], digits[raw[i]&15])
	}
	return string(text)
}

// changes reads the paths into one string that all of them share.
func (d *decoder) changes() []rampforge.Change {
	n := d.count()
	total := d.uvarint()
	if n == 0 || total > maxPathBytes {
		if total != 0 {
			d.fail()
		}
		return nil
	}
	var text strings.Builder
	if total <= 64*uint64(len(d.rest)) { // else damaged, or unlike any tree: let it grow
		text.Grow(int(total))
	}
	changes := make([]rampforge.Change, n)
	last := ""
	for i := range changes {
		c := &changes[i]
		c.Status = rampforge.ChangeStatus(d.byte())
		c.Path = d.path(&text, last)
		if c.Status == rampforge.ChangeRenamed {
			c.OldPath = d.path(&text, c.Path)
		}
		if d.failed || uint64(text.Len()) > total { //nolint:gosec // not negative
			d.fail()
			return nil
		}
		last = c.Path
	}
	return changes
}

// path appends a path to text and returns it as a part of it.
func (d *decoder) path(text *strings.Builder, before string) string {
	shared := d.uvarint()
	if shared > uint64(len(before)) {
		d.fail()
		return ""
	}
	start := text.Len()
	text.WriteString(before[:shared])
	text.WriteString(d.string())
	return text.String()[start:]
}

// encodeHashes is a list of ids as bytes, all of one length.
func encodeHashes(hashes []string) []byte {
	encoded := []byte{encodingVersion}
	for _, hash := range hashes {
		raw, err := hex.DecodeString(hash)
		if err != nil {
			return nil // never of git; an empty list is read as none
		}
		encoded = append(encoded, raw...)
	}
	return encoded
}

// decodeHashes reads what encodeHashes wrote; nil when it is of another version
// or length.
func decodeHashes(encoded []byte, hexLen int) []string {
	if len(encoded) == 0 || encoded[0] != encodingVersion || (len(encoded)-1)%(hexLen/2) != 0 {
		return nil
	}
	text := hex.EncodeToString(encoded[1:])
	hashes := make([]string, 0, len(text)/hexLen)
	for ; text != ""; text = text[hexLen:] {
		hashes = append(hashes, text[:hexLen])
	}
	return hashes
}
