package eventlog_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

// randomLog makes a log of awkward names. The ids are in order, as ReadCSV hands
// cases out.
func randomLog(seed uint64) []eventlog.Case {
	random := rand.New(rand.NewPCG(seed, 7))
	words := []string{"=1+1", "'=x", "''", "A & B", `"q"`, "<x>", "a;b", "a,b", "größer", "+1", "@home", "-", "it's", "１２", "x\u00a0y", "--", "' '", "＝A"}
	pick := func() string { return words[random.IntN(len(words))] }
	begin := time.Date(2024, 3, 31, 0, 30, 0, 0, time.UTC)
	var log []eventlog.Case
	for i := range 1 + random.IntN(20) {
		c := eventlog.Case{ID: pick() + string(rune('a'+i))}
		for range 1 + random.IntN(9) {
			e := eventlog.Event{Activity: pick(), At: begin.Add(time.Duration(random.Int64N(1e9)) * time.Microsecond), Lifecycle: []string{"start", "complete"}[random.IntN(2)]}
			if random.IntN(2) == 0 {
				e.Resource = pick()
			}
			c.Events = append(c.Events, e)
		}
		slices.SortStableFunc(c.Events, func(a, b eventlog.Event) int { return a.At.Compare(b.At) })
		log = append(log, c)
	}
	slices.SortFunc(log, func(a, b eventlog.Case) int { return strings.Compare(a.ID, b.ID) })
	return slices.CompactFunc(log, func(a, b eventlog.Case) bool { return a.ID == b.ID })
}

// TestRoundTrips writes logs and reads them back, as XES and as CSV.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		want := randomLog(seed)
		var x, c bytes.Buffer
		xes := eventlog.NewXESWriter(&x, "a <log>")
		table, err := eventlog.NewCSVWriter(&c)
		for i := range want {
			err = errors.Join(err, xes.Write(&want[i]), table.Write(&want[i]))
		}
		if err = errors.Join(err, xes.Close(), table.Close()); err != nil {
			t.Fatal(err)
		}
		wellFormed(t, x.Bytes())
		harmless(t, c.String())
		var got []eventlog.Case
		keep := func(c eventlog.Case) error { got = append(got, c); return nil }
		if err := eventlog.ReadXES(&x, eventlog.Options{}, keep); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cases); diff != "" {
			t.Fatalf("seed %d by XES:\n%s", seed, diff)
		}
		got = nil
		if err := eventlog.ReadCSV(&c, eventlog.Options{}, keep); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cases); diff != "" {
			t.Fatalf("seed %d by CSV:\n%s", seed, diff)
		}
	}
}

// wellFormed asks the standard library whether a document is XML.
func wellFormed(t *testing.T, text []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("no XML: %v\n%s", err, text)
		}
	}
}

// harmless fails when a cell would be a formula in a spreadsheet.
func harmless(t *testing.T, text string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range slices.Concat(rows...) {
		if c := strings.TrimLeft(cell, " \u00a0"); c != "" && strings.ContainsAny(c[:1], "=+-@\t\r\n") {
			t.Fatalf("the cell %q", cell)
		}
	}
}

// TestXESWriterText is what other tools have to read.
func TestXESWriterText(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	w := eventlog.NewXESWriter(&b, "shop")
	err := w.Write(&eventlog.Case{ID: "a\x01\n\"", Events: []eventlog.Event{{Activity: "Open", At: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)}, {Activity: "Done", At: time.Date(2024, 1, 1, 0, 0, 0, 1000, time.UTC), Resource: "Ada", Lifecycle: "start"}}})
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(b.String(), "<string key=\"lifecycle:model\" value=\"standard\"/>\n")
	want := `	<string key="concept:name" value="shop"/>
	<trace>
		<string key="concept:name" value="a�&#10;&quot;"/>
		<event>
			<string key="concept:name" value="Open"/>
			<date key="time:timestamp" value="2024-01-01T00:00:00.000+00:00"/>
			<string key="lifecycle:transition" value="complete"/>
		</event>
		<event>
			<string key="concept:name" value="Done"/>
			<date key="time:timestamp" value="2024-01-01T00:00:00.000001+00:00"/>
			<string key="lifecycle:transition" value="start"/>
			<string key="org:resource" value="Ada"/>
		</event>
	</trace>
</log>
`
	if diff := cmp.Diff(want, body); diff != "" {
		t.Error(diff)
	}
}

