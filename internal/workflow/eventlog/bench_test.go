package eventlog_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"encoding/xml"
	"errors"
	"io"

	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

// largeLog is a log of 13,000 cases with 20 events each, as tools write it.
func largeLog(cases int) []byte {
	var b bytes.Buffer
	w := eventlog.NewXESWriter(&b, "large")
	begin := time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC)
	for i := range cases {
		c := eventlog.Case{ID: fmt.Sprintf("ORDER-%d", i)}
		at := begin.Add(time.Duration(i) * time.Hour)
		for n := range 20 {
			at = at.Add(time.Duration(1+(i*7+n*13)%90) * time.Minute)
			c.Events = append(c.Events, eventlog.Event{Activity: fmt.Sprintf("Step %d", (i+n*n)%17), At: at, Resource: fmt.Sprintf("Clerk %d", (i+n)%40), Lifecycle: "complete"})
		}
		_ = w.Write(&c)
	}
	_ = w.Close()
	return b.Bytes()
}

func BenchmarkReadXES(b *testing.B) {
	log := largeLog(13_000)
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		if err := eventlog.ReadXES(bytes.NewReader(log), eventlog.Options{}, func(c eventlog.Case) error { n += len(c.Events); return nil }); err != nil || n != 260_000 {
			b.Fatal(n, err)
		}
	}
}

// BenchmarkPlainXML is encoding/xml over the same bytes, which does nothing with
// them.
func BenchmarkPlainXML(b *testing.B) {
	log := largeLog(13_000)
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		d := xml.NewDecoder(bytes.NewReader(log))
		for {
			if _, err := d.RawToken(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkReadCSV(b *testing.B) {
	var text strings.Builder
	w, err := eventlog.NewCSVWriter(&text)
	if err != nil {
		b.Fatal(err)
	}
	err = eventlog.ReadXES(bytes.NewReader(largeLog(13_000)), eventlog.Options{}, func(c eventlog.Case) error { return w.Write(&c) })
	if err != nil || w.Close() != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if err := eventlog.ReadCSV(strings.NewReader(text.String()), eventlog.Options{}, func(eventlog.Case) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
