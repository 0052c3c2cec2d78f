package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/ingest/exchange"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// weighed is a file of lines that are made while it is read; it looks now and
// then at how many bytes are alive.
type weighed struct {
	line        func(i int) string // "" after the last
	i           int
	rest        string
	since, read int
	base, most  uint64
}

func (r *weighed) Read(b []byte) (int, error) {
	if r.rest == "" {
		if r.rest = r.line(r.i); r.rest == "" {
			return 0, io.EOF
		}
		r.i++
	}
	n := copy(b, r.rest)
	r.rest, r.read = r.rest[n:], r.read+n
	if r.since += n; r.since > 3<<20 {
		r.since = 0
		r.most = max(r.most, alive()-min(r.base, alive()))
	}
	return n, nil
}

func alive() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemory brings in work items that are as long as they may be, and counts
// the bytes that are alive meanwhile: what is written at once is bounded by them.
//
//nolint:paralleltest // others would be counted, too
func TestMemory(t *testing.T) {
	db := storetest.SQLite(t)
	b := newBench(t, store.New(db), db)
	labels := strings.Repeat(`"`+strings.Repeat("l", 490)+`",`, 150)
	title := strings.Repeat("t", 7900)
	in := &weighed{base: alive(), line: func(i int) string {
		if i == 800 {
			return ""
		}
		return fmt.Sprintf(`{"id":"%d","title":"%s","url":"%s","labels":[%s"x"],"created_at":"2024-01-01T00:00:00Z"}`+"\n", i, title, title, labels)
	}}
	made, err := b.load(in)
	if err != nil || made.Cases != 800 {
		t.Fatal(made.Cases, err)
	}
	t.Logf("%d MiB were read, %d MiB alive", in.read>>20, in.most>>20)
	if most := uint64(60); in.most > most<<20 {
		t.Errorf("%d MiB are alive, want %d at most", in.most>>20, most)
	}
}

// TestManyStates refuses a file in which something else was taken for the
// activities or the statuses: no report of it could be read.
func TestManyStates(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	b := newBench(t, store.New(db), db)
	csv := func(activities int) string {
		var text strings.Builder
		text.WriteString("case,activity,time\n")
		for i := range activities {
			fmt.Fprintf(&text, "%d,act %03d,2024-01-01\n", i%10, i)
		}
		return text.String()
	}
	var items strings.Builder
	for i := range 251 {
		fmt.Fprintf(&items, `{"id":"%d","status":"s%d","created_at":"2024-01-01T00:00:00Z","history":[{"field":"status","from":"","to":"t%d","at":"2024-01-01T00:00:00Z"},{"field":"label","to":"l%d","at":"2024-01-01T00:00:00Z"}]}`+"\n", i, i, i, i)
	}
	for _, skip := range []bool{false, true} {
		skipping := func(r *exchange.Request) { r.Skip = skip }
		if made, err := b.load(strings.NewReader(csv(exchange.MaxStates)), skipping); err != nil || made.Events != exchange.MaxStates {
			t.Errorf("as many as may be: %+v, %v", made, err)
		}
		_, err := b.load(strings.NewReader(csv(exchange.MaxStates+1)), skipping)
		if want := `the file: has more than 500 different activities, such as "act 000", "act 001" and "act 002": check what the parameter activity names`; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if _, err := b.load(strings.NewReader(items.String()), skipping); err == nil || !strings.Contains(err.Error(), "more than 500 different statuses") {
			t.Errorf("items: %v", err)
		}
	}
}

// TestNothing refuses a file without a case: an import of its name stays.
func TestNothing(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	b := newBench(t, store.New(db), db)
	if _, err := b.load(strings.NewReader(log(3))); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"case,activity,time\n":                    "the file: has no case with an event, so that nothing of it can be kept",
		"<log></log>":                             "the file: has no case with an event",
		"<log><trace/><trace/></log>":             "there are 2 cases, and all are empty",
		`{"id":"1"}` + "\n":                       "line 1: has no created_at",
		"case,activity,time\n1,,2024-01-01\n\n\n": `line 2: has no value in the column "activity"`,
	} {
		_, err := b.load(strings.NewReader(text), func(r *exchange.Request) { r.Skip = true })
		if rampforge.ErrorCode(err) != rampforge.CodeInvalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	b.purge(time.Time{})
	b.is("3 shown, 3 records, 1 imports")
}

// TestSameNames tells traces of one name apart, also from those that have such
// a name themselves.
func TestSameNames(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	b := newBench(t, store.New(db), db)
	var text strings.Builder
	text.WriteString("<log>")
	for _, name := range []string{"c", "c #2", "c", "c", "c #2"} {
		fmt.Fprintf(&text, `<trace><string key="concept:name" value="%s"/><event><string key="concept:name" value="A"/><date key="time:timestamp" value="2024-01-01T00:00:00Z"/></event></trace>`, name)
	}
	text.WriteString("</log>")
	if made, err := b.load(strings.NewReader(text.String())); err != nil || made.Cases != 5 {
		t.Fatalf("%+v, %v", made, err)
	}
	b.is("5 shown, 5 records, 1 imports")
}

// TestBeat has a file that comes slowly: the import says that it lives, and ends
// when it was given up.
func TestBeat(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, db *database.DB) {
		b := newBench(t, s, db)
		b.Beat = time.Millisecond
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		beaten := func() (alive bool) {
			var n int
			if err := db.Read().QueryRowContext(ctx, `SELECT count(*) FROM imports WHERE state = 'staging' AND heartbeat_at > created_at`).Scan(&n); err != nil {
				t.Error(err)
				return true
			}
			return n == 1
		}
		slow := &waiting{text: log(2), until: func() {
			for !beaten() && ctx.Err() == nil {
				time.Sleep(time.Millisecond)
			}
		}}
		if _, err := b.load(slow); err != nil || ctx.Err() != nil {
			t.Fatalf("%v, %v", err, ctx.Err())
		}
		lost := &waiting{text: log(2), until: func() {
			b.purge(time.Now().Add(time.Hour))
		}}
		if _, err := b.load(lost); !errors.Is(err, store.ErrImportLost) || rampforge.ErrorCode(err) != rampforge.CodeConflict {
			t.Errorf("an import that was given up: %v", err)
		}
		b.is("2 shown, 2 records, 1 imports")
	})
}

// waiting is a file whose second half comes after something.
type waiting struct {
	text  string
	at    int
	until func()
}

func (r *waiting) Read(b []byte) (int, error) {
	if r.at >= len(r.text)/2 && r.until != nil {
		r.until()
		r.until = nil
	}
	if r.at == len(r.text) {
		return 0, io.EOF
	}
	n := copy(b, r.text[r.at:min(len(r.text), r.at+len(r.text)/2)])
	r.at += n
	return n, nil
}
