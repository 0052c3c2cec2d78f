package jira

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge"
)

// fieldRef is a custom field. Data Center names fields in the history by their
// names alone, Cloud by ids too.
type fieldRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// fieldIDs are the custom fields that the product reads. Their ids differ from
// server to server.
type fieldIDs struct {
	Sprint []fieldRef `json:"sprint"`
	Points []fieldRef `json:"points"` // the first that has a value counts
	Flag   []fieldRef `json:"flag"`
	Epic   []fieldRef `json:"epic"`
}

// The types of custom fields, which are the same in every language.
const (
	typeSprint = "com.pyxis.greenhopper.jira:gh-sprint"
	typePoints = "com.pyxis.greenhopper.jira:jsw-story-points"
	typeEpic   = "com.pyxis.greenhopper.jira:gh-epic-link"
)

// wireField is one row of /field.
type wireField struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Untranslated string   `json:"untranslatedName"`
	ClauseNames  []string `json:"clauseNames"`
	Schema       struct {
		Type   string `json:"type"`
		Custom string `json:"custom"`
	} `json:"schema"`
}

// called says whether the field has a name, in any of the ways that it is told.
func (f *wireField) called(name string) bool {
	return strings.EqualFold(f.Name, name) || strings.EqualFold(f.Untranslated, name) ||
		slices.ContainsFunc(f.ClauseNames, func(s string) bool { return strings.EqualFold(s, name) })
}

func findFields(all []wireField) fieldIDs {
	found := fieldIDs{Sprint: []fieldRef{}, Points: []fieldRef{}, Flag: []fieldRef{}, Epic: []fieldRef{}}
	for _, f := range all {
		ref := fieldRef{ID: f.ID, Name: f.Name}
		switch {
		case !strings.HasPrefix(f.ID, "customfield_"):
		case f.Schema.Custom == typeSprint:
			found.Sprint = append(found.Sprint, ref)
		case f.Schema.Custom == typeEpic:
			found.Epic = append(found.Epic, ref)
		case f.Schema.Custom == typePoints, f.Schema.Type == "number" && (f.called("Story Points") || f.called("Story point estimate")):
			found.Points = append(found.Points, ref)
		case f.Schema.Type == "array" && f.called("Flagged"):
			found.Flag = append(found.Flag, ref)
		}
	}
	return found
}

// ids returns the ids of all fields, for the list of what to fetch.
func (f fieldIDs) ids() []string {
	var ids []string
	for _, refs := range [][]fieldRef{f.Sprint, f.Points, f.Flag, f.Epic} {
		for _, r := range refs {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

type (
	wireHistory struct {
		ID      json.Number  `json:"id"` // a number in quotes, mostly
		Author  *wireUser    `json:"author"`
		Created string       `json:"created"`
		Items   []wireChange `json:"items"`
	}
	wireChange struct {
		Field      string  `json:"field"`
		FieldID    string  `json:"fieldId"`
		FieldType  string  `json:"fieldtype"`
		From       *string `json:"from"`
		FromString *string `json:"fromString"`
		To         *string `json:"to"`
		ToString   *string `json:"toString"`
	}
)

// systemFields are the histories' names of what Jira has built in. They are
// never translated.
var systemFields = map[string]rampforge.WorkItemField{
	"status": rampforge.FieldStatus, "assignee": rampforge.FieldAssignee, "project": rampforge.FieldResource, "issuetype": rampforge.FieldType,
	"priority": rampforge.FieldPriority, "labels": rampforge.FieldLabel, "parent": rampforge.FieldParent, "issueparentassociation": rampforge.FieldParent,
	"key": rampforge.FieldResource,
}

// fieldOf says which kept field an item of a history changed.
func (f fieldIDs) fieldOf(c *wireChange) (rampforge.WorkItemField, bool) {
	custom := c.FieldType == "custom" || strings.HasPrefix(c.FieldID, "customfield_")
	if !custom {
		field, ok := systemFields[strings.ToLower(c.Field)]
		return field, ok
	}
	for _, kind := range []struct {
		refs    []fieldRef
		field   rampforge.WorkItemField
		english []string // histories keep the name of the day on which they were written
	}{
		{f.Sprint, rampforge.FieldSprint, []string{"Sprint"}},
		{f.Points, rampforge.FieldEstimate, []string{"Story Points", "Story point estimate"}},
		{f.Flag, rampforge.FieldFlag, []string{"Flagged"}},
		{f.Epic, rampforge.FieldParent, []string{"Epic Link"}},
	} {
		for _, r := range kind.refs {
			if c.FieldID == r.ID || c.FieldID == "" && c.Field == r.Name {
				return kind.field, true
			}
		}
		if c.FieldID == "" && slices.Contains(kind.english, c.Field) {
			return kind.field, true
		}
	}
	return "", false
}

// eventsOf makes an event of every item of every history, oldest first. The
// vendor's order is newest first in one place and oldest first in another.
func eventsOf(histories []wireHistory, ids fieldIDs) ([]rampforge.WorkItemEvent, error) {
	type placed struct {
		event      rampforge.WorkItemEvent
		history, n int
	}
	var all []placed
	for _, h := range histories {
		at, err := parseTime(h.Created)
		if err != nil {
			return nil, err
		}
		number, _ := strconv.Atoi(h.ID.String()) // orders histories of the same time; none is 0
		moved := slices.ContainsFunc(h.Items, func(c wireChange) bool { return strings.EqualFold(c.Field, "project") })
		for n := range h.Items {
			c := &h.Items[n]
			field, ok := ids.fieldOf(c)
			if !ok || moved && strings.EqualFold(c.Field, "key") { // a move is one event: the project says more than the key
				continue
			}
			all = append(all, placed{rampforge.WorkItemEvent{
				ID: h.ID.String() + "." + strconv.Itoa(n), Field: field, From: text(c.FromString), To: text(c.ToString),
				FromID: text(c.From), ToID: text(c.To), At: at, Actor: h.Author.account(),
			}, number, n})
		}
	}
	slices.SortStableFunc(all, func(a, b placed) int {
		return cmp.Or(a.event.At.Compare(b.event.At), cmp.Compare(a.history, b.history), cmp.Compare(a.n, b.n))
	})
	events := make([]rampforge.WorkItemEvent, len(all))
	for i, p := range all {
		events[i] = p.event
	}
	return events, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
