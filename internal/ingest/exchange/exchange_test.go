package exchange_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/ingest/exchange"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

// bench is an importer on a database that has one project.
type bench struct {
	exchange.Importer

	t       testing.TB
	db      *database.DB
	project string
}

func newBench(t testing.TB, s *store.Store, db *database.DB) *bench {
	t.Helper()
	now := time.Now().UTC()
	user, err := s.CreateUser(t.Context(), store.Registration{Email: "ada@example.com", Name: "Ada", Role: rampforge.RoleAdmin, PasswordHash: "none", At: now})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, db: db, project: store.NewID("prj")}
	b.Importer = exchange.Importer{Store: s, Now: time.Now, TempDir: t.TempDir()}
	if _, err := db.Write().ExecContext(t.Context(), `INSERT INTO projects (id, name, description, status, created_by, created_at, updated_at) VALUES ($1, 'shop', '', 'active', $2, $3, $3)`, b.project, user.ID, now); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) load(body io.Reader, change ...func(*exchange.Request)) (rampforge.Import, error) {
	b.t.Helper()
	r := exchange.Request{ProjectID: b.project, Name: "log", By: "usr_x"}
	for _, f := range change {
		f(&r)
	}
	made, _, err := b.Import(b.t.Context(), r, body)
	return made, err
}

// state counts the work items that the project shows, the records that there are
// and the rows of imports.
func (b *bench) state() string {
	b.t.Helper()
	_, shown, err := b.Store.ProjectRecords(b.t.Context(), b.project, rampforge.StreamWorkItems, store.RecordFilter{}, store.Page{Limit: 1})
	var records, imports int
	for text, into := range map[string]*int{`SELECT count(*) FROM records`: &records, `SELECT count(*) FROM imports`: &imports} {
		err = errors.Join(err, b.db.Read().QueryRowContext(b.t.Context(), text).Scan(into))
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return fmt.Sprintf("%d shown, %d records, %d imports", shown, records, imports)
}

func (b *bench) is(want string) {
	b.t.Helper()
	if got := b.state(); got != want {
		b.t.Errorf("there are %s, want %s", got, want)
	}
}

func (b *bench) purge(before time.Time) {
	b.t.Helper()
	if _, err := b.Store.PurgeImports(b.t.Context(), before); err != nil {
		b.t.Fatal(err)
	}
}

// log is an event log of so many cases with two events each.
func log(cases int) string {
	var b bytes.Buffer
	w := eventlog.NewXESWriter(&b, "log")
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range cases {
		_ = w.Write(&eventlog.Case{ID: fmt.Sprintf("C-%d", i), Events: []eventlog.Event{{Activity: "Open", At: at}, {Activity: "Close", At: at.Add(time.Hour), Resource: "Ada"}}})
	}
	_ = w.Close()
	return b.String()
}

// TestBrokenOff loses the connection in the middle of a file: what was there
// before stands, and of the file nothing is left.
func TestBrokenOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, db *database.DB) {
		b := newBench(t, s, db)
		if _, err := b.load(strings.NewReader(log(3))); err != nil {
			t.Fatal(err)
		}
		b.is("3 shown, 3 records, 1 imports")
		large := log(3000)
		gone := errors.New("the client is gone")
		for _, body := range []io.Reader{
			io.MultiReader(strings.NewReader(large[:len(large)/2]), iotest.ErrReader(gone)),
			strings.NewReader(large[:len(large)-9]),
			io.MultiReader(strings.NewReader(large[:len(large)-9]), strings.NewReader("<trace><event/></trace></log>")),
		} {
			if _, err := b.load(body); err == nil {
				t.Fatal("a broken file was taken")
			}
			if !strings.HasPrefix(b.state(), "3 shown, ") {
				t.Errorf("a broken file is seen: %s", b.state())
			}
		}
		b.purge(time.Time{})
		b.is("3 shown, 3 records, 1 imports")
		if _, err := b.load(strings.NewReader(large)); err != nil {
			t.Fatal(err)
		}
		b.is("3000 shown, 3003 records, 2 imports")
		b.purge(time.Time{})
		b.is("3000 shown, 3000 records, 1 imports")
	})
}

