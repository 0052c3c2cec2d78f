// Package eventlog reads and writes what other tools know of how work went:
// event logs as XES (IEEE 1849-2016) and CSV, and work items with their
// histories as lines of JSON. Every reader is for files of strangers: it takes
// one piece after the other, bounds each, and says of a fault in which line it
// is and what was expected there.
//
// It is pure, over io.Reader and io.Writer. It may import the root package only.
package eventlog

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge"
)

// Case is one run of a process: in a log of a tracker, the life of one item.
type Case struct {
	ID     string
	Line   int     // where it begins in its file, from 1; 0 where its events lie scattered
	Events []Event // by At; what happened at the same time in the order of the file
}

// Event is that an activity happened in a case.
type Event struct {
	Activity  string
	At        time.Time // UTC, to the microsecond
	Resource  string    // who did it; "" is unknown
	Lifecycle string    // how far the activity was: start, complete, …; "" is unknown
}

// The bounds of a piece of a file.
const (
	// maxToken bounds a tag or a line, in bytes.
	maxToken = 16 << 20
	// maxRow bounds a row of CSV, in bytes. It is less, as a byte of it can be a
	// column of its own.
	maxRow = 1 << 20
	// MaxName bounds the name of a case, an activity, a resource, in bytes.
	MaxName = 500
	// MaxText bounds what of a work item may be longer: its title, its address,
	// and what a change of a field other than the status says; in bytes.
	MaxText = 8000
	// MaxEvents bounds the events of a case, or the changes of an item, and
	// maxCaseText their texts together, in bytes: a case is kept in one piece.
	MaxEvents   = 100_000
	maxCaseText = 16 << 20
	// maxInterned and maxInternedText bound how many different names are remembered
	// to be shared, and their bytes.
	maxInterned     = 100_000
	maxInternedText = 8 << 20
)

// Columns names where in a file something is said: the attribute of an XES log,
// the column of a CSV file. What is "" is found by the usual names.
type Columns struct {
	Case, Activity, Timestamp, Resource, Lifecycle string
}

// Options says how a log is read.
type Options struct {
	Columns Columns
	// TimestampFormat says how times are written, as Format reads it; "" is found
	// out.
	TimestampFormat string
	Zone            *time.Location // of times that name none; nil is UTC
	CompleteOnly    bool           // leave events out whose lifecycle is another than complete
	MaxBytes        int64          // of the file, unpacked; 0 is no bound
	// Faulty is told of each fault after which reading can go on. Its error ends
	// the reading; nil leaves out what is faulty. nil ends it at the first.
	Faulty func(*Fault) error
	// Spill opens a place on a disk for events that lie scattered over the file
	// and do not fit into SpillAt bytes of memory; nil keeps all in memory.
	Spill   func() (Spill, error)
	SpillAt int // 0 is 64 MiB
}

// Spill is a place that is written from its beginning and then read anywhere.
type Spill interface {
	io.Writer
	io.ReaderAt
}

// Fault is something in a file that is not as it has to be.
//
//nolint:errname // it is told of as a fault everywhere
type Fault struct {
	Line  int    // from 1; 0 is none
	Event int    // the events of the file counted from 1; 0 is none
	Issue string // what is wrong, and what was expected
}

// Place says where the fault is, as people say it.
func (f *Fault) Place() string {
	switch {
	case f.Event > 0 && f.Line > 0:
		return fmt.Sprintf("line %d, event %d", f.Line, f.Event)
	case f.Event > 0:
		return fmt.Sprintf("event %d", f.Event)
	case f.Line > 0:
		return fmt.Sprintf("line %d", f.Line)
	}
	return "the file"
}

// Error implements error.
func (f *Fault) Error() string { return f.Place() + ": " + f.Issue }

// faulty hands a fault to who reads.
func (o *Options) faulty(f *Fault) error {
	if o.Faulty == nil {
		return f
	}
	return o.Faulty(f)
}

// zone is where times are that do not say it.
func (o *Options) zone() *time.Location {
	if o.Zone == nil {
		return time.UTC
	}
	return o.Zone
}

// leftOut says whether an event is left out for its lifecycle. One that has
// none is as complete as can be told.
func (o *Options) leftOut(lifecycle string) bool {
	return o.CompleteOnly && lifecycle != "" && !strings.EqualFold(lifecycle, "complete")
}

// meter counts what is read: all of the file, and what belongs to one token.
type meter struct {
	in    io.Reader
	left  int64 // of the file; -1 is no bound
	token int   // of the token
	most  int   // of any token
	limit int64
}

func newMeter(in io.Reader, limit int64, token int) *meter {
	m := &meter{in: in, left: -1, limit: limit, token: token, most: token}
	if limit > 0 {
		m.left = limit
	}
	return m
}

// errLongToken is what a reader of the meter gets when a token does not end.
var errLongToken = errors.New("something does not end")

