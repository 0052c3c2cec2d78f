package eventlog

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// sampleRows is of how many rows the way in which times are written is found
// out, sampleBytes of how long ones.
const (
	sampleRows  = 1000
	sampleBytes = 4 << 20
)

// ReadCSV reads an event log as CSV (RFC 4180) with a row of names first, an
// event in each row after it. Commas, semicolons, tabs or bars stand between
// the columns. The rows of a case may lie anywhere; the cases are handed to
// each by their ids. An apostrophe that Guard wrote is taken off.
func ReadCSV(in io.Reader, o Options, each func(Case) error) error {
	meter := newMeter(in, o.MaxBytes, maxRow)
	text, err := decoded(meter, false)
	if err != nil {
		return err
	}
	c := &csvReader{options: o, meter: meter, names: newNames()}
	c.group = newGrouper(&c.options, c.names)
	if err := c.open(text); err != nil {
		return err
	}
	if err := c.begin(); err != nil {
		return err
	}
	for {
		cells, line, err := c.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && cells != nil {
			err = c.take(cells, line)
		}
		if err != nil {
			return err
		}
	}
	return c.group.flush(each)
}

type csvReader struct {
	options Options
	meter   *meter
	rows    *csv.Reader
	header  []string
	at      places
	called  Columns // as messages call them
	read    reading
	names   *names
	group   *grouper
}

// open finds out what stands between the columns and reads their names.
func (c *csvReader) open(text io.Reader) error {
	b := bufio.NewReaderSize(text, 64<<10)
	head, err := b.Peek(32 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	c.rows = csv.NewReader(b)
	c.rows.Comma, c.rows.FieldsPerRecord, c.rows.ReuseRecord = separator(head), -1, true
	header, err := c.rows.Read()
	if errors.Is(err, io.EOF) {
		return &Fault{Issue: "is empty: expected a row with the names of the columns"}
	}
	if err != nil {
		fault, err := csvFault(err)
		if fault != nil {
			return fault
		}
		return err
	}
	for _, name := range header {
		if !utf8.ValidString(name) {
			return &Fault{Line: 1, Issue: "is no UTF-8: save the file as UTF-8"}
		}
		c.header = append(c.header, clean(unguard(name)))
	}
	if c.at, err = findColumns(c.header, c.options.Columns); err != nil {
		return err
	}
	c.called = Columns{Case: c.column(c.at.caseID), Activity: c.column(c.at.activity), Resource: c.column(c.at.resource), Lifecycle: c.column(c.at.lifecycle)}
	return nil
}

// separator is what stands most often in the first row outside of quotes.
func separator(head []byte) rune {
	counts := map[rune]int{}
	quoted := false
	for _, r := range string(head) {
		if r == '"' {
			quoted = !quoted
		}
		if r == '\n' && !quoted {
			break
		}
		if !quoted {
			counts[r]++
		}
	}
	best := ','
	for _, r := range []rune{';', '\t', '|'} {
		if counts[r] > counts[best] {
			best = r
		}
	}
	return best
}

// next returns the next row; nil cells are of one that was left out.
func (c *csvReader) next() (cells []string, line int, err error) {
	c.meter.next()
	cells, err = c.rows.Read()
	if err != nil {
		fault, err := csvFault(err)
		if fault != nil {
			err = c.options.faulty(fault)
		}
		return nil, 0, err
	}
	line, _ = c.rows.FieldPos(0)
	if len(cells) != len(c.header) {
		return nil, line, c.options.faulty(&Fault{Line: line, Issue: fmt.Sprintf("has %d columns, and the first row has %d: a value that holds a separator or a line break has to stand in quotes", len(cells), len(c.header))})
	}
	for _, cell := range cells {
		if !utf8.ValidString(cell) {
			return nil, line, c.options.faulty(&Fault{Line: line, Issue: "is no UTF-8: save the file as UTF-8"})
		}
	}
	return cells, line, nil
}

// csvFault returns what is wrong with a row after which reading can go on.
func csvFault(err error) (*Fault, error) {
	if errors.Is(err, errLongToken) {
		return nil, &Fault{Issue: longToken(maxRow) + ": a quote that is not closed, perhaps"}
	}
	parse, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return nil, err
	}
	issue := "a quote stands inside of a value that does not begin with one: write the value in quotes, and each quote in it twice"
	if errors.Is(parse.Err, csv.ErrQuote) {
		issue = "a value in quotes does not end with its quote: write each quote in it twice"
	}
	return &Fault{Line: parse.StartLine, Issue: fmt.Sprintf("column %d: %s", parse.Column, issue)}, nil
}

// begin finds out how times are written, of the first rows, and takes them.
func (c *csvReader) begin() error {
	if c.options.TimestampFormat != "" {
		var err error
		c.read, err = checkFormat(c.options.TimestampFormat)
		return err
	}
	type kept struct {
		cells []string
		line  int
	}
	var rows []kept
	var times sample
	for size := 0; len(rows) < sampleRows && size < sampleBytes; {
		cells, line, err := c.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if cells == nil {
			continue
		}
		own := make([]string, len(cells))
		for i, cell := range cells {
			own[i] = strings.Clone(cell)
			size += len(cell)
		}
		rows = append(rows, kept{own, line})
		if s := clean(own[c.at.timestamp]); s != "" {
			times.texts, times.lines = append(times.texts, s), append(times.lines, line)
		}
	}
	if len(times.texts) == 0 {
		c.read = isoReading
	} else {
		var fault *Fault
		if c.read, fault = times.detect(c.options.zone()); fault != nil {
			fault.Issue = fmt.Sprintf("the column %s has %s", quoted(c.header[c.at.timestamp]), fault.Issue)
			return fault
		}
	}
	for _, r := range rows {
		if err := c.take(r.cells, r.line); err != nil {
			return err
		}
	}
	return nil
}

// take makes an event of a row.
func (c *csvReader) take(cells []string, line int) error {
	cell := func(i int) string {
		if i < 0 {
			return ""
		}
		return c.names.text(unguard(cells[i]))
	}
	e := Event{Activity: cell(c.at.activity), Resource: cell(c.at.resource), Lifecycle: cell(c.at.lifecycle)}
	id := cell(c.at.caseID)
	issue := nameFault(c.called.Case, id)
	if issue == "" {
		issue = eventIssue(c.called, e.Activity, e.Resource, e.Lifecycle)
	}
	if issue == "" {
		at, ok := c.read.parse(clean(cells[c.at.timestamp]), c.options.zone())
		if !ok {
			issue = fmt.Sprintf("the column %s has %s, expected a time as %s", quoted(c.header[c.at.timestamp]), quoted(cells[c.at.timestamp]), c.read.name)
		}
		e.At = at
	}
	switch {
	case issue != "":
		return c.options.faulty(&Fault{Line: line, Issue: issue})
	case c.options.leftOut(e.Lifecycle):
		return nil
	}
	return c.group.add(id, e)
}

// column is how a message calls a column.
func (c *csvReader) column(i int) string {
	if i < 0 {
		return ""
	}
	return "value in the column " + quoted(c.header[i])
}
