package render

import (
	"fmt"
	"math"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// changeFacts say what a change to the repository looks like, and how old its
// code is: what a newcomer's first one will be held against.
func changeFacts(r *report.CodeReport) []fact {
	a := r.Activity
	why := func() string {
		switch {
		case a.CommitSize.N == 0:
			return whyNoActivity(r)
		case r.Window.Reason != "":
			return whyNoHistory(r)
		}
		return "the clone lacks contents, or no commit changed a line"
	}
	half := func(name, of string, d report.Distribution) fact {
		return known(name, d.P50, func(x float64) string {
			// Of whole numbers nothing lies between a percentile and the number below it.
			text := count(int64(math.Floor(x))) + " " + of
			if d.P90 != nil {
				text += ", and one in ten more than " + count(int64(math.Floor(*d.P90)))
			}
			return text
		}, why())
	}
	return []fact{
		half("Files of a typical commit", "or fewer in half of the commits", a.CommitSize),
		half("Lines that a typical commit adds and deletes", "or fewer in half of "+lastCommits(a.CommitLines.N), a.CommitLines),
		half("Folders of a typical commit", "or fewer in half of the commits", a.CommitFolders),
		known("Commits to code that also change a test", a.TestsWithCode, percent, whyNoActivity(r)),
		known("Commits that name a reviewer", a.ReviewedCommits, percent, "no commit names anybody in a trailer"),
		known("Age of the code", r.CodeAge.Months.P50, func(x float64) string {
			return "half of the source files were changed within " + decimal(x) + " months"
		}, whyNoHistory(r)),
	}
}

// lastCommits says which commits were measured.
func lastCommits(n int) string { return "the last " + plural(n, "commit", "commits") }

// windowName says which stretch of time a window of hotspots is.
func windowName(name string) string {
	switch name {
	case "quarter":
		return "In the last three months"
	case "year":
		return "In the last year"
	case "all":
		return "In all of the history"
	}
	return name
}

// hotNow is the hotspots of one window, in short.
type hotNow struct {
	Name  string
	Files []report.Hotspot
}

const hotNowFiles = 5

// hotNows are the windows next to each other, so that one sees what is hot now
// and what always was. One window alone says nothing that the list of hotspots
// does not.
func hotNows(r *report.CodeReport) []hotNow {
	if len(r.HotspotWindows) < 2 {
		return nil
	}
	var all []hotNow
	for _, w := range r.HotspotWindows {
		files, _ := head(w.Files, hotNowFiles)
		all = append(all, hotNow{windowName(w.Name) + fmt.Sprintf(" (%s)", plural(w.Commits, "commit", "commits")), files})
	}
	return all
}

const peopleMeaning = "People who contributed in three months or more; who left made no commit in the last year."

func (m *markdown) change() {
	m.heading("How it changes")
	for _, f := range changeFacts(m.r) {
		m.printf("- %s: %s.\n", f.Name, mdText(f.String()))
	}
	for _, w := range hotNows(m.r) {
		m.printf("\n%s:\n\n", mdText(w.Name))
		for _, h := range w.Files {
			m.printf("- %s\n", m.place(h.Path, 0))
		}
	}
	if len(m.r.Activity.People) == 0 {
		return
	}
	m.heading("Who came and who left")
	m.printf("%s\n\n", peopleMeaning)
	mdRows(m, []string{"Quarter", "Came", "Left"}, m.r.Activity.People, func(p report.PeoplePeriod) []string {
		return []string{mdText(p.Period), mdText(strings.Join(p.Joined, ", ")), mdText(strings.Join(p.Left, ", "))}
	})
}

func (t *textReport) change() {
	t.heading("How it changes")
	for _, f := range changeFacts(t.r) {
		t.paragraph(2, plainPaint, f.Name+": "+f.String()+".")
	}
	for _, w := range hotNows(t.r) {
		t.paragraph(2, plainPaint, w.Name+":")
		for _, h := range w.Files {
			t.paragraph(4, dim, h.Path)
		}
	}
	if len(t.r.Activity.People) == 0 {
		return
	}
	t.heading("Who came and who left")
	t.paragraph(2, dim, peopleMeaning)
	list, more := head(t.r.Activity.People, textList)
	rows := make([][]string, len(list))
	for i, p := range list {
		rows[i] = []string{p.Period, strings.Join(p.Joined, listSeparator), strings.Join(p.Left, listSeparator)}
	}
	t.table([]column{{Title: "Quarter"}, {Title: "Came", Flex: true, List: true}, {Title: "Left", Flex: true, List: true}}, rows)
	t.more(more)
}
