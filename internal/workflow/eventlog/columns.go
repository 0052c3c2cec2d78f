package eventlog

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/rampforgeai/rampforge"
)

// places are the columns that are read; -1 is none.
type places struct{ caseID, activity, timestamp, resource, lifecycle int }

// The usual names of columns, the surest first, as plainName writes them: those
// that pm4py and XES tools write, those of common process-mining tools, and
// those of trackers' exports.
var (
	caseNames      = []string{"caseconceptname", "caseid", "case", "casekey", "traceid", "processinstanceid", "processinstance", "issuekey", "issueid", "workitemid", "ticketid", "incidentid", "orderid", "key"}
	activityNames  = []string{"conceptname", "activity", "activityname", "event", "eventname", "task", "taskname", "status", "state", "operation", "action", "step"}
	timeNames      = []string{"timetimestamp", "timestamp", "completetimestamp", "eventtime", "endtimestamp", "endtime", "completiontime", "datetime", "time", "date", "changedat", "starttimestamp", "starttime"}
	resourceNames  = []string{"orgresource", "resource", "user", "username", "actor", "assignee", "agent", "performer", "employee", "originator"}
	lifecycleNames = []string{"lifecycletransition", "lifecycle", "transition"}
)

// plainName is the name of a column without what people write in different ways.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// findColumns finds the columns of a CSV file: those that are asked for, and
// else those with the usual names. It tells all that is missing at once.
func findColumns(header []string, asked Columns) (places, error) {
	var issues []rampforge.FieldIssue
	find := func(field, name string, usual []string, needed bool) int {
		i, issue := findColumn(header, name, usual)
		if issue == "" && i < 0 && needed {
			issue = "no column has one of the usual names: say which it is; there are " + listed(header)
		}
		if issue != "" {
			issues = append(issues, rampforge.FieldIssue{Field: field, Issue: issue})
		}
		return i
	}
	p := places{
		caseID:    find("case", asked.Case, caseNames, true),
		activity:  find("activity", asked.Activity, activityNames, true),
		timestamp: find("timestamp", asked.Timestamp, timeNames, true),
		resource:  find("resource", asked.Resource, resourceNames, false),
		lifecycle: find("lifecycle", asked.Lifecycle, lifecycleNames, false),
	}
	if len(issues) > 0 {
		return p, rampforge.Invalid(issues...)
	}
	return p, nil
}

func findColumn(header []string, asked string, usual []string) (place int, issue string) {
	if asked != "" {
		for i, name := range header {
			if name == asked {
				return i, ""
			}
		}
		for i, name := range header {
			if strings.EqualFold(name, asked) {
				return i, ""
			}
		}
		return -1, fmt.Sprintf("there is no column %s: there are %s", quoted(asked), listed(header))
	}
	for _, wanted := range usual {
		found := -1
		for i, name := range header {
			if plainName(name) != wanted {
				continue
			}
			if found >= 0 {
				return -1, fmt.Sprintf("both %s and %s may be it: say which", quoted(header[found]), quoted(name))
			}
			found = i
		}
		if found >= 0 {
			return found, ""
		}
	}
	return -1, ""
}

// listed names columns, as many as a message has room for.
func listed(header []string) string {
	const most = 30
	names := make([]string, 0, most)
	for _, name := range header[:min(len(header), most)] {
		names = append(names, quoted(name))
	}
	text := strings.Join(names, ", ")
	if len(header) > most {
		text += fmt.Sprintf(" and %d more", len(header)-most)
	}
	return text
}
