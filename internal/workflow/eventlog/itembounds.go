package eventlog

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"github.com/rampforgeai/rampforge"
)

const (
	// maxList bounds the labels of an item, its people, its sprints and its links.
	maxList = 1000
	// maxObjects and maxValues bound what a line holds before it is read: an empty
	// object is two bytes there and a hundred in memory. A change has two objects
	// and a dozen values.
	maxObjects = 1 + 2*MaxEvents + 3*maxList
	maxValues  = 20 * MaxEvents
)

// crowded reports whether a line holds so much that it is not even read.
func crowded(line []byte) bool {
	if len(line) < maxObjects {
		return false
	}
	objects, values := 0, 0
	for len(line) > 0 {
		at := bytes.IndexAny(line, `"{,`)
		if at < 0 {
			break
		}
		c := line[at]
		switch line = line[at+1:]; c {
		case '{':
			objects++
		case ',':
			values++
		case '"':
			line = behindString(line)
		}
	}
	return objects > maxObjects || values > maxValues
}

// behindString returns what follows the string whose first quote was read.
func behindString(b []byte) []byte {
	for {
		quote := bytes.IndexByte(b, '"')
		if quote < 0 {
			return nil
		}
		slashes := 0
		for slashes < quote && b[quote-1-slashes] == '\\' {
			slashes++
		}
		if b = b[quote+1:]; slashes%2 == 0 {
			return b
		}
	}
}

// checkTexts says which text or list of an item is too long.
func (item *Item) checkTexts() string {
	for _, list := range []struct {
		what string
		n    int
	}{{"labels", len(item.Labels)}, {"assignees", len(item.Assignees)}, {"sprint_ids", len(item.SprintIDs)}, {"links", len(item.Links)}} {
		if list.n > maxList {
			return fmt.Sprintf("has %d %s: at most %d are taken", list.n, list.what, maxList)
		}
	}
	c := textCheck{most: MaxText}
	c.text("title", item.Title)
	c.text("URL", item.URL)
	c.most = MaxName
	c.text("key", item.Key)
	c.text("type", item.Type)
	c.text("priority", item.Priority)
	c.text("status", item.Status)
	c.text("status_id", item.StatusID)
	c.text("resolution", item.Resolution)
	c.text("parent_id", item.ParentID)
	c.text("label", item.Labels...)
	c.text("sprint_id", item.SprintIDs...)
	for i := range item.Links {
		l := &item.Links[i]
		c.text("link", l.Kind, l.ID, l.Key)
	}
	c.somebody("reporter", item.Reporter)
	for i := range item.Assignees {
		c.somebody("assignee", &item.Assignees[i])
	}
	for i := range item.History {
		c.change(i, &item.History[i])
	}
	return c.issue
}

// textCheck keeps the first text that is too long.
type textCheck struct {
	most  int
	issue string
}

func (c *textCheck) text(what string, texts ...string) {
	for _, text := range texts {
		if c.issue == "" && len(text) > c.most {
			c.issue = lengthFault(what, text, c.most)
		}
	}
}

func (c *textCheck) somebody(what string, s *Somebody) {
	if s != nil {
		c.text(what, s.ID, s.Login, s.Name)
	}
}

// change checks one change. What it says of a field other than the status may
// be a list of its own.
func (c *textCheck) change(i int, v *Change) {
	most := MaxText
	if v.Field == rampforge.FieldStatus {
		most = MaxName
	}
	if max(len(v.From), len(v.To), len(v.FromID), len(v.ToID)) <= most && max(len(v.Lifecycle), v.Actor.longest()) <= MaxName {
		return
	}
	what := "history[" + strconv.Itoa(i) + "]"
	c.most = most
	c.text(what+".from", v.From, v.FromID)
	c.text(what+".to", v.To, v.ToID)
	c.most = MaxName
	c.text(what+".lifecycle", v.Lifecycle)
	c.somebody(what+".actor", v.Actor)
}

// longest is the length of somebody's longest text.
func (s *Somebody) longest() int {
	if s == nil {
		return 0
	}
	return max(len(s.ID), len(s.Login), len(s.Name))
}

// checkTimes says which time of an item cannot be kept.
func (item *Item) checkTimes() string {
	times := []struct {
		what string
		at   *time.Time
	}{{"created_at", &item.CreatedAt}, {"updated_at", &item.UpdatedAt}, {"closed_at", item.ClosedAt}}
	for _, t := range times {
		if t.at != nil && !inYears(*t.at) {
			return fmt.Sprintf("has %s in the year %d: %s", article(t.what), t.at.Year(), takenYears)
		}
	}
	return ""
}