const oneItem = `{"id":"10001","key":"SHOP-1","type":"Story","title":"=cmd()","url":"https://example.com/1","status":"Done","status_id":"3","status_category":"done","resolution":"Done","priority":"High","labels":["a","b"],"reporter":{"id":"u1","login":"ada","name":"Ada","bot":false},"assignees":[{"id":"u2","login":"bob","name":"","bot":false}],"estimate":-3.5,"sprint_ids":["7"],"parent_id":"10000","links":[{"kind":"blocks","id":"10002","key":"SHOP-2"}],"flagged":true,"created_at":"2024-01-01T08:00:00Z","updated_at":"2024-01-03T08:00:00.25Z","closed_at":"2024-01-03T08:00:00Z","history_incomplete":false,"history":[{"field":"status","from":"Open","to":"Done","from_id":"1","to_id":"3","at":"2024-01-03T08:00:00Z","actor":{"id":"u2","login":"bob","name":"","bot":false}}]}
`

func TestItems(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := eventlog.NewItemWriter(&out)
	var log eventlog.Case
	var table bytes.Buffer
	rows, err := eventlog.NewItemTable(&table)
	if err != nil {
		t.Fatal(err)
	}
	err = eventlog.ReadItems(strings.NewReader("\ufeff\n"+oneItem+"  \n"), eventlog.Options{}, func(line int, item *eventlog.Item) error {
		if line != 2 {
			t.Errorf("line %d", line)
		}
		log = eventlog.CaseOf(item)
		return errors.Join(w.Write(item), rows.Write(item))
	})
	if err = errors.Join(err, rows.Close()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(oneItem, out.String()); diff != "" {
		t.Error(diff)
	}
	want := []eventlog.Event{{Activity: "Open", At: time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC), Resource: "Ada"}, {Activity: "Done", At: time.Date(2024, 1, 3, 8, 0, 0, 0, time.UTC), Resource: "bob"}}
	if diff := cmp.Diff(want, log.Events); diff != "" || log.ID != "SHOP-1" {
		t.Error(log.ID, diff)
	}
	_, row, _ := strings.Cut(table.String(), "\r\n")
	if want := "10001,SHOP-1,Story,'=cmd(),https://example.com/1,Done,done,Done,High,a; b,Ada,bob,-3.5,7,10000,true,2024-01-01T08:00:00Z,2024-01-03T08:00:00.25Z,2024-01-03T08:00:00Z\r\n"; row != want {
		t.Errorf("the row %q", row)
	}
}

