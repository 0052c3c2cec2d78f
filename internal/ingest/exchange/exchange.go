// Package exchange brings work into projects from files and writes it into
// files: event logs and work items with their histories. A file is read and
// kept piece by piece; nothing of it is seen before all of it is kept.
package exchange

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

const (
	// batchSize, batchEvents and batchBytes bound what is written at once.
	batchSize   = 500
	batchEvents = 20_000
	batchBytes  = 8 << 20
	// maxCases bounds the cases of an import: all that a project has is read
	// together.
	maxCases = 1_000_000
	// MaxStates bounds the different activities, or statuses, of an import.
	MaxStates = 500
	// maxTold bounds the faults that an answer lists; all are counted.
	maxTold = 100
	// cleanUpTime bounds the giving up of an import whose request is gone.
	cleanUpTime = 10 * time.Second
	// defaultBeat is how often an import that is read says that it lives.
	defaultBeat = 20 * time.Second
	// ImportSilence is how long nothing may be heard of an import before it is
	// taken for dead.
	ImportSilence = 6 * defaultBeat
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
	Beat    time.Duration // how often an import says that it lives; 0 is 20 seconds
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
		importer: m, request: r, seed: maphash.MakeSeed(), known: map[uint64]int{}, names: map[string]struct{}{}, batches: make(chan []rampforge.Record, 1),
		made: rampforge.Import{
			ID: store.NewID("imp"), ProjectID: r.ProjectID, Name: r.Name, Format: string(format), Bound: true, CreatedBy: r.By, CreatedAt: m.Now().UTC().Truncate(time.Microsecond),
		},
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
	bytes   int // in the batch, roughly
	batches chan []rampforge.Record
	// known are the ids that were given, as sums: an id takes 16 bytes or so,
	// however long it is. Each has how many cases came with it.
	known map[uint64]int
	seed  maphash.Seed
	names map[string]struct{} // the different activities or statuses
}

// run reads on one processor and writes on another. Meanwhile it says that it
// lives, as sorting a large file takes minutes.
func (l *loading) run(ctx context.Context, in io.Reader, format eventlog.Format) error {
	group, ctx := errgroup.WithContext(ctx)
	written := make(chan struct{})
	group.Go(func() error {
		defer close(l.batches)
		err := l.read(ctx, in, format)
		if err == nil && len(l.faults) == 0 {
			err = l.last(ctx)
		}
		return asInvalid(l.faults, err)
	})
	group.Go(func() error { return l.beat(ctx, written) })
	group.Go(func() error {
		defer close(written)
		for batch := range l.batches {
			if err := l.importer.Store.StageImport(ctx, l.made.ID, batch, l.importer.Now().UTC()); err != nil {
				return err
			}
		}
		return nil
	})
	return group.Wait()
}

// beat says that the import lives until all of it is written. An import that
// was given up ends.
func (l *loading) beat(ctx context.Context, written <-chan struct{}) error {
	tick := time.NewTicker(cmp.Or(l.importer.Beat, defaultBeat))
	defer tick.Stop()
	for {
		select {
		case <-written:
			return nil
		case <-ctx.Done():
			return nil // who ended it says why
		case <-tick.C:
			// Any other fault comes back when the next batch is written.
			if err := l.importer.Store.BeatImport(ctx, l.made.ID, l.importer.Now().UTC()); errors.Is(err, store.ErrImportLost) {
				return err
			}
		}
	}
}

