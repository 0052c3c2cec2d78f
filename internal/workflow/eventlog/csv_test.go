package eventlog_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

func readCSV(text string, o eventlog.Options) (lines []string, faults []string, err error) {
	o.Faulty = func(f *eventlog.Fault) error { faults = append(faults, f.Error()); return nil }
	err = eventlog.ReadCSV(strings.NewReader(text), o, describe(&lines))
	return lines, faults, err
}

func TestReadCSV(t *testing.T) {
	t.Parallel()
	two := []string{"1: A at 2024-01-31T10:00:00Z by Zoë", "1: B at 2024-01-31T11:30:00Z"}
	for name, c := range map[string]struct {
		text    string
		options eventlog.Options
		want    []string
	}{
		"as pm4py writes it": {text: "case:concept:name,concept:name,time:timestamp,org:resource\n1,B,2024-01-31T11:30:00Z,\n1,A,2024-01-31T10:00:00Z,Zoë\n", want: two},
		"semicolons, a mark": {text: "\ufeffCase ID;Activity;Complete Timestamp;Resource\r\n1;B;2024-01-31 12:30:00+01:00;\r\n1;A;2024-01-31 11:00:00+01:00;Zoë\r\n", want: two},
		"tabs":               {text: "case_id\tevent\ttimestamp\tuser\n1\tA\t2024/01/31 10:00\tZoë\n1\tB\t2024/01/31 11:30\t\n", want: two},
		"bars, points":       {text: "Case|Task|Date|Agent\n1|A|31.01.2024 10:00|Zoë\n1|B|31.1.2024 11:30:00|\n", want: two},
		"words": {
			text: "a,b,c,d\n1,A,Jan 31 2024 10h00,Zoë\n1,B,Jan 31 2024 11h30,\n", want: two,
			options: eventlog.Options{Columns: eventlog.Columns{Case: "a", Activity: "B", Timestamp: "c", Resource: "d"}, TimestampFormat: "%b %d %Y %Hh%M"},
		},
		"both starts and ends": {text: "CaseID,Activity,Start Timestamp,Complete Timestamp,Resource\n1,A,2020-01-01,2024-01-31 10:00,Zoë\n1,B,2020-01-01,2024-01-31 11:30,\n", want: two},
		"in a zone": {
			text: "case,activity,time,resource\n1,A,31/01/2024 11:00,Zoë\n1,B,31/01/2024 12:30,\n", want: two,
			options: eventlog.Options{Zone: time.FixedZone("", 3600)},
		},
		"American":     {text: "case,activity,time,resource\n1,A,1/31/2024 10:00 AM,Zoë\n1,B,1/31/2024 11:30 AM,\n", want: two},
		"seconds":      {text: "case,activity,time,resource\n1,A,1706695200,Zoë\n1,B,1706700600,\n", want: two},
		"milliseconds": {text: "case,activity,time,resource\n1,A,1706695200000,Zoë\n1,B,1706700600000,\n", want: two},
		"month names":  {text: "case,activity,time,resource\n1,A,31-Jan-2024 10:00:00,Zoë\n1,B,31-Jan-2024 11:30:00,\n", want: two},
		"a line in a value": {
			text: "case,activity,time\n\"1\",\"A, the\nfirst \"\"one\"\"\",2024-01-31\n", want: []string{`1: A, the first "one" at 2024-01-31T00:00:00Z`},
		},
		"ties stay":     {text: "case,activity,time\n1,C,2024-01-31\n1,A,2024-01-31\n1,B,2024-01-31\n", want: []string{"1: C at 2024-01-31T00:00:00Z", "1: A at 2024-01-31T00:00:00Z", "1: B at 2024-01-31T00:00:00Z"}},
		"scattered":     {text: "case,activity,time\n2,A,2024-01-01\n1,A,2024-01-02\n2,B,2024-01-03\n", want: []string{"1: A at 2024-01-02T00:00:00Z", "2: A at 2024-01-01T00:00:00Z", "2: B at 2024-01-03T00:00:00Z"}},
		"complete only": {text: "case,activity,time,lifecycle:transition\n1,A,2024-01-01,start\n1,A,2024-01-02,Complete\n", options: eventlog.Options{CompleteOnly: true}, want: []string{"1: A at 2024-01-02T00:00:00Z (Complete)"}},
		"no rows":       {text: "case,activity,time\n"},
		"guarded":       {text: "case,activity,time\n'=1,'+A,2024-01-01\n", want: []string{"=1: +A at 2024-01-01T00:00:00Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines, faults, err := readCSV(c.text, c.options)
			if diff := cmp.Diff(c.want, lines); diff != "" || err != nil || faults != nil {
				t.Errorf("%v, %v\n%s", err, faults, diff)
			}
		})
	}
}

