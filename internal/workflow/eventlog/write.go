package eventlog

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge"
)

// stamp is how times are written: all digits of the microsecond that there are.
const stamp = "2006-01-02T15:04:05.999999Z07:00"

// xesHead declares what the traces and events of a log have. The order is that
// of the schema of IEEE 1849-2016: extensions, globals, classifiers, attributes.
const xesHead = `<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
	<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
	<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
	<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
	<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
	<global scope="trace">
		<string key="concept:name" value=""/>
	</global>
	<global scope="event">
		<string key="concept:name" value=""/>
		<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
		<string key="lifecycle:transition" value="complete"/>
	</global>
	<classifier name="Activity" keys="concept:name"/>
	<classifier name="Activity and lifecycle" keys="concept:name lifecycle:transition"/>
	<string key="lifecycle:model" value="standard"/>
`

// XESWriter writes an event log as XES (IEEE 1849-2016).
type XESWriter struct{ out *bufio.Writer }

// NewXESWriter begins a log with a name.
func NewXESWriter(w io.Writer, name string) *XESWriter {
	x := &XESWriter{bufio.NewWriterSize(w, 64<<10)}
	x.text(xesHead)
	x.attribute("\t", "string", keyName, name)
	return x
}

// Write writes a case as a trace. An event whose lifecycle is not known is
// complete.
func (x *XESWriter) Write(c *Case) error {
	x.text("\t<trace>\n")
	x.attribute("\t\t", "string", keyName, c.ID)
	for i := range c.Events {
		e := &c.Events[i]
		x.text("\t\t<event>\n")
		x.attribute("\t\t\t", "string", keyName, e.Activity)
		x.attribute("\t\t\t", "date", keyTime, dateText(e.At))
		x.attribute("\t\t\t", "string", keyLifecycle, orComplete(e.Lifecycle))
		if e.Resource != "" {
			x.attribute("\t\t\t", "string", keyResource, e.Resource)
		}
		x.text("\t\t</event>\n")
	}
	_, err := x.out.WriteString("\t</trace>\n")
	return err
}

// dateText is a time as xs:dateTime, with an offset in digits: some tools read
// no Z.
func dateText(t time.Time) string {
	layout := "2006-01-02T15:04:05.000+00:00"
	if t.Nanosecond()%1e6 != 0 {
		layout = "2006-01-02T15:04:05.000000+00:00"
	}
	return t.UTC().Format(layout)
}

func orComplete(lifecycle string) string {
	if lifecycle == "" {
		return "complete"
	}
	return lifecycle
}

// Close ends the log. The writer below stays open.
func (x *XESWriter) Close() error {
	x.text("</log>\n")
	return x.out.Flush()
}

// text writes what needs no escape. A fault of the writer comes back at Flush.
func (x *XESWriter) text(s string) { _, _ = x.out.WriteString(s) }

func (x *XESWriter) attribute(indent, kind, key, value string) {
	for _, part := range [...]string{indent, "<", kind, " " + attributeKey + `="`, key, `" value="`} {
		x.text(part)
	}
	x.escaped(value)
	x.text("\"/>\n")
}

// escaped writes a value. Most are as they stand.
func (x *XESWriter) escaped(value string) {
	plain := true
	for i := range len(value) {
		if c := value[i]; c < ' ' || c >= utf8.RuneSelf || c == '&' || c == '<' || c == '>' || c == '"' {
			plain = false
			break
		}
	}
	if plain {
		x.text(value)
		return
	}
	for _, r := range value {
		switch {
		case r == '&':
			x.text("&amp;")
		case r == '<':
			x.text("&lt;")
		case r == '>':
			x.text("&gt;")
		case r == '"':
			x.text("&quot;")
		case r == '\t' || r == '\n' || r == '\r': // would be read as blanks
			x.text("&#" + strconv.Itoa(int(r)) + ";")
		case !isXMLChar(r):
			_, _ = x.out.WriteRune(utf8.RuneError)
		default:
			_, _ = x.out.WriteRune(r)
		}
	}
}

// CSVWriter writes an event log as CSV (RFC 4180) under the names that XES'
// tools use. Every text is guarded; see Guard.
type CSVWriter struct{ out *csv.Writer }