// longToken says of how many bytes something is too many.
func longToken(most int) string { return fmt.Sprintf("something is longer than %d MiB", most>>20) }

// Read implements io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	if m.token <= 0 {
		return 0, errLongToken
	}
	if m.left >= 0 && int64(len(p)) > m.left+1 {
		p = p[:m.left+1]
	}
	n, err := m.in.Read(p)
	m.token -= n
	if m.left >= 0 {
		if m.left -= int64(n); m.left < 0 {
			return 0, TooLarge(m.limit)
		}
	}
	return n, err
}

// next begins a token.
func (m *meter) next() { m.token = m.most }

// TooLarge is the error for a file of more bytes than are taken.
func TooLarge(limit int64) error {
	return rampforge.Errorf(rampforge.CodeTooLarge, "The file is too large: at most %d bytes are taken, counted after unpacking. Split it, or ask the administrator for a larger IMPORT_MAX_BYTES.", limit)
}

// names shares one string among all that are equal: a log has millions of
// events and dozens of activities.
type names struct {
	known map[string]string
	size  int // bytes of the texts that are known
	added int // bytes of all that were ever given out for the first time
}

func newNames() *names { return &names{known: map[string]string{}} }

func (n *names) of(text []byte) string {
	if s, ok := n.known[string(text)]; ok {
		return s
	}
	return n.add(string(text))
}

// text is of for a string, which may be a part of a whole row.
func (n *names) text(text string) string {
	if s, ok := n.known[text]; ok {
		return s
	}
	return n.add(strings.Clone(text))
}

func (n *names) add(text string) string {
	s := clean(text)
	n.added += len(s)
	if len(text) > MaxName { // mostly it is refused for that
		return s
	}
	if n.size += len(text); len(n.known) >= maxInterned || n.size > maxInternedText {
		clear(n.known)
		n.size = len(text)
	}
	n.known[text] = s
	return s
}

// clean makes a text fit to be kept: no database takes NUL, and no name has
// control characters or blanks around it.
func clean(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= utf8.RuneSelf || s[i] == 0x7f {
			return trimmed(strings.Map(func(r rune) rune {
				switch {
				case r == '\t' || r == '\n' || r == '\r':
					return ' '
				case r < ' ' || r == 0x7f:
					return utf8.RuneError
				}
				return r
			}, strings.ToValidUTF8(s, string(utf8.RuneError))))
		}
	}
	return trimmed(s)
}

// trimmed takes off the blanks around a text. What is left does not keep alive
// what it was a part of: a name can stand between megabytes of blanks.
func trimmed(s string) string {
	short := strings.TrimSpace(s)
	if len(short) < len(s) {
		return strings.Clone(short)
	}
	return s
}

// sortEvents brings events into their order; those at the same time stay as
// they stood.
func sortEvents(events []Event) {
	byTime := func(a, b Event) int { return a.At.Compare(b.At) }
	if !slices.IsSortedFunc(events, byTime) {
		slices.SortStableFunc(events, byTime)
	}
}

// nameFault says why a name cannot be kept; "" when it can.
func nameFault(what, name string) string {
	if name == "" {
		return "has no " + what
	}
	return lengthFault(what, name, MaxName)
}

// lengthFault says by how much a text is too long; "" when it is not.
func lengthFault(what, text string, most int) string {
	if len(text) <= most {
		return ""
	}
	return fmt.Sprintf("has %s of %d bytes: at most %d are taken", article(what), len(text), most)
}

// pile collects the events of one case, up to the bounds of a case.
type pile struct {
	events []Event
	n      int // that there were
	text   int // their bytes
}

func (p *pile) add(e Event) {
	p.n++
	p.text += len(e.Activity) + len(e.Resource) + len(e.Lifecycle)
	if p.full() {
		p.events = nil
		return
	}
	p.events = append(p.events, e)
}

func (p *pile) full() bool { return p.n > MaxEvents || p.text > maxCaseText }

// issue says why a case cannot be kept; "" when it can.
func (p *pile) issue(id string) string {
	switch {
	case p.n > MaxEvents:
		return fmt.Sprintf("the case %s has %d events: at most %d of a case are taken: check what the parameter case names", quoted(id), p.n, MaxEvents)
	case p.full():
		return fmt.Sprintf("the names in the events of the case %s have %d bytes together: at most %d are taken", quoted(id), p.text, maxCaseText)
	}
	return ""
}

func article(what string) string {
	if strings.ContainsRune("aeiou", rune(what[0])) {
		return "an " + what
	}
	return "a " + what
}

// quoted is a text of a file as a message shows it.
func quoted(s string) string {
	const most = 60
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}

func compareKeys(a, b string, at, bt, ao, bo int64) int {
	return cmp.Or(cmp.Compare(a, b), cmp.Compare(at, bt), cmp.Compare(ao, bo))
}
