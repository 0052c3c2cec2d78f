package eventlog_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

// readXES reads a log and describes it in a line for each event.
func readXES(text string, o eventlog.Options) (lines []string, faults []string, err error) {
	if o.Faulty == nil {
		o.Faulty = func(f *eventlog.Fault) error { faults = append(faults, f.Error()); return nil }
	}
	err = eventlog.ReadXES(strings.NewReader(text), o, describe(&lines))
	return lines, faults, err
}

func describe(lines *[]string) func(eventlog.Case) error {
	return func(c eventlog.Case) error {
		if len(c.Events) == 0 {
			*lines = append(*lines, c.ID+": nothing")
		}
		for _, e := range c.Events {
			line := fmt.Sprintf("%s: %s at %s", c.ID, e.Activity, e.At.Format(time.RFC3339Nano))
			if e.Resource != "" {
				line += " by " + e.Resource
			}
			if e.Lifecycle != "" {
				line += " (" + e.Lifecycle + ")"
			}
			*lines = append(*lines, line)
		}
		return nil
	}
}

const whole = `<?xml version="1.0" encoding="UTF-8" ?>
<!-- made by hand, with a > and a <trace> -->
<?a tool's own <instruction> ?>
<xes:log xes.version="2.0" xes.features="nested-attributes" xmlns:xes="http://www.xes-standard.org/" xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation="http://www.xes-standard.org http://www.xes-standard.org/xes.xsd">
	<xes:extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
	<extension name="Own" prefix="own" uri="http://example.com/own.xesext"/>
	<global scope="trace"><string key="concept:name" value="__INVALID__"/></global>
	<global scope="event">
		<string key="concept:name" value="__INVALID__"/>
		<date key="time:timestamp" value="1970-01-01T01:00:00.000+01:00"/>
	</global>
	<classifier name="Activity" scope="event" keys="concept:name lifecycle:transition"/>
	<string key="concept:name" value="the log"/>
	<list key="log:list"><values><int key="a" value="1"/><int key="a" value="2"/></values></list>
	<trace>
		<string key="own:note" value="&lt;&amp;&#x41;"><string key="concept:name" value="nested, not the name"/></string>
		<string key="concept:name" value="A &amp; B"/>
		<container key="own:box"><string key="concept:name" value="nor this"/></container>
		<event>
			<date key="time:timestamp" value="2024-03-31T03:30:00.5+02:00"><int key="time:precision" value="3"/></date>
			<string key="concept:name" value="Second"/>
			<string key="org:resource" value='Zoë "Z"'/>
			<string key="lifecycle:transition" value="COMPLETE"/>
			<float key="cost:total" value="1.5"/><boolean key="b" value="true"/><id key="i" value="f81d4fae-7dec-11d0-a765-00a0c91e6bf6"/>
			<string key="own:list"><list key="x"><values><string key="org:resource" value="nested"/></values></list></string>
		</event>
		<event>
			<string value="First" xsi:type="junk"
				key="concept:name" />
			<date key="time:timestamp" value="2024-03-31T00:00:00"/>
		</event>
	</trace>
	<trace><string key="concept:name" value="empty"/></trace>
	<trace>
		<event><int key="concept:name" value="7"/><string key="time:timestamp" value="2024-01-01 10:00:00Z"/></event>
	</trace>
	<event>
		<string key="case:concept:name" value="loose"/><string key="concept:name" value="B"/><date key="time:timestamp" value="2024-02-02T00:00:00Z"/>
	</event>
	<somebodys:own xmlns:somebodys="urn:x"><event/></somebodys:own>
	<event>
		<string key="concept:name" value="A"/><date key="time:timestamp" value="2024-02-01T00:00:00Z"/><string key="case:concept:name" value="loose"/>
	</event>
</xes:log>
`

func TestReadXES(t *testing.T) {
	t.Parallel()
	want := []string{
		"A & B: First at 2024-03-31T00:00:00Z",
		`A & B: Second at 2024-03-31T01:30:00.5Z by Zoë "Z" (COMPLETE)`,
		"empty: nothing",
		"trace 3: 7 at 2024-01-01T10:00:00Z",
		"loose: A at 2024-02-01T00:00:00Z",
		"loose: B at 2024-02-02T00:00:00Z",
	}
	for name, text := range encodings(whole) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines, faults, err := readXES(text, eventlog.Options{})
			if diff := cmp.Diff(want, lines); diff != "" || err != nil || faults != nil {
				t.Errorf("%v, %v\n%s", err, faults, diff)
			}
		})
	}
}

