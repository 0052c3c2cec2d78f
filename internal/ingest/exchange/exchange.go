// Package exchange brings work into projects from files and writes it into
// files: event logs and work items with their histories. A file is read and
// kept piece by piece; nothing of it is seen before all of it is kept.
package exchange

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

const (
	// batchSize and batchEvents bound what is written at once.
	batchSize   = 500
	batchEvents = 20_000
	// maxTold bounds the faults that an answer lists; all are counted.
	maxTold = 100
	// cleanUpTime bounds the giving up of an import whose request is gone.
	cleanUpTime = 10 * time.Second
	// ImportSilence is how long nothing may be written of an import before it is
	// taken for dead: sorting a large file takes minutes.
	ImportSilence = time.Hour
)

// Importer brings files into projects.
type Importer struct {
	Store *store.Store
	Now   func() time.Time
	// MaxBytes bounds a file, unpacked.
	MaxBytes int64
	// TempDir is where what does not fit into memory lies meanwhile; "" is the
	// system's. Nothing of it is left, whatever happens.
	TempDir string
}

// Request is one file and how it is read.
type Request struct {
	ProjectID string
	Name      string          // an import of the same name is replaced
	By        string          // whose it is
	Format    eventlog.Format // "" is found out by the content
	Columns   eventlog.Columns
	// TimestampFormat, Zone and CompleteOnly are as eventlog.Options has them.
	TimestampFormat string
	Zone            *time.Location
	CompleteOnly    bool
	Skip            bool // leave out what is faulty
	SpillAt         int  // as eventlog.Options has it
}

// Import keeps what a file has, and reports whether it took the place of an
// import of the same name. What is wrong with a file is VALIDATION_ERROR with
// its places; nothing of such a file is kept.
func (m *Importer) Import(ctx context.Context, r Request, body io.Reader) (done rampforge.Import, replaced bool, err error) {
	in, format, err := open(body, r.Format)
	if err != nil {
		return done, false, asInvalid(nil, err)
	}
	l := &loading{
		importer: m, request: r, seed: maphash.MakeSeed(), known: map[uint64]struct{}{}, batches: make(chan []rampforge.Record, 1),
		made: rampforge.Import{ID: store.NewID("imp"), ProjectID: r.ProjectID, Name: r.Name, Format: string(format), CreatedBy: r.By, CreatedAt: m.Now().UTC().Truncate(time.Microsecond)},
	}
	l.made.Skipped.Rows = []rampforge.ImportFault{}
	if err := m.Store.BeginImport(ctx, l.made); err != nil {
		return done, false, fmt.Errorf("beginning an import: %w", err)
	}
	err = l.run(ctx, in, format)
	if err == nil {
		replaced, err = m.Store.KeepImport(ctx, l.made, l.states.list(), m.Now().UTC())
	}
	if err != nil {
		m.abandon(ctx, l.made.ID)
		if errors.Is(err, store.ErrImportLost) {
			err = rampforge.Wrap(rampforge.CodeConflict, err, "The import took so long that it was given up: send the file again, faster or in parts.")
		}
		return done, false, err
	}
	return l.made, replaced, nil
}

// abandon gives an import up, also when the request is gone. What is not
// reached here the housekeeping does.
func (m *Importer) abandon(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTime)
	defer cancel()
	_ = m.Store.AbandonImport(ctx, id) // it is silent from now on, and swept
}

// open unpacks a file and finds out what it is.
func open(body io.Reader, format eventlog.Format) (io.Reader, eventlog.Format, error) {
	in, err := eventlog.Unpack(body)
	if err != nil || format != "" {
		return in, format, err
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, "", err
	}
	if format = eventlog.Sniff(head[:n]); format == "" {
		return nil, "", &eventlog.Fault{Issue: "is empty: send the file as the body, or as a part of a form"}
	}
	return io.MultiReader(strings.NewReader(string(head[:n])), in), format, nil
}

// loading is one import that is read and written.
type loading struct {
	importer *Importer
	request  Request
	made     rampforge.Import
	faults   []*eventlog.Fault
	states   states

	batch   []rampforge.Record
	events  int // in the batch
	batches chan []rampforge.Record
	// known are the ids that were given, as sums: an id takes 16 bytes or so,
	// however long it is.
	known map[uint64]struct{}
	seed  maphash.Seed
}

// run reads on one processor and writes on another.
func (l *loading) run(ctx context.Context, in io.Reader, format eventlog.Format) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(l.batches)
		err := l.read(ctx, in, format)
		if err == nil && len(l.faults) == 0 {
			err = l.send(ctx)
		}
		return asInvalid(l.faults, err)
	})
	group.Go(func() error {
		for batch := range l.batches {
			if err := l.importer.Store.StageImport(ctx, l.made.ID, batch, l.importer.Now().UTC()); err != nil {
				return err
			}
		}
		return nil
	})
	return group.Wait()
}

