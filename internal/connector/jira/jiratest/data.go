package jiratest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

type project struct {
	ID       string `json:"id"`
	Key      string `json:"key"`
	Name     string `json:"name"`
	Archived bool   `json:"archived,omitempty"`
}

type board struct {
	id      int
	project string
	kind    string
	sprints []object
}

// Issue is an issue of the fake. What is not named here is in Fields, by the
// names of the API.
type Issue struct {
	ID, Key, Project string
	Updated          time.Time
	Fields           map[string]any
	Text             string // the description
	Histories        []any  // oldest first
	Comments         []any
}

// The ids of the custom fields.
const (
	FieldSprint = "customfield_10020"
	FieldPoints = "customfield_10016" // of the type for points, with a German name
	FieldFloat  = "customfield_10026" // called Story Points
	FieldFlag   = "customfield_10021"
	FieldEpic   = "customfield_10014"
)

// UnknownStatus is the id of a status that the list of statuses does not have.
const UnknownStatus = "99999"

var states = []struct{ id, name, category string }{
	{"1", "Zu erledigen", "new"}, {"3", "In Arbeit", "indeterminate"}, {"10002", "レビュー", "indeterminate"}, {"10001", "Fertig", "done"},
	{"10003", "Verworfen", "undefined"}, {UnknownStatus, "Done", "done"},
}

func (s *Server) generate(o Options) {
	s.projects = []project{{ID: "10000", Key: "ALPHA", Name: "Alpha"}, {ID: "10001", Key: "BETA", Name: "Beta 🚀"}, {ID: "10002", Key: "OLD", Name: "Old", Archived: true}}
	rnd := rand.New(rand.NewPCG(o.Seed, 7))
	start := time.Date(2026, 3, 28, 22, 0, 0, 0, time.UTC)
	s.now = start
	for p, n := range []int{o.Issues, 40, 1} {
		for i := range n {
			// Every second hundred is of one minute, as after a bulk change.
			if i%250 < 130 && p == 0 {
				s.now = start.Add(time.Duration(i/250)*24*time.Hour + time.Duration(rnd.IntN(60000))*time.Millisecond)
			} else {
				s.now = s.now.Add(time.Duration(rnd.IntN(90000)) * time.Millisecond)
			}
			s.issues = append(s.issues, s.newIssue(rnd, s.projects[p], len(s.issues), i+1))
		}
	}
	for _, i := range s.issues {
		if i.Updated.After(s.now) {
			s.now = i.Updated
		}
	}
	s.boards = []board{
		{1, "10000", "scrum", s.sprints(1, 100, 60)}, {2, "10000", "kanban", nil}, {3, "10000", "scrum", nil},
		{4, "10001", "scrum", s.sprints(4, 400, 3)}, {5, "10001", "kanban", nil}, {6, "10002", "scrum", s.sprints(6, 600, 2)},
	}
	s.boards[2].sprints = slices.Concat(s.boards[0].sprints[55:], s.sprints(3, 300, 3)) // a sprint shows on two boards
}

func (s *Server) newIssue(rnd *rand.Rand, p project, n, number int) *Issue {
	i := &Issue{
		ID: strconv.Itoa(20000 + n), Key: fmt.Sprintf("%s-%d", p.Key, number), Project: p.ID, Updated: s.now,
		Text: "Zeile 1\nZeile 2 🚀 \x00 <b>",
	}
	created := s.now.Add(-time.Duration(300+rnd.IntN(900)) * time.Hour)
	state := states[rnd.IntN(4)]
	if number%50 == 7 {
		state = states[4+rnd.IntN(2)]
	}
	i.Fields = map[string]any{
		"summary": fmt.Sprintf("Work %d of %s", number, p.Name), "issuetype": object{"id": "10004", "name": "Story"},
		"status": object{"id": state.id, "name": state.name, "statusCategory": object{"key": state.category}}, "priority": object{"id": "3", "name": "Mittel"},
		"labels": []string{"backend", "größer"}, "reporter": s.user(rnd.IntN(5)), "assignee": nil, "created": stamp(created),
		"resolution": nil, "resolutiondate": nil, "issuelinks": []any{}, "project": object{"id": p.ID, "key": p.Key},
		FieldPoints: nil, FieldFloat: rnd.IntN(13), FieldFlag: nil, FieldSprint: s.sprintField(100+rnd.IntN(60), p.Key),
	}
	if rnd.IntN(3) > 0 {
		i.Fields["assignee"] = s.user(rnd.IntN(5))
	}
	if state.category == "done" && state.id != UnknownStatus {
		i.Fields["resolution"], i.Fields["resolutiondate"] = object{"id": "1", "name": "Erledigt"}, stamp(s.now)
	}
	if number > 1 && number%5 == 0 {
		if s.dc {
			i.Fields[FieldEpic] = p.Key + "-1"
		} else {
			i.Fields["parent"] = object{"id": strconv.Itoa(20000 + n - number + 1), "key": p.Key + "-1"}
		}
	}
	histories := 1 + rnd.IntN(8)
	if number%60 == 3 {
		histories = 230
	}
	for h := range histories {
		i.Histories = append(i.Histories, s.history(rnd, n, h, created.Add(time.Duration(h+1)*time.Hour)))
	}
	comments := rnd.IntN(3)
	if number%60 == 4 {
		comments = 120
	}
	for c := range comments {
		i.Comments = append(i.Comments, object{
			"id": strconv.Itoa(n*1000 + c), "author": s.user(rnd.IntN(5)), "body": s.body(fmt.Sprintf("comment %d\nof it", c)),
			"created": stamp(created.Add(time.Duration(c) * time.Minute)), "updated": stamp(created.Add(time.Duration(c) * time.Minute)),
		})
	}
	return i
}

