package jiratest

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Move is one change of an issue of a Story.
type Move struct {
	At       time.Time
	Status   string   // the id of a status of this fake; "" leaves it
	Sprints  []int    // ids of all sprints that it has been in; nil leaves them
	Points   *float64 // an estimate
	Flagged  *bool
	Assignee *int // one of five users
}

// Story is an issue whose history leads to what it is, as a real one's does.
type Story struct {
	Number     int
	Kind       string // its type
	Created    time.Time
	Status     string // at first
	Points     *float64
	Sprints    []int  // at first
	Resolution string // at the end
	Moves      []Move // oldest first
}

// Sprint is a sprint of board 4, which is of project BETA.
type Sprint struct {
	ID                    int
	Start, End, Completed time.Time // a zero one is not yet
}

// Tell has project BETA consist of stories, in sprints of its own.
func (s *Server) Tell(stories []Story, sprints []Sprint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	const project, key = "10001", "BETA"
	kept := s.issues[:0:0]
	for _, i := range s.issues {
		if i.Project != project {
			kept = append(kept, i)
		}
	}
	for _, story := range stories {
		kept = append(kept, s.tell(story, project, key))
	}
	s.issues = kept
	for b := range s.boards {
		if s.boards[b].id == 4 {
			s.boards[b].sprints = nil
			for _, v := range sprints {
				s.boards[b].sprints = append(s.boards[b].sprints, v.object())
			}
		}
	}
}

func (v Sprint) object() object {
	const layout = "2006-01-02T15:04:05.000Z"
	o := object{"id": v.ID, "name": fmt.Sprintf("Sprint %d", v.ID), "originBoardId": 4, "goal": "", "state": "future"}
	if !v.Start.IsZero() {
		o["state"], o["startDate"], o["endDate"] = "active", v.Start.UTC().Format(layout), v.End.UTC().Format(layout)
	}
	if !v.Completed.IsZero() {
		o["state"], o["completeDate"] = "closed", v.Completed.UTC().Format(layout)
	}
	return o
}

// telling is how an issue is while its moves are told.
type telling struct {
	status   string
	sprints  []int
	points   *float64
	flagged  bool
	assignee *int
}

func (s *Server) tell(story Story, project, key string) *Issue {
	now := telling{status: story.Status, sprints: story.Sprints, points: story.Points}
	i := &Issue{ID: strconv.Itoa(70000 + story.Number), Key: fmt.Sprintf("%s-%d", key, story.Number), Project: project, Updated: story.Created, Text: "Told."}
	for n, move := range story.Moves {
		if items := s.move(&now, move); len(items) > 0 {
			i.Histories = append(i.Histories, object{"id": strconv.Itoa(7_000_000 + 1000*story.Number + n), "author": s.user(0), "created": stamp(move.At), "items": items})
		}
		i.Updated = move.At
	}
	if i.Updated.After(s.now) {
		s.now = i.Updated
	}
	name, category := stateOf(now.status)
	i.Fields = map[string]any{
		"summary": fmt.Sprintf("Story %d", story.Number), "issuetype": object{"id": "10004", "name": story.Kind},
		"status": object{"id": now.status, "name": name, "statusCategory": object{"key": category}}, "priority": object{"id": "3", "name": "Mittel"},
		"labels": []string{}, "reporter": s.user(0), "assignee": nil, "created": stamp(story.Created), "resolution": nil, "resolutiondate": nil,
		"issuelinks": []any{}, "project": object{"id": project, "key": key}, FieldPoints: nil, FieldFloat: nil, FieldFlag: nil, FieldSprint: s.sprintsOf(now.sprints),
	}
	if now.points != nil {
		i.Fields[FieldFloat] = *now.points
	}
	if now.flagged {
		i.Fields[FieldFlag] = []object{{"id": "10019", "value": "Impediment"}}
	}
	if now.assignee != nil {
		i.Fields["assignee"] = s.user(*now.assignee)
	}
	if story.Resolution != "" {
		i.Fields["resolution"], i.Fields["resolutiondate"] = object{"id": "1", "name": story.Resolution}, stamp(i.Updated)
	}
	return i
}

func stateOf(id string) (name, category string) {
	for _, state := range states {
		if state.id == id {
			return state.name, state.category
		}
	}
	panic("the fake has no status " + id)
}

// move applies a move and returns the items of its entry in the history.
func (s *Server) move(now *telling, move Move) (items []object) {
	if move.Status != "" && move.Status != now.status {
		from, _ := stateOf(now.status)
		to, _ := stateOf(move.Status)
		items = append(items, s.item("status", "status", "jira", now.status, from, move.Status, to))
		now.status = move.Status
	}
	if move.Sprints != nil {
		items = append(items, s.item("Sprint", FieldSprint, "custom", sprintIDs(now.sprints), sprintNames(now.sprints), sprintIDs(move.Sprints), sprintNames(move.Sprints)))
		now.sprints = move.Sprints
	}
	if move.Points != nil {
		items = append(items, s.item("Story Points", FieldFloat, "custom", nil, points(now.points), nil, points(move.Points)))
		now.points = move.Points
	}
	if move.Flagged != nil {
		from, to := "", "Impediment"
		if !*move.Flagged {
			from, to = to, from
		}
		items = append(items, s.item("Flagged", FieldFlag, "custom", "", from, "", to))
		now.flagged = *move.Flagged
	}
	if move.Assignee != nil {
		id, name := s.known(now.assignee)
		toID, toName := s.known(move.Assignee)
		items = append(items, s.item("assignee", "assignee", "jira", id, name, toID, toName))
		now.assignee = move.Assignee
	}
	return items
}

func (s *Server) known(user *int) (id, name any) {
	if user == nil {
		return nil, nil
	}
	who := s.user(*user)
	if s.dc {
		return who["key"], who["displayName"]
	}
	return who["accountId"], who["displayName"]
}

func (s *Server) sprintsOf(ids []int) any {
	if len(ids) == 0 {
		return nil
	}
	var texts []string
	var all []object
	for _, id := range ids {
		texts = append(texts, fmt.Sprintf("com.atlassian.greenhopper.service.sprint.Sprint@1f39[id=%d,rapidViewId=4,state=CLOSED,name=Sprint %d,startDate=<null>]", id, id))
		all = append(all, object{"id": id, "name": "Sprint " + strconv.Itoa(id), "state": "closed", "boardId": 4})
	}
	if s.dc {
		return texts
	}
	return all
}

func sprintIDs(ids []int) string   { return joined(ids, "") }
func sprintNames(ids []int) string { return joined(ids, "Sprint ") }

func joined(ids []int, before string) string {
	var out []string
	for _, id := range ids {
		out = append(out, before+strconv.Itoa(id))
	}
	return strings.Join(out, ", ")
}

func points(v *float64) any {
	if v == nil {
		return nil
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}