func (l *loading) read(ctx context.Context, in io.Reader, format eventlog.Format) (err error) {
	// A fault of a parser that a strange file finds must not end the server with
	// all that others do on it: this is a goroutine of its own.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("reading a file: panic: %v\n%s", p, debug.Stack())
		}
	}()
	r := l.request
	spills := &spills{dir: l.importer.TempDir}
	defer spills.close()
	o := eventlog.Options{
		Columns: r.Columns, TimestampFormat: r.TimestampFormat, Zone: r.Zone, CompleteOnly: r.CompleteOnly,
		MaxBytes: l.importer.MaxBytes, Faulty: l.faulty, Spill: spills.open, SpillAt: r.SpillAt,
	}
	switch format {
	case eventlog.XES:
		return eventlog.ReadXES(in, o, func(c eventlog.Case) error { return l.addCase(ctx, c) })
	case eventlog.CSV:
		return eventlog.ReadCSV(in, o, func(c eventlog.Case) error { return l.addCase(ctx, c) })
	case eventlog.JSONL:
		return eventlog.ReadItems(in, o, func(line int, item *eventlog.Item) error { return l.addItem(ctx, line, item) })
	}
	return fmt.Errorf("the format %q is none", format)
}

// errEnough ends the reading of a file with many faults.
var errEnough = errors.New("there are more faults than an answer lists")

// faulty takes a fault: it is left out, or it is one of those that the file is
// refused for. Then the rest is read for its faults alone.
func (l *loading) faulty(f *eventlog.Fault) error {
	if !l.request.Skip {
		l.faults = append(l.faults, f)
		if len(l.faults) >= maxTold {
			return errEnough
		}
		return nil
	}
	l.made.Skipped.Total++
	if len(l.made.Skipped.Rows) < maxTold {
		l.made.Skipped.Rows = append(l.made.Skipped.Rows, rampforge.ImportFault{Line: known(f.Line), Event: known(f.Event), Issue: f.Issue})
	}
	return nil
}

func known(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

// asInvalid makes what is wrong with a file a fault of the request.
func asInvalid(faults []*eventlog.Fault, err error) error {
	last, isFault := errors.AsType[*eventlog.Fault](err)
	if isFault {
		faults = append(faults, last)
	}
	if err != nil && !isFault && !errors.Is(err, errEnough) || len(faults) == 0 {
		return err
	}
	issues := make([]rampforge.FieldIssue, 0, len(faults))
	for _, f := range faults {
		issues = append(issues, rampforge.FieldIssue{Field: f.Place(), Issue: f.Issue})
	}
	return rampforge.Invalid(issues...)
}

// isNew reports whether an id is given for the first time, and remembers it.
func (l *loading) isNew(id string) bool {
	sum := maphash.String(l.seed, id)
	if _, taken := l.known[sum]; taken {
		return false
	}
	l.known[sum] = struct{}{}
	return true
}

// addCase keeps a case of an event log. Traces that have the same name are
// cases of their own: their ids are told apart.
func (l *loading) addCase(ctx context.Context, c eventlog.Case) error {
	if len(c.Events) == 0 {
		l.made.EmptyCases++
		return nil
	}
	id := c.ID
	for n := 2; !l.isNew(id); n++ {
		id = fmt.Sprintf("%s #%d", c.ID, n)
	}
	return l.add(ctx, recordOf(id, workItemOfCase(&c)), len(c.Events))
}

func (l *loading) addItem(ctx context.Context, line int, item *eventlog.Item) error {
	if !l.isNew(item.ID) {
		return l.faulty(&eventlog.Fault{Line: line, Issue: fmt.Sprintf("has the id %q, which another line has", item.ID)})
	}
	if !l.states.learn(item) {
		return l.faulty(&eventlog.Fault{Line: line, Issue: fmt.Sprintf("names a status that the file says the category of, after %d others: no more are taken", maxStates)})
	}
	return l.add(ctx, recordOf(item.ID, workItemOf(item)), len(item.History))
}

func (l *loading) add(ctx context.Context, r rampforge.Record, events int) error {
	l.made.Cases++
	l.made.Events += events
	first, last := r.WorkItem.CreatedAt, r.WorkItem.CreatedAt
	if n := len(r.WorkItem.Events); n > 0 {
		last = r.WorkItem.Events[n-1].At
		if at := r.WorkItem.Events[0].At; at.Before(first) {
			first = at
		}
	}
	if l.made.FirstEvent == nil || first.Before(*l.made.FirstEvent) {
		l.made.FirstEvent = &first
	}
	if l.made.LastEvent == nil || last.After(*l.made.LastEvent) {
		l.made.LastEvent = &last
	}
	if len(l.faults) > 0 {
		return nil
	}
	l.batch = append(l.batch, r)
	if l.events += events; len(l.batch) < batchSize && l.events < batchEvents {
		return nil
	}
	return l.send(ctx)
}

// send hands the batch to who writes.
func (l *loading) send(ctx context.Context) error {
	if len(l.batch) == 0 {
		return ctx.Err()
	}
	select {
	case l.batches <- l.batch:
		l.batch, l.events = make([]rampforge.Record, 0, batchSize), 0
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// spills are the files of one import.
type spills struct {
	dir   string
	files []*os.File
}

// open makes a file that has no name any more, so that nothing is left of it
// when the program dies; where that cannot be, close removes it.
func (s *spills) open() (eventlog.Spill, error) {
	f, err := os.CreateTemp(s.dir, "rampforge-import-*")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(f.Name()) // see close
	s.files = append(s.files, f)
	return f, nil
}

func (s *spills) close() {
	for _, f := range s.files {
		_ = f.Close()
		_ = os.Remove(f.Name()) // it has no name any more, mostly
	}
}