// encodings are ways to write the same document.
func encodings(text string) map[string]string {
	wide := func(order binary.AppendByteOrder, mark bool, declared string) string {
		text := strings.Replace(text, `encoding="UTF-8"`, `encoding="`+declared+`"`, 1)
		var b []byte
		if mark {
			b = order.AppendUint16(b, 0xfeff)
		}
		for _, u := range utf16.Encode([]rune(text)) {
			b = order.AppendUint16(b, u)
		}
		return string(b)
	}
	latin := strings.Replace(text, `encoding="UTF-8"`, `encoding="ISO-8859-1"`, 1)
	var one []byte
	for _, r := range latin {
		one = append(one, byte(r)) // ë and below
	}
	return map[string]string{
		"UTF-8": text, "with a mark": "\ufeff" + text, "undeclared": strings.Replace(text, ` encoding="UTF-8"`, "", 1),
		"UTF-16 little": wide(binary.LittleEndian, true, "UTF-16"), "UTF-16 big": wide(binary.BigEndian, true, "UTF-16"),
		"UTF-16LE unmarked": wide(binary.LittleEndian, false, "UTF-16LE"), "UTF-16BE unmarked": wide(binary.BigEndian, false, "UTF-16BE"),
		"Latin-1": string(one), "Windows' lines": strings.ReplaceAll(text, "\n", "\r\n"),
	}
}

func traceOf(events string) string {
	return `<log><trace><string key="concept:name" value="c"/>` + events + `</trace></log>`
}

func eventOf(attributes string) string { return "<event>" + attributes + "</event>" }

const named, dated = `<string key="concept:name" value="A"/>`, `<date key="time:timestamp" value="2024-01-01T00:00:00Z"/>`

func TestXESOptions(t *testing.T) {
	t.Parallel()
	vienna := time.FixedZone("", 3600)
	log := traceOf(eventOf(`<string key="what" value="A"/><string key="concept:name" value="B"/><string key="when" value="31/01/2024 12:00"/><string key="who" value="W"/><string key="how" value="start"/>` + dated))
	for name, c := range map[string]struct {
		options eventlog.Options
		want    []string
	}{
		"as usual":      {eventlog.Options{}, []string{"c: B at 2024-01-01T00:00:00Z"}},
		"other columns": {eventlog.Options{Columns: eventlog.Columns{Activity: "what", Timestamp: "when", Resource: "who", Lifecycle: "how"}, TimestampFormat: "%d/%m/%Y %H:%M", Zone: vienna}, []string{"c: A at 2024-01-31T11:00:00Z by W (start)"}},
		"complete only": {eventlog.Options{Columns: eventlog.Columns{Lifecycle: "how"}, CompleteOnly: true}, []string{"c: nothing"}},
		"another case":  {eventlog.Options{Columns: eventlog.Columns{Case: "id"}}, []string{"trace 1: B at 2024-01-01T00:00:00Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines, faults, err := readXES(log, c.options)
			if diff := cmp.Diff(c.want, lines); diff != "" || err != nil || faults != nil {
				t.Errorf("%v, %v\n%s", err, faults, diff)
			}
		})
	}
}

// TestXESFaults has what is wrong with an event, which can be left out.
func TestXESFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ log, want string }{
		"no time":       {traceOf("\n" + eventOf(named)), "line 2, event 1: has no time:timestamp"},
		"no activity":   {traceOf(eventOf(dated)), "line 1, event 1: has no concept:name"},
		"bad time":      {traceOf(eventOf(named + `<date key="time:timestamp" value="yesterday"/>`)), `line 1, event 1: has the time:timestamp "yesterday", expected a time such as`},
		"no such day":   {traceOf(eventOf(named + `<date key="time:timestamp" value="2023-02-29T00:00:00Z"/>`)), "2023-02-29"},
		"year 10000":    {traceOf(eventOf(named + `<date key="time:timestamp" value="9999-12-31T23:00:00-02:00"/>`)), "9999-12-31"},
		"long activity": {traceOf(eventOf(dated + `<string key="concept:name" value="` + strings.Repeat("x", 501) + `"/>`)), "501 bytes: at most 500"},
		"loose":         {`<log>` + eventOf(named+dated) + `</log>`, "stands outside of a trace and has no case:concept:name"},
		"long case":     {`<log><trace><string key="concept:name" value="` + strings.Repeat("x", 501) + `"/></trace></log>`, "the trace has a case of 501 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := strings.Replace(c.log, "</log>", "<trace>"+eventOf(named+dated)+"</trace></log>", 1)
			lines, faults, err := readXES(log, eventlog.Options{})
			if err != nil || len(faults) != 1 || !strings.Contains(faults[0], c.want) {
				t.Errorf("the faults %q, %v, want %q", faults, err, c.want)
			}
			if len(lines) == 0 || !strings.HasSuffix(lines[len(lines)-1], "A at 2024-01-01T00:00:00Z") {
				t.Errorf("what follows is lost: %q", lines)
			}
			strict := eventlog.ReadXES(strings.NewReader(log), eventlog.Options{}, func(eventlog.Case) error { return nil })
			if fault, ok := errors.AsType[*eventlog.Fault](strict); !ok || !strings.Contains(fault.Error(), c.want) {
				t.Errorf("without leave to go on: %v", strict)
			}
		})
	}
}