// last sends what is left. A file of which nothing would be kept is refused: it
// would take the place of one that had something.
func (l *loading) last(ctx context.Context) error {
	if l.made.Cases > 0 {
		return l.send(ctx)
	}
	for _, f := range l.made.Skipped.Rows {
		l.faults = append(l.faults, &eventlog.Fault{Line: place(f.Line), Event: place(f.Event), Issue: f.Issue})
	}
	issue := "has no case with an event, so that nothing of it can be kept"
	if l.made.EmptyCases > 0 {
		issue += fmt.Sprintf(": there are %d cases, and all are empty", l.made.EmptyCases)
	}
	return &eventlog.Fault{Issue: issue}
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

// place is what known made of a line or an event.
func place(n *int) int {
	if n == nil {
		return 0
	}
	return *n
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

// tell returns an id for a case that comes with one: the same, or with a number
// behind it when others came with it.
func (l *loading) tell(id string) string {
	sum := maphash.String(l.seed, id)
	if l.known[sum]++; l.known[sum] == 1 {
		return id
	}
	for {
		other := fmt.Sprintf("%s #%d", id, l.known[sum])
		if at := maphash.String(l.seed, other); l.known[at] == 0 {
			l.known[at] = 1
			return other
		}
		l.known[sum]++ // a case of the file is called so
	}
}

// addCase keeps a case of an event log. Traces that have the same name are
// cases of their own: their ids are told apart.
func (l *loading) addCase(ctx context.Context, c eventlog.Case) error {
	if len(c.Events) == 0 {
		l.made.EmptyCases++
		return nil
	}
	for i := range c.Events {
		if err := l.name(c.Events[i].Activity, "activities", "check what the parameter activity names"); err != nil {
			return err
		}
	}
	return l.add(ctx, recordOf(l.tell(c.ID), workItemOfCase(&c)), len(c.Events))
}

func (l *loading) addItem(ctx context.Context, line int, item *eventlog.Item) error {
	sum := maphash.String(l.seed, item.ID)
	if l.known[sum]++; l.known[sum] > 1 {
		return l.faulty(&eventlog.Fault{Line: line, Issue: fmt.Sprintf("has the id %q, which another line has", item.ID)})
	}
	statuses := []string{cmp.Or(item.Status, item.StatusID)}
	for i := range item.History {
		if c := &item.History[i]; c.Field == rampforge.FieldStatus {
			statuses = append(statuses, cmp.Or(c.From, c.FromID), cmp.Or(c.To, c.ToID)) // as facts call them
		}
	}
	for _, status := range statuses {
		if err := l.name(status, "statuses", "check that the field status says how far an item is"); err != nil {
			return err
		}
	}
	if !l.states.learn(item) {
		return l.faulty(&eventlog.Fault{Line: line, Issue: fmt.Sprintf("names a status that the file says the category of, after %d others: no more are taken", maxStates)})
	}
	return l.add(ctx, recordOf(item.ID, workItemOf(item)), len(item.History))
}

// name counts the different activities or statuses. With too many, something
// else was taken for them, and no report of them could be read.
func (l *loading) name(name, what, hint string) error {
	if _, seen := l.names[name]; seen || name == "" {
		return nil
	}
	if len(l.names) < MaxStates {
		l.names[name] = struct{}{}
		return nil
	}
	some := slices.Sorted(maps.Keys(l.names))[:3]
	return &eventlog.Fault{Issue: fmt.Sprintf("has more than %d different %s, such as %.60q, %.60q and %.60q: %s", MaxStates, what, some[0], some[1], some[2], hint)}
}

func (l *loading) add(ctx context.Context, r rampforge.Record, events int) error {
	if l.made.Cases == maxCases {
		return &eventlog.Fault{Issue: fmt.Sprintf("has more than %d cases: so many are taken of one import: check what the parameter case names, or send the file in parts, each with a name of its own", maxCases)}
	}
	l.made.Cases++
	l.made.Events += events
	l.span(r.WorkItem)
	if len(l.faults) > 0 {
		return nil
	}
	l.batch = append(l.batch, r)
	l.events += events
	if l.bytes += sizeOf(r.WorkItem); len(l.batch) < batchSize && l.events < batchEvents && l.bytes < batchBytes {
		return nil
	}
	return l.send(ctx)
}

// span widens the time that the import is of.
func (l *loading) span(w *rampforge.WorkItem) {
	first, last := w.CreatedAt, w.CreatedAt
	if n := len(w.Events); n > 0 {
		last = w.Events[n-1].At
		if at := w.Events[0].At; at.Before(first) {
			first = at
		}
	}
	if l.made.FirstEvent == nil || first.Before(*l.made.FirstEvent) {
		l.made.FirstEvent = &first
	}
	if l.made.LastEvent == nil || last.After(*l.made.LastEvent) {
		l.made.LastEvent = &last
	}
}

// send hands the batch to who writes.
func (l *loading) send(ctx context.Context) error {
	if len(l.batch) == 0 {
		return ctx.Err()
	}
	select {
	case l.batches <- l.batch:
		l.batch, l.events, l.bytes = make([]rampforge.Record, 0, batchSize), 0, 0
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
