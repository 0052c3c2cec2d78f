//go:build long

package eventlog_test

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

// pieces is a file that is made while it is read. It looks now and then at how
// many bytes are alive.
type pieces struct {
	next  func(i int) string // "" after the last
	i     int
	rest  string
	since int
	total int
	base  uint64
	most  uint64 // bytes alive above base
}

// lookEach is after how many bytes the living ones are counted.
const lookEach = 6 << 20

func (p *pieces) Read(b []byte) (int, error) {
	if p.rest == "" {
		if p.rest = p.next(p.i); p.rest == "" {
			return 0, io.EOF
		}
		p.i++
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	p.total += n
	p.count(n)
	return n, nil
}

// count looks after every so many bytes that are read, of the file or of what
// was set aside of it.
func (p *pieces) count(n int) {
	if p.since += n; p.since >= lookEach {
		p.since = 0
		p.look()
	}
}

// aside is a place on a disk whose reading is counted.
type aside struct {
	*os.File

	in *pieces
}

func (a aside) ReadAt(b []byte, at int64) (int, error) {
	a.in.count(len(b))
	return a.File.ReadAt(b, at)
}

func (p *pieces) look() {
	if alive := aliveNow(); alive > p.base {
		p.most = max(p.most, alive-p.base)
	}
}

func aliveNow() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestLongMemory reads files that were made to fill the memory, and counts the bytes
// that are alive while it does. It must not run beside others.
//
//nolint:paralleltest // see above
func TestLongMemory(t *testing.T) {
	long, blank := strings.Repeat("x", 4<<20), strings.Repeat(" ", 4<<20)
	const head = `<log><trace><string key="concept:name" value="c"/>`
	rows := strings.Repeat("1,a,2026-01-01T00:00:00Z\n", 1000)
	keep := []eventlog.Case{}
	each := func(c eventlog.Case) error { keep = append(keep, c); return nil }
	csv := func(r io.Reader, o eventlog.Options) error { return eventlog.ReadCSV(r, o, each) }
	xes := func(r io.Reader, o eventlog.Options) error { return eventlog.ReadXES(r, o, each) }
	for _, c := range []struct {
		name  string
		read  func(io.Reader, eventlog.Options) error
		next  func(i int) string
		most  uint64 // MiB
		fault string // "" is none
	}{
		{"CSV, 3,000,000 events of a case", csv, repeated("case,activity,time\n", 3000, func(int) string { return rows }, ""), 90, `the file: the case "1" has 3000000 events: at most 100000 of a case are taken`},
		{"CSV, names that are all different", csv, repeated("case,activity,time,resource\n", 60_000, func(i int) string {
			return fmt.Sprintf("%d,%0480d,2026-01-01T00:00:00Z,%0480d\n", i, i, i)
		}, ""), 90, ""},
		{"CSV, rows of nothing but commas", csv, repeated("case,activity,time\n", 20, func(int) string { return strings.Repeat(",", 1<<20-100) + "\n" }, ""), 120, "line 2: has 1048477 columns"},
		{"XES, 1,000,000 events of a trace", xes, repeated(head, 1000, func(int) string { return strings.Repeat(eventOf(named+dated), 1000) }, "</trace></log>"), 40, `line 1: the case "c" has 1000000 events`},
		{"XES, resources of 4 MB", xes, repeated(head, 20, func(i int) string {
			return eventOf(fmt.Sprintf(`<string key="org:resource" value="%08d%s"/>`, i, long) + named + dated)
		}, "</trace></log>"), 50, "line 1, event 1: has an org:resource of 4194312 bytes: at most 500 are taken"},
		{"XES, names between blanks of 4 MB", xes, repeated("<log>", 20, func(i int) string {
			return fmt.Sprintf(`<trace><string key="concept:name" value="%d%s"/>`, i, blank) + eventOf(named+dated) + "</trace>"
		}, "</log>"), 50, ""},
		{"JSONL, titles of 4 MB", func(r io.Reader, o eventlog.Options) error {
			return eventlog.ReadItems(r, o, func(int, *eventlog.Item) error { return nil })
		}, repeated("", 20, func(i int) string {
			return fmt.Sprintf(`{"id":"%d","title":"%s","created_at":"2026-01-01T00:00:00Z"}`+"\n", i, long)
		}, ""), 50, "line 1: has a title of 4194304 bytes: at most 8000 are taken"},
		{"JSONL, objects of two bytes", func(r io.Reader, o eventlog.Options) error { return eventlog.ReadItems(r, o, noItem) }, repeated("", 6, func(int) string {
			return `{"id":"1","created_at":"2026-01-01T00:00:00Z","history":[` + strings.Repeat("{},", 5_000_000) + "{}]}\n"
		}, ""), 60, "line 1: holds more than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			clear(keep)
			keep = keep[:0]
			var faults []string
			in := &pieces{next: c.next}
			o := eventlog.Options{SpillAt: 16 << 20, Spill: func() (eventlog.Spill, error) {
				f, err := os.Create(t.TempDir() + "/spill")
				return aside{f, in}, err
			}}
			o.Faulty = func(f *eventlog.Fault) error { faults = append(faults, f.Error()); return nil }
			in.base = aliveNow()
			if err := c.read(in, o); err != nil {
				t.Fatal(err)
			}
			in.look()
			t.Logf("%d MiB were read, %d MiB alive", in.total>>20, in.most>>20)
			if in.most > c.most<<20 {
				t.Errorf("%d MiB are alive, want %d at most", in.most>>20, c.most)
			}
			if c.fault == "" != (len(faults) == 0) || c.fault != "" && !strings.HasPrefix(faults[0], c.fault) {
				t.Errorf("the faults %.300q, want %q", faults, c.fault)
			}
		})
	}
}

// repeated makes a file of a head, n pieces and a tail.
func repeated(head string, n int, piece func(i int) string, tail string) func(int) string {
	return func(i int) string {
		switch {
		case i == 0 && head != "":
			return head
		case i <= n && (i > 0 || head == ""):
			return piece(i)
		case i == n+1:
			return tail
		}
		return ""
	}
}