// NewCSVWriter begins a log.
func NewCSVWriter(w io.Writer) (*CSVWriter, error) {
	c := &CSVWriter{csv.NewWriter(w)}
	c.out.UseCRLF = true
	return c, c.out.Write([]string{keyCase, keyName, keyTime, keyResource, keyLifecycle})
}

// Write writes a row for each event of a case.
func (c *CSVWriter) Write(v *Case) error {
	id := Guard(v.ID)
	for i := range v.Events {
		e := &v.Events[i]
		if err := c.out.Write([]string{id, Guard(e.Activity), e.At.UTC().Format(stamp), Guard(e.Resource), Guard(orComplete(e.Lifecycle))}); err != nil {
			return err
		}
	}
	return nil
}

// Close writes what is left. The writer below stays open.
func (c *CSVWriter) Close() error {
	c.out.Flush()
	return c.out.Error()
}

// ItemTable writes work items as CSV, a row for each, without their histories.
type ItemTable struct{ out *csv.Writer }

// NewItemTable begins a table.
func NewItemTable(w io.Writer) (*ItemTable, error) {
	t := &ItemTable{csv.NewWriter(w)}
	t.out.UseCRLF = true
	return t, t.out.Write([]string{"id", "key", "type", "title", "url", "status", "status_category", "resolution", "priority", "labels",
		"reporter", "assignees", "estimate", "sprint_ids", "parent_id", "flagged", "created_at", "updated_at", "closed_at"})
}

// Write writes a work item. Of lists the entries stand after each other with
// semicolons between them; people stand with their names.
func (t *ItemTable) Write(v *Item) error {
	estimate, closed := "", ""
	if v.Estimate != nil {
		estimate = strconv.FormatFloat(*v.Estimate, 'f', -1, 64) // a number is no formula, with a sign neither
	}
	if v.ClosedAt != nil {
		closed = v.ClosedAt.UTC().Format(stamp)
	}
	reporter, assignees := "", make([]string, 0, len(v.Assignees))
	if v.Reporter != nil {
		reporter = v.Reporter.shown()
	}
	for i := range v.Assignees {
		assignees = append(assignees, v.Assignees[i].shown())
	}
	row := []string{v.ID, v.Key, v.Type, v.Title, v.URL, v.Status, string(v.StatusCategory), v.Resolution, v.Priority, strings.Join(v.Labels, "; "),
		reporter, strings.Join(assignees, "; "), "", strings.Join(v.SprintIDs, "; "), v.ParentID}
	for i := range row {
		row[i] = Guard(row[i])
	}
	row[12] = estimate
	return t.out.Write(append(row, strconv.FormatBool(v.Flagged), v.CreatedAt.UTC().Format(stamp), v.UpdatedAt.UTC().Format(stamp), closed))
}

func (s *Somebody) shown() string {
	if s.Name != "" {
		return s.Name
	}
	return s.Login
}

// Close writes what is left. The writer below stays open.
func (t *ItemTable) Close() error {
	t.out.Flush()
	return t.out.Error()
}

// CaseOf is the event log of a work item: of a case of a log its events, of any
// other item the statuses that it came into, the first when it was created.
func CaseOf(item *Item) Case {
	c := Case{ID: item.Key}
	if c.ID == "" {
		c.ID = item.ID
	}
	status := item.Status
	for _, change := range item.History {
		if change.Field == rampforge.FieldStatus {
			status = change.From
			break
		}
	}
	if !item.EventLog && status != "" {
		c.Events = append(c.Events, Event{Activity: status, At: item.CreatedAt, Resource: item.Reporter.name()})
	}
	for i := range item.History {
		if change := &item.History[i]; change.Field == rampforge.FieldStatus && change.To != "" {
			c.Events = append(c.Events, Event{Activity: change.To, At: change.At, Resource: change.Actor.name(), Lifecycle: change.Lifecycle})
		}
	}
	sortEvents(c.Events)
	return c
}

func (s *Somebody) name() string {
	if s == nil {
		return ""
	}
	return s.shown()
}