// TestHostileXES has what ends the reading at once, with leave to go on or not.
func TestHostileXES(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`<string key="k">`, 300)
	for name, c := range map[string]struct{ log, want string }{
		"empty":                {"", "holds no XML element: expected <log>"},
		"blank":                {" \n\n", "line 3: holds no XML element"},
		"text":                 {"hello", "text stands outside"},
		"HTML":                 {"<html></html>", "its first element is <html>, expected <log>"},
		"an entity":            {"<!DOCTYPE log [<!ENTITY a \"b\">]>\n<log/>", "line 1: has a DOCTYPE"},
		"a DTD elsewhere":      {`<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>`, "has a DOCTYPE"},
		"a small doctype":      {`<!doctype log><log/>`, "has a DOCTYPE"},
		"a DTD later":          {`<log><trace><!DOCTYPE x></trace></log>`, "has a DOCTYPE"},
		"an unknown entity":    {traceOf(eventOf(`<string key="concept:name" value="&lol;"/>`)), "none of the five entities"},
		"no character":         {traceOf(eventOf(`<string key="concept:name" value="&#0;"/>`)), "none of the five entities"},
		"half a surrogate":     {traceOf(eventOf(`<string key="concept:name" value="&#xD800;"/>`)), "none of the five entities"},
		"an open reference":    {traceOf(eventOf(`<string key="concept:name" value="&amp"/>`)), "none of the five entities"},
		"a bare ampersand":     {traceOf(eventOf(`<string key="concept:name" value="A & B"/>`)), "none of the five entities"},
		"a control character":  {traceOf(eventOf("<string key=\"concept:name\" value=\"a\x01\"/>")), "control character 0x01"},
		"a tag in a value":     {traceOf(eventOf(`<string key="concept:name" value="a<b"/>`)), "&lt;"},
		"crossed tags":         {"<log>\n<trace><event></trace></event></log>", "line 2: is no well-formed XML: expected </event>, found </trace>"},
		"an end too many":      {"<log/></log>", "ends nothing"},
		"two roots":            {"<log/><log/>", "a second element <log>"},
		"text behind":          {"<log/>x", "text stands outside"},
		"cut in a tag":         {"<log><trace", "ends in the middle of a tag"},
		"cut in a value":       {`<log><string key="a`, "ends in the middle of a tag"},
		"cut in a comment":     {"<log><!-- ", "ends in the middle of a tag"},
		"cut between tags":     {"<log>\n<trace>\n", "line 3: is no well-formed XML: the file ends before </trace>"},
		"no name":              {"<log>< ></log>", "a tag has no name"},
		"a number for a name":  {"<log><1/></log>", "a tag has no name"},
		"no quotes":            {"<log><string key=a/></log>", "no quotes"},
		"no value":             {"<log><string key/></log>", `name="value"`},
		"no blank":             {`<log><string key="a"value="b"/></log>`, "a blank is missing"},
		"a key twice":          {`<log><string key="a" key="b"/></log>`, "twice"},
		"many attributes":      {"<log a='1'" + many(100) + "/>", "more than 64 attributes"},
		"deep":                 {"<log>" + deep, "more than 256 deep"},
		"no UTF-8":             {"<log><string key=\"a\" value=\"\xff\"/></log>", "no UTF-8"},
		"an unknown encoding":  {`<?xml version="1.0" encoding="X-OWN"?><log/>`, "the encoding X-OWN"},
		"no UTF-16":            {`<?xml version="1.0" encoding="UTF-16"?><log/>`, "says that it is UTF-16 and is not"},
		"an event in an event": {"<log><trace><event><event/></event></trace></log>", "an <event> stands inside of another"},
		"a trace in a trace":   {"<log><trace><trace/></trace></log>", "a <trace> stands inside of another"},
		"a trace in an event":  {"<log><trace><event><trace/></event></trace></log>", "a <trace> stands inside"},
		"a bang":               {"<log><!x></log>", "a tag is unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := readXES(c.log, eventlog.Options{})
			if fault, ok := errors.AsType[*eventlog.Fault](err); !ok || !strings.Contains(fault.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " a%d='1'", i)
	}
	return b.String()
}

