package inspect

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/rampforgeai/rampforge/internal/nameless"
)

// factsFile keeps what was read from blobs and commits in a local file, so
// that the next analysis costs what changed. The file may be removed at any
// time: what it loses is read again.
//
// Reads see what earlier analyses wrote. Writes are collected and go to the
// file a few thousand at a time, each batch in one transaction, so that a
// crash leaves a whole file.
type factsFile struct {
	db *bbolt.DB

	mu      sync.Mutex
	pending map[string]map[string][]byte // by bucket
	bytes   int
	failed  error  // the first write that failed; after it nothing is written
	spare   uint64 // bytes that are left free on the disk; below it nothing is written
}

const (
	blobBucket   = "blobs"
	commitBucket = "commits"
)

// flushBytes is how much is collected before it is written.
const flushBytes = 8 << 20

// maxFactsBytes is the size at which the file is begun anew: it holds what
// was read from every version that was ever analysed.
const maxFactsBytes = 2 << 30

// spareBytes is what the file leaves free on its disk: the database may lie on
// the same one, and facts can be computed again.
const spareBytes = 256 << 20

// openFacts opens or makes the file. It returns nil when another process holds
// it or it cannot be used: an analysis works without. A damaged file is
// removed and made anew, and so is one that was written before the last of these
// people was erased: their names are in its commits.
func openFacts(path string, erased *nameless.Register) *factsFile {
	if path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.Size() > maxFactsBytes {
		_ = os.Remove(path)
	}
	db, err := openBolt(path)
	if err != nil && !errors.Is(err, bolterrors.ErrTimeout) {
		if os.Remove(path) != nil {
			return nil
		}
		db, err = openBolt(path)
	}
	if err == nil && !writtenWithout(db, erased.Tag()) {
		if err = errors.Join(db.Close(), os.Remove(path)); err == nil {
			if db, err = openBolt(path); err == nil {
				writtenWithout(db, erased.Tag())
			}
		}
	}
	if err != nil {
		return nil
	}
	return &factsFile{db: db, pending: map[string]map[string][]byte{}, spare: spareBytes}
}

// ForgetNames removes a file of facts that was written before the last of these
// people was erased. One that is in use is looked at when it is opened next.
func ForgetNames(path string, erased *nameless.Register) { openFacts(path, erased).close() }

// erasedBucket names the people whose names are not in the file.
const erasedBucket = "erased"

// writtenWithout reports whether a file is written without the names of the people
// of a tag. One that holds nothing yet is from now on.
func writtenWithout(db *bbolt.DB, tag string) (same bool) {
	err := db.Update(func(tx *bbolt.Tx) error {
		known, err := tx.CreateBucketIfNotExists([]byte(erasedBucket))
		if err != nil {
			return err
		}
		was := string(known.Get([]byte("tag")))
		if same = was == tag; same {
			return nil
		}
		if k, _ := tx.Bucket([]byte(commitBucket)).Cursor().First(); k != nil {
			return nil
		}
		same = true
		return known.Put([]byte("tag"), []byte(tag))
	})
	return same && err == nil
}

func openBolt(path string) (db *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	// The library panics on some damaged pages; to us that is a damaged file.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the facts file is damaged: %v", p)
		}
	}()
	// Without sync a power cut may damage the file, which is found and removed;
	// with it every batch would wait for the disk. The list of free pages is
	// kept: without it each start would read the whole file to find them.
	options := &bbolt.Options{Timeout: 100 * time.Millisecond, NoSync: true, FreelistType: bbolt.FreelistMapType}
	db, err = bbolt.Open(path, 0o600, options)
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, errBlobs := tx.CreateBucketIfNotExists([]byte(blobBucket))
		_, errCommits := tx.CreateBucketIfNotExists([]byte(commitBucket))
		return errors.Join(errBlobs, errCommits)
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// bucket is one kind of facts of the file. It satisfies analysis.Facts.
type bucket struct {
	file *factsFile
	name string
}

// Get returns a copy of a value.
func (b bucket) Get(key string) ([]byte, bool) {
	if b.file == nil {
		return nil, false
	}
	b.file.mu.Lock()
	value, ok := b.file.pending[b.name][key]
	b.file.mu.Unlock()
	if ok {
		return unseal(value)
	}
	// A read that fails is a fact that is not known: it is computed again.
	_ = b.file.view(func(tx *bbolt.Tx) error {
		value = slices.Clone(tx.Bucket([]byte(b.name)).Get([]byte(key)))
		return nil
	})
	return unseal(value)
}

// seal puts a checksum before a value: the file is written without waiting for
// the disk, so after a power cut it may hold anything.
func seal(value []byte) []byte {
	sealed := make([]byte, 4, 4+len(value))
	binary.BigEndian.PutUint32(sealed, crc32.ChecksumIEEE(value))
	return append(sealed, value...)
}

func unseal(sealed []byte) ([]byte, bool) {
	if len(sealed) < 4 || binary.BigEndian.Uint32(sealed) != crc32.ChecksumIEEE(sealed[4:]) {
		return nil, false
	}
	return sealed[4:], true
}

// view reads, and takes a damaged page for an error.
func (f *factsFile) view(read func(*bbolt.Tx) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // the file is mapped, and may be shorter than it says
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the facts file is damaged: %v", p)
		}
	}()
	return f.db.View(read)
}

// Put keeps a copy of a value.
func (b bucket) Put(key string, value []byte) {
	if b.file == nil || len(key) == 0 {
		return
	}
	f := b.file
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed != nil {
		return
	}
	if f.pending[b.name] == nil {
		f.pending[b.name] = map[string][]byte{}
	}
	f.pending[b.name][key] = seal(value)
	f.bytes += len(key) + len(value)
	if f.bytes >= flushBytes {
		f.flush()
	}
}

// flush writes what is pending; f.mu is held. A full disk costs the facts and
// nothing else.
func (f *factsFile) flush() {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			f.failed = fmt.Errorf("the facts file is damaged: %v", p)
		}
		f.pending, f.bytes = map[string]map[string][]byte{}, 0
	}()
	// A batch may split pages and grow the file by more than it holds.
	if left, known := freeBytes(f.db.Path()); known && left < f.spare+4*uint64(f.bytes) { //nolint:gosec // never negative
		return
	}
	f.failed = f.db.Update(func(tx *bbolt.Tx) error {
		for name, values := range f.pending {
			b := tx.Bucket([]byte(name))
			keys := make([]string, 0, len(values))
			for key := range values {
				keys = append(keys, key)
			}
			slices.Sort(keys) // in order, pages fill well
			for _, key := range keys {
				if err := b.Put([]byte(key), values[key]); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// freeBytes returns what an ordinary user may still write on the disk of a path.
func freeBytes(path string) (n uint64, known bool) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(path, &fs); err != nil || fs.Bsize <= 0 {
		return 0, false
	}
	return fs.Bavail * uint64(fs.Bsize), true
}

// close writes what is pending and closes the file. A file that could not be
// written is removed, so that the next analysis begins with a whole one.
func (f *factsFile) close() {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed == nil && f.bytes > 0 {
		f.flush()
	}
	if f.failed == nil {
		f.failed = f.db.Sync()
	}
	path := f.db.Path()
	if err := f.db.Close(); err != nil || f.failed != nil {
		_ = os.Remove(path)
	}
}
