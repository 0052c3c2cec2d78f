package eventlog

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// The attributes of XES' standard extensions that a log is read by, unless
// Columns says otherwise.
const (
	keyName      = "concept:name"
	keyTime      = "time:timestamp"
	keyResource  = "org:resource"
	keyLifecycle = "lifecycle:transition"
	keyCase      = "case:concept:name" // of an event that stands outside of a trace
)

// attributeKey is the XML attribute with the name of an attribute of XES.
const attributeKey = "key"

// kind is what an open element is.
type kind uint8

const (
	inLog kind = iota
	inTrace
	inEvent
	inOther // whatever is not looked into: extensions, globals, nested attributes, what others add
)

// xesReader reads one log.
type xesReader struct {
	options Options
	keys    Columns
	tokens  *tokens
	names   *names
	each    func(Case) error
	open    []kind
	loose   *grouper // events outside of traces

	current Case // the trace that is read
	pile    pile // its events
	traces  int
	events  int // of the whole file
	event   struct {
		line                                      int
		activity, resource, lifecycle, caseID, at string
	}
	reading *reading
}

// ReadXES reads an event log as XES has it (IEEE 1849-2016), a trace after the
// other, and hands each to each, also those without events. Of a trace and an
// event the attributes that Columns names are read, whatever their type; all
// others, nested ones included, are passed over. Events outside of traces are
// cases by their attribute case:concept:name and come last.
func ReadXES(in io.Reader, o Options, each func(Case) error) error {
	meter := newMeter(in, o.MaxBytes, maxToken)
	text, err := decoded(meter, true)
	if err != nil {
		return err
	}
	x := &xesReader{options: o, keys: o.Columns.orXES(), tokens: newTokens(meter, text), names: newNames(), each: each}
	if o.TimestampFormat != "" {
		r, err := checkFormat(o.TimestampFormat)
		if err != nil {
			return err
		}
		x.reading = &r
	}
	for {
		e, err := x.tokens.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = x.take(e)
		}
		if err != nil {
			return err
		}
	}
	if x.loose == nil {
		return nil
	}
	return x.loose.flush(each)
}

func (c Columns) orXES() Columns {
	or := func(name, usual string) string {
		if name == "" {
			return usual
		}
		return name
	}
	return Columns{or(c.Case, keyName), or(c.Activity, keyName), or(c.Timestamp, keyTime), or(c.Resource, keyResource), or(c.Lifecycle, keyLifecycle)}
}

func (x *xesReader) take(e element) error {
	if e.end {
		return x.pop()
	}
	k, err := x.enter(e)
	if err != nil {
		return err
	}
	x.open = append(x.open, k)
	if e.empty {
		return x.pop()
	}
	return nil
}

// enter says what an element is, and begins it.
func (x *xesReader) enter(e element) (kind, error) {
	if len(x.open) == 0 {
		if string(e.name) != "log" {
			return 0, &Fault{Line: x.tokens.line, Issue: fmt.Sprintf("is no XES: its first element is <%.100s>, expected <log>", e.name)}
		}
		return inLog, nil
	}
	in := x.open[len(x.open)-1]
	switch name := string(e.name); {
	case in == inOther:
		return inOther, nil
	case name == "trace":
		if in != inLog {
			return 0, &Fault{Line: x.tokens.line, Issue: "is no XES: a <trace> stands inside of another, expected </trace> before it"}
		}
		x.traces++
		x.current, x.pile = Case{Line: x.tokens.line}, pile{}
		return inTrace, nil
	case name == "event":
		if in == inEvent {
			return 0, &Fault{Line: x.tokens.line, Issue: "is no XES: an <event> stands inside of another, expected </event> before it"}
		}
		x.events++
		x.event.line = x.tokens.line
		x.event.activity, x.event.resource, x.event.lifecycle, x.event.caseID, x.event.at = "", "", "", "", ""
		return inEvent, nil
	case in == inTrace:
		x.ofTrace()
	case in == inEvent:
		x.ofEvent()
	}
	return inOther, nil
}