// history has several items, as when a screen is saved, and one that nobody keeps.
func (s *Server) history(rnd *rand.Rand, n, h int, at time.Time) object {
	from, to := states[rnd.IntN(4)], states[rnd.IntN(4)]
	items := []object{
		s.item("status", "status", "jira", from.id, from.name, to.id, to.name),
		s.item("description", "description", "jira", nil, "a", nil, "b"),
	}
	if h%2 == 1 {
		items = append(items, s.item("Sprint", FieldSprint, "custom", "100", "Sprint 100", "100, 101", "Sprint 100, Sprint 101"),
			s.item("Story Points", FieldFloat, "custom", nil, nil, nil, "5"))
	}
	return object{"id": strconv.Itoa(n*1000 + h), "author": s.user(rnd.IntN(5)), "created": stamp(at), "items": items}
}

// item has an id of its field on Cloud alone.
func (s *Server) item(name, id, kind string, from, fromText, to, toText any) object {
	item := object{"field": name, "fieldtype": kind, "from": from, "fromString": fromText, "to": to, "toString": toText}
	if !s.dc {
		item["fieldId"] = id
	}
	return item
}

// user returns one of five: two people, a bot, somebody who is gone, and an
// account without an address.
func (s *Server) user(n int) object {
	name := []string{"Ada Lovelace", "李小龙", "Automation for Jira", "", "Zoë"}[n]
	if name == "" {
		return nil
	}
	if s.dc {
		return object{"key": "JIRAUSER1010" + strconv.Itoa(n), "name": "user" + strconv.Itoa(n), "displayName": name, "active": true}
	}
	kind := "atlassian"
	if n == 2 {
		kind = "app"
	}
	return object{"accountId": "5b10a2844c20165700ede21" + strconv.Itoa(n), "accountType": kind, "displayName": name, "active": true}
}

func (s *Server) sprints(board, first, n int) []object {
	var all []object
	for i := range n {
		at := time.Date(2023, 1, 2, 9, 0, 0, 0, time.UTC).AddDate(0, 0, 14*i)
		sprint := object{"id": first + i, "name": fmt.Sprintf("Sprint %d", first+i), "originBoardId": board, "goal": "", "state": "closed"}
		switch n - i {
		case 1:
			sprint["state"] = "future"
		case 2:
			sprint["state"] = "active"
			sprint["startDate"], sprint["endDate"] = at.Format("2006-01-02T15:04:05.000Z"), at.AddDate(0, 0, 14).Format("2006-01-02T15:04:05.000Z")
		default:
			sprint["startDate"], sprint["endDate"] = at.Format("2006-01-02T15:04:05.000-07:00"), at.AddDate(0, 0, 14).Format("2006-01-02T15:04:05.000Z")
			sprint["completeDate"] = at.AddDate(0, 0, 15).Format("2006-01-02T15:04:05.000Z")
		}
		all = append(all, sprint)
	}
	return all
}

// sprintField is a list of objects on Cloud, of a Java object's text before.
func (s *Server) sprintField(id int, key string) any {
	if key == "BETA" {
		return nil
	}
	if s.dc {
		return []string{fmt.Sprintf("com.atlassian.greenhopper.service.sprint.Sprint@1f39[id=%d,rapidViewId=1,state=CLOSED,name=Sprint %d,startDate=<null>]", id, id)}
	}
	return []object{{"id": id, "name": "Sprint " + strconv.Itoa(id), "state": "closed", "boardId": 1}}
}

// stamp writes a time as Jira does, with an offset without a colon.
func stamp(t time.Time) string {
	return t.In(time.FixedZone("", 2*3600)).Format("2006-01-02T15:04:05.000-0700")
}

// Touch changes an issue now, at a minute of its own.
func (s *Server) Touch(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(time.Minute)
	for _, i := range s.issues {
		if i.ID == id {
			i.Updated = s.now
		}
	}
}

// Edit changes an issue as a function says. Its time stays as it is unless the
// function changes it.
func (s *Server) Edit(id string, f func(*Issue)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.issues {
		if i.ID == id {
			f(i)
		}
	}
}

// Delete removes an issue.
func (s *Server) Delete(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.issues = slices.DeleteFunc(s.issues, func(i *Issue) bool { return i.ID == id })
}

// DeleteSprint removes a sprint from every board.
func (s *Server) DeleteSprint(id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for b := range s.boards {
		s.boards[b].sprints = slices.DeleteFunc(slices.Clone(s.boards[b].sprints), func(o object) bool { return o["id"] == id })
	}
}

// IDs returns the ids of a project's issues.
func (s *Server) IDs(projectID string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for _, i := range s.issues {
		if i.Project == projectID {
			ids = append(ids, i.ID)
		}
	}
	return ids
}

// Change changes some issue and says which.
func (s *Server) Change() (rampforge.Stream, string) {
	id := s.IDs("10000")[0]
	s.Touch(id)
	return rampforge.StreamWorkItems, id
}

// AddHistory writes one item into an issue's history.
func (s *Server) AddHistory(i *Issue, field, kind, from, to string) {
	id := strings.ToLower(field)
	i.Histories = append(i.Histories, object{
		"id": strconv.Itoa(9000000 + len(i.Histories)), "author": s.user(0), "created": stamp(s.now),
		"items": []object{s.item(field, id, kind, from, from, to, to)},
	})
}
