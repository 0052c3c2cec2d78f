package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

// The activities of a made-up application for a loan, each with those that may
// follow it; "" ends the case.
//
//nolint:goconst // a table reads better with its names
var process = map[string][]string{
	"Submitted":          {"Pre-accepted", "Pre-accepted", "Pre-accepted", "Pre-accepted", "Pre-accepted", "Pre-accepted", "Declined"},
	"Pre-accepted":       {"Details asked for", "Details asked for", "Accepted"},
	"Details asked for":  {"Details asked for", "Details complete", "Details complete"},
	"Details complete":   {"Accepted", "Accepted", "Accepted", "Accepted", "Declined"},
	"Accepted":           {"Offer selected", "Offer selected", "Finalised"},
	"Finalised":          {"Offer selected"},
	"Offer selected":     {"Offer created"},
	"Offer created":      {"Offer sent"},
	"Offer sent":         {"Called after offer", "Called after offer", "Offer back", "Offer cancelled"},
	"Called after offer": {"Called after offer", "Called after offer", "Called after offer", "Offer back", "Offer back", "Offer cancelled"},
	"Offer cancelled":    {"Offer selected", "Offer selected", "Cancelled"},
	"Offer back":         {"Validating", "Validating", "Called for files"},
	"Called for files":   {"Called for files", "Called for files", "Validating"},
	"Validating":         {"Called for files", "Called for files", "Called for files", "Validating", "Approved", "Checked for fraud"},
	"Checked for fraud":  {"Validating", "Validating", "Validating", "Declined"},
	"Approved":           {"Registered"},
	"Registered":         {"Activated"},
	"Activated":          {""},
	"Declined":           {""},
	"Cancelled":          {""},
}

// writeLog writes an event log as tools write it, with attributes that nobody
// reads, and returns its events and its variants.
func writeLog(path string, cases int) (events, variants int, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, 0, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprint(w, `<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xes.features="nested-attributes" openxes.version="1.0RC7" xmlns="http://www.xes-standard.org/">
	<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
	<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
	<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
	<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
	<classifier name="Activity classifier" keys="concept:name lifecycle:transition"/>
	<string key="concept:name" value="loans"/>
`)
	draw := rand.New(rand.NewPCG(2012, 1)) // the same log each time
	seen := map[string]bool{}
	begin := time.Date(2023, 10, 1, 8, 0, 0, 0, time.FixedZone("", 7200))
	for i := range cases {
		at := begin.Add(time.Duration(i) * 17 * time.Minute)
		fmt.Fprintf(w, "\t<trace>\n\t\t<date key=\"REG_DATE\" value=\"%s\"/>\n\t\t<string key=\"concept:name\" value=\"%d\"/>\n\t\t<string key=\"AMOUNT_REQ\" value=\"%d\"/>\n", stamp(at), 173_688+3*i, 1000*(1+draw.IntN(50)))
		var way strings.Builder
		for activity := "Submitted"; activity != ""; {
			fmt.Fprintf(w, "\t\t<event>\n\t\t\t<string key=\"org:resource\" value=\"%d\"/>\n\t\t\t<string key=\"lifecycle:transition\" value=\"COMPLETE\"/>\n\t\t\t<string key=\"concept:name\" value=\"%s\"/>\n\t\t\t<date key=\"time:timestamp\" value=\"%s\"/>\n\t\t</event>\n",
				10_800+draw.IntN(68), activity, stamp(at))
			events++
			way.WriteString(activity)
			way.WriteByte('\n')
			at = at.Add(time.Duration(1+draw.IntN(40*3600*1000)) * time.Millisecond)
			next := process[activity]
			activity = next[draw.IntN(len(next))]
		}
		seen[way.String()] = true
		fmt.Fprint(w, "\t</trace>\n")
	}
	fmt.Fprint(w, "</log>\n")
	if err := w.Flush(); err != nil {
		_ = f.Close()
		return 0, 0, err
	}
	return events, len(seen), f.Close()
}

func stamp(t time.Time) string { return t.Format("2006-01-02T15:04:05.000-07:00") }