// pair is the key and the value of an attribute of XES; what else its tag has
// says nothing.
func (x *xesReader) pair() (key, value []byte) {
	for _, a := range x.tokens.attrs {
		if string(a.name) == "value" {
			value = a.value
		} else if string(a.name) == attributeKey {
			key = a.value
		}
	}
	return key, value
}

func (x *xesReader) ofTrace() {
	if key, value := x.pair(); string(key) == x.keys.Case && x.current.ID == "" {
		x.current.ID = clean(string(value))
	}
}

func (x *xesReader) ofEvent() {
	key, value := x.pair()
	e := &x.event
	if string(key) == x.keys.Activity {
		e.activity = x.names.of(value)
	}
	switch string(key) {
	case x.keys.Timestamp:
		e.at = string(value)
	case x.keys.Resource:
		e.resource = x.names.of(value)
	case x.keys.Lifecycle:
		e.lifecycle = x.names.of(value)
	case keyCase:
		e.caseID = x.names.of(value)
	}
}

func (x *xesReader) pop() error {
	k := x.open[len(x.open)-1]
	x.open = x.open[:len(x.open)-1]
	switch k {
	case inEvent:
		return x.endEvent()
	case inTrace:
		return x.endTrace()
	case inLog, inOther: // say nothing
	}
	return nil
}

func (x *xesReader) endEvent() error {
	e := &x.event
	at, issue := x.when(e.at)
	if issue == "" {
		issue = eventIssue(x.keys, e.activity, e.resource, e.lifecycle)
	}
	inside := x.open[len(x.open)-1] == inTrace
	if issue == "" && !inside {
		if issue = nameFault("case", e.caseID); issue == "has no case" {
			issue = "stands outside of a trace and has no " + keyCase + ", which would say of what case it is"
		}
	}
	if issue != "" {
		return x.options.faulty(&Fault{Line: e.line, Event: x.events, Issue: issue})
	}
	if x.options.leftOut(e.lifecycle) {
		return nil
	}
	event := Event{Activity: e.activity, At: at, Resource: e.resource, Lifecycle: e.lifecycle}
	if inside {
		x.pile.add(event)
		return nil
	}
	if x.loose == nil {
		x.loose = newGrouper(&x.options, x.names)
	}
	return x.loose.add(e.caseID, event)
}

// when reads the time of an event.
func (x *xesReader) when(s string) (at time.Time, issue string) {
	if s == "" {
		return at, "has no " + x.keys.Timestamp
	}
	read, wanted := parseISO, "a time such as 2026-01-31T13:45:00+01:00"
	if x.reading != nil {
		read, wanted = x.reading.parse, "a time as "+x.reading.name
	}
	at, ok := read(clean(s), x.options.zone())
	if !ok {
		return at, fmt.Sprintf("has the %s %s, expected %s", x.keys.Timestamp, quoted(s), wanted)
	}
	return at, ""
}

// eventIssue says why an event cannot be kept; "" when it can.
func eventIssue(keys Columns, activity, resource, lifecycle string) string {
	if issue := nameFault(keys.Activity, activity); issue != "" {
		return issue
	}
	if resource != "" {
		if issue := nameFault(keys.Resource, resource); issue != "" {
			return issue
		}
	}
	if lifecycle != "" {
		return nameFault(keys.Lifecycle, lifecycle)
	}
	return ""
}

func (x *xesReader) endTrace() error {
	c := x.current
	x.current = Case{}
	if c.ID == "" {
		c.ID = fmt.Sprintf("trace %d", x.traces)
	}
	if issue := nameFault("case", c.ID); issue != "" {
		return x.options.faulty(&Fault{Line: c.Line, Issue: "the trace " + issue})
	}
	if issue := x.pile.issue(c.ID); issue != "" {
		return x.options.faulty(&Fault{Line: c.Line, Issue: issue})
	}
	c.Events = x.pile.events
	sortEvents(c.Events)
	return x.each(c)
}
