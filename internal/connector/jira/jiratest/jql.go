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
	without     []string  // ids of types
	order       string
}

var (
	condition = regexp.MustCompile(`^(project|updated|issuekey) (=|>=|<|>) "?([^"]*)"?$`)
	noTypes   = regexp.MustCompile(`^issuetype not in \((\d+(?:,\d+)*)\)$`)
)

// parse understands a question as Jira does: times are in the zone of the
// account and have no seconds, and a key has to be that of an issue.
func (s *Server) parse(jql string) (question, bool) {
	where, order, _ := strings.Cut(jql, " ORDER BY ")
	q := question{order: order}
	if !slices.Contains([]string{"updated ASC, key ASC", "key ASC", "key DESC"}, order) {
		return q, false
	}
	for part := range strings.SplitSeq(where, " AND ") {
		if m := noTypes.FindStringSubmatch(part); m != nil {
			q.without = strings.Split(m[1], ",")
			continue
		}
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
		case q.after != "" && number(i.Key) <= number(q.after), slices.Contains(q.without, i.typeID()):
		default:
			found = append(found, i)
		}
	}
	slices.SortFunc(found, func(a, b *Issue) int {
		byKey := cmp.Compare(number(a.Key), number(b.Key))
		switch q.order {
		case "key ASC":
			return byKey
		case "key DESC":
			return -byKey
		}
		return cmp.Or(a.Updated.Compare(b.Updated), byKey)
	})
	return found
}

func (i *Issue) typeID() string {
	kind, _ := i.Fields["issuetype"].(object)
	id, _ := kind["id"].(string)
	return id
}

func number(key string) int {
	n, _ := strconv.Atoi(key[strings.LastIndexByte(key, '-')+1:])
	return n
}
