package facts

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// packVersion is of the stored form and of what facts mean: facts of another
// version are made anew from the records.
const packVersion = 1

// ErrPack says that stored facts are damaged or of another version. They are to
// be made anew; nothing of them is true.
var ErrPack = errors.New("the stored facts are damaged or of another version")

// A pack begins with its version, its kind and the checksum of the rest.
const packHead = 6

var checksums = crc32.MakeTable(crc32.Castagnoli)

// Kind is what a pack holds. Stored packs carry it, so it never changes.
type Kind byte

// The kinds of packs.
const (
	KindItems        Kind = 'i'
	KindPullRequests Kind = 'p'
	KindDeployments  Kind = 'd'
	KindRuns         Kind = 'r' // pipeline runs, as deployments
	KindCommits      Kind = 'c'
	KindSprints      Kind = 's'
	KindSymbols      Kind = 'y'
)

// sealed puts the head before what was written.
func (w *writer) sealed(kind Kind) []byte {
	pack := make([]byte, packHead, packHead+len(w.data))
	pack[0], pack[1] = packVersion, byte(kind)
	binary.LittleEndian.PutUint32(pack[2:], crc32.Checksum(w.data, checksums))
	return append(pack, w.data...)
}

func pack[T any](kind Kind, list []T, write func(*writer, *T)) []byte {
	w := &writer{data: make([]byte, 0, 64*len(list))}
	w.count(len(list))
	for i := range list {
		write(w, &list[i])
	}
	return w.sealed(kind)
}

// Decoder reads packs. What it reads one after another shares memory. It is not
// safe for concurrent use.
type Decoder struct{ reader reader }

// NewDecoder returns a decoder of facts whose symbols are in a table of so many:
// one that is not is a fault.
func NewDecoder(symbols int) *Decoder { return &Decoder{reader{known: uint64(max(symbols, 0))}} }

func unpack[T any](d *Decoder, kind Kind, pack []byte, into []T, read func(*reader, *T)) ([]T, error) {
	if len(pack) < packHead || pack[0] != packVersion || Kind(pack[1]) != kind ||
		binary.LittleEndian.Uint32(pack[2:]) != crc32.Checksum(pack[packHead:], checksums) {
		return into, ErrPack
	}
	r := &d.reader
	r.data, r.at, r.bad = string(pack[packHead:]), 0, false
	n, before := r.count(), len(into)
	for range n {
		var zero T
		into = append(into, zero)
		read(r, &into[len(into)-1])
		if r.bad {
			break
		}
	}
	if r.bad || r.at != len(r.data) {
		return into[:before], ErrPack
	}
	return into, nil
}

// PackItems returns the stored form of items.
func PackItems(list []Item) []byte { return pack(KindItems, list, (*writer).item) }

// PackPullRequests returns the stored form of pull requests.
func PackPullRequests(list []PullRequest) []byte {
	return pack(KindPullRequests, list, (*writer).pullRequest)
}

// PackDeployments returns the stored form of deployments, or of runs.
func PackDeployments(kind Kind, list []Deployment) []byte {
	return pack(kind, list, (*writer).deployment)
}

// PackCommits returns the stored form of commits.
func PackCommits(list []Commit) []byte { return pack(KindCommits, list, (*writer).commit) }

// PackSprints returns the stored form of sprints.
func PackSprints(list []Sprint) []byte { return pack(KindSprints, list, (*writer).sprint) }

// PackTexts returns the stored form of symbols.
func PackTexts(list []string) []byte {
	return pack(KindSymbols, list, func(w *writer, s *string) { w.text(*s) })
}

// Items appends the items of a pack. It fails with ErrPack, and then appends
// none; so do all that follow.
func (d *Decoder) Items(pack []byte, into []Item) ([]Item, error) {
	return unpack(d, KindItems, pack, into, (*reader).item)
}

// PullRequests appends the pull requests of a pack.
func (d *Decoder) PullRequests(pack []byte, into []PullRequest) ([]PullRequest, error) {
	return unpack(d, KindPullRequests, pack, into, (*reader).pullRequest)
}

// Deployments appends the deployments, or the runs, of a pack.
func (d *Decoder) Deployments(kind Kind, pack []byte, into []Deployment) ([]Deployment, error) {
	return unpack(d, kind, pack, into, (*reader).deployment)
}

// Commits appends the commits of a pack.
func (d *Decoder) Commits(pack []byte, into []Commit) ([]Commit, error) {
	return unpack(d, KindCommits, pack, into, (*reader).commit)
}

// Sprints appends the sprints of a pack.
func (d *Decoder) Sprints(pack []byte, into []Sprint) ([]Sprint, error) {
	return unpack(d, KindSprints, pack, into, (*reader).sprint)
}

// Texts appends the symbols of a pack.
func (d *Decoder) Texts(pack []byte, into []string) ([]string, error) {
	return unpack(d, KindSymbols, pack, into, func(r *reader, s *string) { *s = r.text() })
}