// TestBounds reads what never ends, and finds an end.
func TestBounds(t *testing.T) {
	t.Parallel()
	nothing := func(eventlog.Case) error { return nil }
	for name, read := range map[string]func(io.Reader, eventlog.Options) error{
		"xes":   func(r io.Reader, o eventlog.Options) error { return eventlog.ReadXES(r, o, nothing) },
		"csv":   func(r io.Reader, o eventlog.Options) error { return eventlog.ReadCSV(r, o, nothing) },
		"jsonl": func(r io.Reader, o eventlog.Options) error { return eventlog.ReadItems(r, o, noItem) },
	} {
		for head, want := range map[string]string{"<!--": "longer than 16 MiB", `"`: "longer than 1 MiB", "{": "longer than 16 MiB"} {
			if (head == "<!--") != (name == "xes") || (head == "{") != (name == "jsonl") {
				continue
			}
			err := read(io.MultiReader(strings.NewReader(head), endless{}), eventlog.Options{})
			if fault, ok := errors.AsType[*eventlog.Fault](err); !ok || !strings.Contains(fault.Error(), want) {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
			err = read(io.MultiReader(strings.NewReader(head), endless{}), eventlog.Options{MaxBytes: 1 << 19})
			if rampforge.ErrorCode(err) != rampforge.CodeTooLarge {
				t.Errorf("%s with a bound: %v", name, err)
			}
		}
	}
	broken := errors.New("the line is dead")
	if err := eventlog.ReadXES(io.MultiReader(strings.NewReader("<log>"), iotest.ErrReader(broken)), eventlog.Options{}, nothing); !errors.Is(err, broken) {
		t.Errorf("a fault of the reader became %v", err)
	}
}

func noItem(int, *eventlog.Item) error { return nil }

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// TestUnpack reads a file as it is and packed, and bounds what it becomes.
func TestUnpack(t *testing.T) {
	t.Parallel()
	pack := func(text []byte) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(text)
		_ = z.Close()
		return b.Bytes()
	}
	for _, packed := range [][]byte{[]byte(whole), pack([]byte(whole))} {
		in, err := eventlog.Unpack(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(in); err != nil || string(text) != whole {
			t.Errorf("read back %d bytes, %v", len(text), err)
		}
	}
	bomb := pack(append([]byte("<log>"), bytes.Repeat([]byte("\n"), 64<<20)...))
	if len(bomb) > 128<<10 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	in, err := eventlog.Unpack(bytes.NewReader(bomb))
	if err != nil {
		t.Fatal(err)
	}
	if err := eventlog.ReadXES(in, eventlog.Options{MaxBytes: 1 << 20}, func(eventlog.Case) error { return nil }); rampforge.ErrorCode(err) != rampforge.CodeTooLarge {
		t.Errorf("a bomb: %v", err)
	}
	damaged := pack([]byte(whole))
	for name, bad := range map[string][]byte{"cut": damaged[:len(damaged)-20], "no header": {0x1f, 0x8b, 9, 9}} {
		in, err := eventlog.Unpack(bytes.NewReader(bad))
		if err == nil {
			err = eventlog.ReadXES(in, eventlog.Options{}, func(eventlog.Case) error { return nil })
		}
		if fault, ok := errors.AsType[*eventlog.Fault](err); !ok || !strings.Contains(fault.Error(), "gzip") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSniff(t *testing.T) {
	t.Parallel()
	const blank = "\n "
	for text, want := range map[string]eventlog.Format{
		"": "", blank: "", "\ufeff<?xml": eventlog.XES, "\xff\xfe<\x00": eventlog.XES, "\n{": eventlog.JSONL, "a,b": eventlog.CSV,
	} {
		if got := eventlog.Sniff([]byte(text)); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// cases compares logs.
var cases = cmp.Options{cmpopts.IgnoreFields(eventlog.Case{}, "Line"), cmpopts.EquateEmpty()}