func TestItemFaults(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`{`:                         "is no JSON: unexpected end of JSON input at byte 1",
		`[]`:                        "is no JSON object of a work item",
		`{}`:                        "has no id",
		`{"id":"a"}`:                "has no created_at",
		`{"id":"a","labels":"x"}`:   "the field labels is a string",
		`{"id":"a","created_at":1}`: "holds a time that is not written as RFC 3339",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","status_category":"finished"}`:                                                                                           `has the status_category "finished"`,
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","history":[{"field":"mood","at":"2024-01-01T00:00:00Z"}]}`:                                                               `history[0] has the field "mood"`,
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","history":[{"field":"status"}]}`:                                                                                         "history[0] has no at",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","event_log":true,"history":[{"field":"label","to":"x","at":"2024-01-01T00:00:00Z"}]}`:                                    "is no activity",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","event_log":true,"history":[{"field":"status","to":"x","at":"2024-01-02T00:00:00Z"}]}`:                                   "first activity is not at created_at",
		`{"id":"a","created_at":"9999-12-31T23:59:59-23:00"}`:                                                                                                                   "has a created_at in the year 10000: the years 1 to 9999 are taken, in UTC",
		`{"id":"a","created_at":"0001-01-01T00:00:00+05:00"}`:                                                                                                                   "has a created_at in the year 0",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","updated_at":"9999-12-31T23:59:59-23:00"}`:                                                                               "has an updated_at in the year 10000",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","closed_at":"0000-06-01T00:00:00Z"}`:                                                                                     "has a closed_at in the year 0",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","history":[{"field":"status","to":"x","at":"9999-12-31T23:59:59-23:00"}]}`:                                               "history[0] has an at in the year 10000",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","status":"` + strings.Repeat("s", 501) + `"}`:                                                                            "has a status of 501 bytes: at most 500 are taken",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","title":"` + strings.Repeat("s", 8001) + `"}`:                                                                            "has a title of 8001 bytes: at most 8000 are taken",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","url":"` + strings.Repeat("s", 8001) + `"}`:                                                                              "has a URL of 8001 bytes",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","labels":["` + strings.Repeat("s", 501) + `"]}`:                                                                          "has a label of 501 bytes",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","labels":[""` + strings.Repeat(`,""`, 1000) + `]}`:                                                                       "has 1001 labels: at most 1000 are taken",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","labels":[` + strings.Repeat(`"\"",`, 2_100_000) + `""]}`:                                                                "holds more than 203001 objects or 2000000 values",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","assignees":[` + strings.Repeat(`{},`, 300_000) + `{}]}`:                                                                 "holds more than 203001 objects",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","assignees":[{"name":"` + strings.Repeat("s", 501) + `"}]}`:                                                              "has an assignee of 501 bytes",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","links":[{"key":"` + strings.Repeat("s", 501) + `"}]}`:                                                                   "has a link of 501 bytes",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","history":[{"field":"status","to":"` + strings.Repeat("s", 501) + `","at":"2024-01-01T00:00:00Z"}]}`:                     "has a history[0].to of 501 bytes",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","history":[{"field":"label","to":"` + strings.Repeat("s", 8001) + `","at":"2024-01-01T00:00:00Z"}]}`:                     "has a history[0].to of 8001 bytes",
		`{"id":"a","created_at":"2024-01-01T00:00:00Z","history":[{"field":"label","to":"x","at":"2024-01-01T00:00:00Z","actor":{"name":"` + strings.Repeat("s", 501) + `"}}]}`: "has a history[0].actor of 501 bytes",
		`{"id":"a","created_at":"yesterday"}`:                                           "holds a time that is not written as RFC 3339",
		`{"id":"` + strings.Repeat("x", 501) + `","created_at":"2024-01-01T00:00:00Z"}`: "has an id of 501 bytes",
	} {
		var faults []string
		n := 0
		o := eventlog.Options{Faulty: func(f *eventlog.Fault) error { faults = append(faults, f.Error()); return nil }}
		err := eventlog.ReadItems(strings.NewReader(oneItem+line+"\n"+oneItem), o, func(int, *eventlog.Item) error { n++; return nil })
		if err != nil || n != 2 || len(faults) != 1 || !strings.HasPrefix(faults[0], "line 2: ") || !strings.Contains(faults[0], want) {
			t.Errorf("%.100s: %q, %v, want %q", line, faults, err, want)
		}
	}
}

func FuzzReadItems(f *testing.F) {
	f.Add([]byte(oneItem))
	f.Add([]byte(`{"key":"x","created_at":"2024-01-01T00:00:00+01:00","event_log":true,"history":[{"field":"status","to":"a","at":"2024-01-01T00:00:00+01:00"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var first bytes.Buffer
		w := eventlog.NewItemWriter(&first)
		err := eventlog.ReadItems(bytes.NewReader(text), eventlog.Options{MaxBytes: 1 << 20, Faulty: func(*eventlog.Fault) error { return nil }}, func(_ int, item *eventlog.Item) error { return w.Write(item) })
		if err != nil {
			return
		}
		// What was written is read back without a fault, and is the same again.
		var second bytes.Buffer
		again := eventlog.NewItemWriter(&second)
		if err := eventlog.ReadItems(bytes.NewReader(first.Bytes()), eventlog.Options{}, func(_ int, item *eventlog.Item) error { return again.Write(item) }); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%v\n%s\n%s", err, first.Bytes(), second.Bytes())
		}
	})
}

// FuzzReadXES keeps what readers promise, and that what was read can be written
// so that the standard library takes it for XML.
func FuzzReadXES(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(traceOf(eventOf(named + dated))))
	f.Add([]byte(`<!DOCTYPE log [<!ENTITY a "b">]><log/>`))
	f.Add([]byte("<log><trace><![CDATA[ x ]]></trace></log>"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var log []eventlog.Case
		err := eventlog.ReadXES(bytes.NewReader(text), eventlog.Options{MaxBytes: 1 << 20, Faulty: func(*eventlog.Fault) error { return nil }}, func(c eventlog.Case) error {
			log = append(log, c)
			return nil
		})
		if err != nil {
			return
		}
		sane(t, log)
		if len(log) == 0 {
			return
		}
		var b bytes.Buffer
		w := eventlog.NewXESWriter(&b, "again")
		for i := range log {
			_ = w.Write(&log[i])
		}
		_ = w.Close()
		wellFormed(t, b.Bytes())
	})
}

// TestItemSchema keeps the schema that docs/workflow.md describes: a field that
// changes its name breaks files of users.
func TestItemSchema(t *testing.T) {
	t.Parallel()
	var back map[string]any
	if err := json.Unmarshal([]byte(oneItem), &back); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := eventlog.NewItemWriter(&out).Write(&eventlog.Item{Reporter: &eventlog.Somebody{}, History: []eventlog.Change{{Field: rampforge.FieldStatus}}}); err != nil {
		t.Fatal(err)
	}
	var empty map[string]any
	if err := json.Unmarshal(out.Bytes(), &empty); err != nil {
		t.Fatal(err)
	}
	for name, v := range empty {
		if _, ok := back[name]; !ok {
			t.Errorf("%s is new: the example and the document have to say it", name)
		}
		if list, ok := v.([]any); name == "labels" && (!ok || list == nil) {
			t.Errorf("an empty list is %v", v)
		}
	}
}