// TestDied has an import whose process died: it is not seen, and swept when it
// was silent for long. One that lives is left alone, and one that was given up
// cannot go on.
func TestDied(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, db *database.DB) {
		b := newBench(t, s, db)
		now := time.Now().UTC()
		v := rampforge.Import{ID: store.NewID("imp"), ProjectID: b.project, Name: "log", Format: "xes", CreatedBy: "usr_x", CreatedAt: now}
		item := rampforge.Record{Stream: rampforge.StreamWorkItems, ID: "1", UpdatedAt: now, WorkItem: &rampforge.WorkItem{Key: "1"}}
		if err := errors.Join(s.BeginImport(t.Context(), v), s.StageImport(t.Context(), v.ID, []rampforge.Record{item}, now)); err != nil {
			t.Fatal(err)
		}
		b.is("0 shown, 1 records, 1 imports")
		b.purge(now.Add(-time.Minute))
		b.is("0 shown, 1 records, 1 imports")
		b.purge(now.Add(time.Minute))
		b.is("0 shown, 0 records, 0 imports")
		item.ID = "2"
		if err := s.StageImport(t.Context(), v.ID, []rampforge.Record{item}, now); !errors.Is(err, store.ErrImportLost) {
			t.Errorf("writing on: %v", err)
		}
		if _, err := s.KeepImport(t.Context(), v, nil, now); !errors.Is(err, store.ErrImportLost) {
			t.Errorf("keeping it: %v", err)
		}
		b.is("0 shown, 0 records, 0 imports")
		// What a removed project leaves goes, too.
		if _, err := b.load(strings.NewReader(log(2))); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Write().ExecContext(t.Context(), `DELETE FROM projects`); err != nil {
			t.Fatal(err)
		}
		b.purge(time.Time{})
		b.is("0 shown, 0 records, 0 imports")
		if _, err := b.load(strings.NewReader(log(2))); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
			t.Errorf("into a project that is gone: %v", err)
		}
	})
}

// TestTwice imports two files of one name at the same time: one of them stands.
func TestTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, db *database.DB) {
		b := newBench(t, s, db)
		ends := make(chan error, 4)
		for range cap(ends) {
			go func() {
				_, err := b.load(strings.NewReader(log(700)))
				ends <- err
			}()
		}
		for range cap(ends) {
			if err := <-ends; err != nil {
				t.Error(err)
			}
		}
		b.purge(time.Time{})
		b.is("700 shown, 700 records, 1 imports")
	})
}

// TestScattered sorts a CSV file on the disk and leaves no file behind.
func TestScattered(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	b := newBench(t, store.New(db), db)
	var text strings.Builder
	text.WriteString("case,activity,time,lifecycle\n")
	for i := range 20_000 {
		fmt.Fprintf(&text, "%d,A%d,2024-01-%02d 10:00,%s\n", i%1000, i%7, 1+i%28, []string{"start", "complete"}[i%2])
	}
	made, err := b.load(strings.NewReader(text.String()), func(r *exchange.Request) { r.SpillAt = 100_000 })
	if err != nil || made.Cases != 1000 || made.Events != 20_000 {
		t.Errorf("%+v, %v", made, err)
	}
	made, err = b.load(strings.NewReader(text.String()), func(r *exchange.Request) { r.CompleteOnly = true })
	if err != nil || made.Events != 10_000 {
		t.Errorf("%+v, %v", made, err)
	}
	if left, err := os.ReadDir(b.TempDir); err != nil || len(left) != 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// TestManyFaults bounds what an answer lists.
func TestManyFaults(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	b := newBench(t, store.New(db), db)
	if _, err := b.load(io.MultiReader(strings.NewReader("<log>"+strings.Repeat(" ", 1000)), panics{})); err == nil || !strings.Contains(err.Error(), "panic: a parser's fault") {
		t.Errorf("a panic became %v", err)
	}
	text := "case,activity,time\n1,A,2024-01-01\n" + strings.Repeat("1,,2024-01-01\n", 500)
	_, err := b.load(strings.NewReader(text))
	if fault, ok := errors.AsType[*rampforge.Error](err); !ok || len(fault.Fields) != 100 {
		t.Errorf("%v", err)
	}
	made, err := b.load(strings.NewReader(text), func(r *exchange.Request) { r.Skip = true })
	if err != nil || made.Skipped.Total != 500 || len(made.Skipped.Rows) != 100 {
		t.Errorf("%d of %d, %v", len(made.Skipped.Rows), made.Skipped.Total, err)
	}
	twice := `{"id":"1","created_at":"2024-01-01T00:00:00Z"}` + "\n"
	if _, err := b.load(strings.NewReader(twice + twice)); err == nil || !strings.Contains(err.Error(), `line 2: has the id "1", which another line has`) {
		t.Errorf("an id twice: %v", err)
	}
}

type panics struct{}

func (panics) Read([]byte) (int, error) { panic("a parser's fault") }

func BenchmarkImport(b *testing.B) {
	db := storetest.SQLite(b)
	at := newBench(b, store.New(db), db)
	var text bytes.Buffer
	w := eventlog.NewXESWriter(&text, "large")
	begin := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 13_000 {
		c := eventlog.Case{ID: fmt.Sprintf("ORDER-%d", i)}
		for n := range 20 {
			c.Events = append(c.Events, eventlog.Event{Activity: fmt.Sprintf("Step %d", (i+n*n)%17), At: begin.Add(time.Duration(i*60+n*97) * time.Minute), Resource: fmt.Sprintf("Clerk %d", (i+n)%40), Lifecycle: "complete"})
		}
		_ = w.Write(&c)
	}
	_ = w.Close()
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if made, err := at.load(bytes.NewReader(text.Bytes())); err != nil || made.Events != 260_000 {
			b.Fatal(made.Events, err)
		}
	}
}
