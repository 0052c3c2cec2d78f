package jiratest

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// question is the part of JQL that is understood.
type question struct {
	project     string
	since, till time.Time // zero is not asked
	after       string    // key
	byKey       bool
}

var condition = regexp.MustCompile(`^(project|updated|issuekey) (=|>=|<|>) "?([^"]*)"?$`)

// parse understands a question as Jira does: times are in the zone of the
// account and have no seconds, and a key has to be that of an issue.
func (s *Server) parse(jql string) (question, bool) {
	where, order, _ := strings.Cut(jql, " ORDER BY ")
	q := question{byKey: order == "key ASC"}
	if !q.byKey && order != "updated ASC, key ASC" {
		return q, false
	}
	for part := range strings.SplitSeq(where, " AND ") {
		m := condition.FindStringSubmatch(part)
		if m == nil {
			return q, false
		}
		at, err := time.ParseInLocation("2006-01-02 15:04", m[3], s.zone)
		switch m[1] + m[2] {
		case "project=":
			q.project = m[3]
			err = nil
		case "updated>=":
			q.since = at
		case "updated<":
			q.till = at
		case "issuekey>":
			q.after = m[3]
			err = nil
			if !slices.ContainsFunc(s.issues, func(i *Issue) bool { return i.Key == m[3] }) {
				return q, false
			}
		default:
			return q, false
		}
		if err != nil {
			return q, false
		}
	}
	return q, slices.ContainsFunc(s.projects, func(p project) bool { return p.ID == q.project })
}

func (s *Server) run(q question) []*Issue {
	var found []*Issue
	for _, i := range s.issues {
		switch {
		case i.Project != q.project, !q.since.IsZero() && i.Updated.Before(q.since), !q.till.IsZero() && !i.Updated.Before(q.till):
		case q.after != "" && number(i.Key) <= number(q.after):
		default:
			found = append(found, i)
		}
	}
	slices.SortFunc(found, func(a, b *Issue) int {
		byKey := cmp.Compare(number(a.Key), number(b.Key))
		if q.byKey {
			return byKey
		}
		return cmp.Or(a.Updated.Compare(b.Updated), byKey)
	})
	return found
}

func number(key string) int {
	n, _ := strconv.Atoi(key[strings.LastIndexByte(key, '-')+1:])
	return n
}