// TestCSVRefused has files of which nothing can be read.
func TestCSVRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text, want string
		options    eventlog.Options
	}{
		"empty":               {text: "", want: "is empty: expected a row with the names of the columns"},
		"no such column":      {text: "case,activity,time\n", options: eventlog.Options{Columns: eventlog.Columns{Case: "Ticket"}}, want: `case: there is no column "Ticket": there are "case", "activity", "time"`},
		"no usual name":       {text: "x,activity,time\n", want: `case: no column has one of the usual names: say which it is; there are "x"`},
		"two of one name":     {text: "case id,Case_ID,activity,time\n", want: `both "case id" and "Case_ID" may be it`},
		"day or month":        {text: "case,activity,time\n1,A,01/02/2024\n1,B,03/04/2024 10:00\n", want: `line 2: the column "time" has "01/02/2024", which can be read as %d/%m/%Y and as %m/%d/%Y: say which by timestamp_format, such as %d/%m/%Y %H:%M`},
		"unknown times":       {text: "case,activity,time\n1,A,noon\n", want: `line 2: the column "time" has "noon", which is written in a way that is not known: say which by timestamp_format`},
		"no format":           {text: "case,activity,time\n1,A,2024-01-01\n", options: eventlog.Options{TimestampFormat: "dd/MM/yyyy"}, want: "is not written as strptime has it"},
		"no year":             {text: "case,activity,time\n1,A,2024-01-01\n", options: eventlog.Options{TimestampFormat: "%H:%M"}, want: "has no year"},
		"a quote never ends":  {text: "case,activity,time\n1,\"A,2024-01-01\n", want: ""},
		"no UTF-8 in a name":  {text: "case,activity,time,\xff\n", want: "is no UTF-8"},
		"a broken first line": {text: "case,a\"b,time\n", want: "column 7: a quote stands inside of a value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, faults, err := readCSV(c.text, c.options)
			switch {
			case c.want == "":
				if len(faults) != 1 || !strings.Contains(faults[0], "does not end with its quote") {
					t.Errorf("%v, %v", faults, err)
				}
			case err == nil || !strings.Contains(message(err), c.want):
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func message(err error) string {
	if known, ok := errors.AsType[*rampforge.Error](err); ok {
		return known.Message
	}
	return err.Error()
}

func TestCSVFaults(t *testing.T) {
	t.Parallel()
	text := "case,activity,time\n1,A,2024-01-01\n1,B\n,C,2024-01-01\n1,,2024-01-01\n1,\"D\",tomorrow\n1,E\"x,2024-01-01\n1,\xff,2024-01-01\n1,F,2024-01-02\n"
	lines, faults, err := readCSV(text, eventlog.Options{})
	want := []string{"1: A at 2024-01-01T00:00:00Z", "1: F at 2024-01-02T00:00:00Z"}
	if diff := cmp.Diff(want, lines); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	wanted := []string{
		"line 3: has 2 columns, and the first row has 3", `line 4: has no value in the column "case"`, `line 5: has no value in the column "activity"`,
		`line 6: the column "time" has "tomorrow", expected a time as iso`, "line 7: column 4: a quote stands inside", "line 8: is no UTF-8",
	}
	slices.Sort(faults)
	if len(faults) != len(wanted) {
		t.Fatalf("%d faults: %q", len(faults), faults)
	}
	for i, w := range wanted {
		if !strings.HasPrefix(faults[i], w) {
			t.Errorf("%q, want %q", faults[i], w)
		}
	}
}

// TestSpill sorts a log that does not fit into memory, and finds what it finds
// of the same log in memory.
func TestSpill(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	text.WriteString("case,activity,time,resource\n")
	begin := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 5000 {
		at := begin.Add(time.Duration(random.IntN(300)) * time.Hour)
		fmt.Fprintf(&text, "%d,A%d,%s,R%d\n", random.IntN(200), i%9, at.Format(time.RFC3339), i%7)
	}
	read := func(o eventlog.Options) (all []eventlog.Case) {
		if err := eventlog.ReadCSV(strings.NewReader(text.String()), o, func(c eventlog.Case) error { all = append(all, c); return nil }); err != nil {
			t.Fatal(err)
		}
		return all
	}
	spills := 0
	got := read(eventlog.Options{SpillAt: 20_000, Spill: func() (eventlog.Spill, error) {
		spills++
		return os.Create(t.TempDir() + "/spill")
	}})
	if diff := cmp.Diff(read(eventlog.Options{}), got, cases); diff != "" || spills != 1 {
		t.Errorf("%d spills\n%s", spills, diff)
	}
	full := errors.New("no room")
	err := eventlog.ReadCSV(strings.NewReader(text.String()), eventlog.Options{SpillAt: 20_000, Spill: func() (eventlog.Spill, error) { return nil, full }}, func(eventlog.Case) error { return nil })
	if !errors.Is(err, full) {
		t.Errorf("a full disk: %v", err)
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2024-02-29T23:59:60Z": "2024-02-29T23:59:59Z", "2024-01-01T10:00+0530": "2024-01-01T04:30:00Z", "2024-01-01T00:00:00,123456789-02": "2024-01-01T02:00:00.123456Z",
		"0001-01-01T00:00:00Z": "0001-01-01T00:00:00Z", "1969-12-31": "1969-12-31T00:00:00Z", "2024-01-01 10:00:00 UTC": "2024-01-01T10:00:00Z",
		"2024-1-1": "", "2024-01-32": "", "2024-13-01": "", "2024-01-01T24:00:00Z": "", "2024-01-01T10": "", "2024-01-01T10:00:00.Z": "", "2024-01-01T10:00:00+2:00": "", "2024-01-01X": "", "0000-01-01": "", "2024-01-01T1a:00": "",
	} {
		lines, _, err := readXES(traceOf(eventOf(named+`<date key="time:timestamp" value="`+text+`"/>`)), eventlog.Options{})
		got := strings.TrimPrefix(lines[0], "c: A at ")
		if want == "" {
			want = "c: nothing"
		}
		if got != want || err != nil {
			t.Errorf("%s is %s, %v, want %s", text, got, err, want)
		}
	}
}

// TestISOAgainstTime compares the reading of times with the standard library's
// over random days of ten thousand years.
func TestISOAgainstTime(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	var text strings.Builder
	var want []eventlog.Event
	text.WriteString("<log><trace>")
	for range 20_000 {
		at := time.Unix(random.Int64N(315_000_000_000)-62_000_000_000, int64(random.IntN(1e6))*1000).In(time.FixedZone("", (random.IntN(29)-14)*1800))
		want = append(want, eventlog.Event{Activity: "A", At: at.UTC()})
		text.WriteString(eventOf(named + `<date key="time:timestamp" value="` + at.Format(time.RFC3339Nano) + `"/>`))
	}
	text.WriteString("</trace></log>")
	slices.SortStableFunc(want, func(a, b eventlog.Event) int { return a.At.Compare(b.At) })
	err := eventlog.ReadXES(strings.NewReader(text.String()), eventlog.Options{}, func(c eventlog.Case) error {
		if diff := cmp.Diff(want, c.Events); diff != "" {
			t.Errorf("%.2000s", diff)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for format, times := range map[string][2]string{
		"%Y-%m-%dT%H:%M:%S.%f%z": {"2024-01-31T10:00:00.250+0100", "2024-01-31T09:00:00.25Z"}, "%d.%m.%y %I:%M %p": {"31.1.24 1:05 PM", "2024-01-31T13:05:00Z"},
		"%A, %d %B %Y": {"Wednesday, 31 January 2024", "2024-01-31T00:00:00Z"}, "iso": {"2024-01-31", "2024-01-31T00:00:00Z"}, "unix": {"1.5", "1970-01-01T00:00:01.5Z"}, "unix_ms": {"1500", "1970-01-01T00:00:01.5Z"},
	} {
		lines, faults, err := readCSV("case;activity;time\n1;A;"+times[0]+"\n", eventlog.Options{TimestampFormat: format})
		if err != nil || len(lines) != 1 || lines[0] != "1: A at "+times[1] {
			t.Errorf("%s: %v, %v, %v", format, lines, faults, err)
		}
	}
	for _, bad := range []string{"", "%Q", "%", "yyyy", "%f%Y", "%H"} {
		if eventlog.CheckFormat(bad) == nil {
			t.Errorf("%q is a format", bad)
		}
	}
}

// FuzzGuard keeps the rule that no cell begins a formula and that every text
// comes back.
func FuzzGuard(f *testing.F) {
	for _, s := range []string{"", "=1+1", "'=1", "''", "'", " =1", "-5", "@x", "\tx", "plain", "it's", "'''+", "＝1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		guarded := eventlog.Guard(s)
		if trimmed := strings.TrimLeft(guarded, " \u00a0"); trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@") || strings.HasPrefix(guarded, "\t") || strings.HasPrefix(guarded, "\r") || strings.HasPrefix(guarded, "\n") {
			t.Errorf("%q stays dangerous", guarded)
		}
		if back := eventlog.Unguard(guarded); back != s {
			t.Errorf("%q came back as %q", s, back)
		}
	})
}

func FuzzReadCSV(f *testing.F) {
	for _, s := range []string{"case,activity,time\n1,A,2024-01-01\n", "Case ID;Activity;Date\r\n\"a\nb\";\"x\"\"y\";31.01.2024 10:00\r\n", "case\tactivity\ttime\n1\tA\t1/2/2024\n", "\xff\xfec\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		faults := 0
		var log []eventlog.Case
		err := eventlog.ReadCSV(bytes.NewReader(text), eventlog.Options{MaxBytes: 1 << 20, Faulty: func(*eventlog.Fault) error { faults++; return nil }}, func(c eventlog.Case) error {
			log = append(log, c)
			return nil
		})
		if err == nil {
			sane(t, log)
		}
	})
}

// sane fails unless a log keeps what readers promise.
func sane(t *testing.T, log []eventlog.Case) {
	t.Helper()
	for _, c := range log {
		if c.ID == "" || len(c.ID) > eventlog.MaxName || strings.ContainsRune(c.ID, 0) {
			t.Errorf("a case has the id %q", c.ID)
		}
		for i, e := range c.Events {
			if e.Activity == "" || len(e.Activity) > eventlog.MaxName || strings.ContainsRune(e.Activity, 0) || e.At.Year() < 1 || e.At.Year() > 9999 || e.At.Location() != time.UTC {
				t.Errorf("%s has the event %+v", c.ID, e)
			}
			if i > 0 && e.At.Before(c.Events[i-1].At) {
				t.Errorf("the events of %s are not in order", c.ID)
			}
		}
	}
}
