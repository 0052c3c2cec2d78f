package jiratest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// commentsAtOnce is how many comments come with an issue.
const commentsAtOnce = 20

// render writes an issue with the fields that were asked for. The history that
// is expanded holds the newest entries, newest first, and its own total.
func (s *Server) render(i *Issue, fields, expand string, histories int) object {
	all := maps.Clone(i.Fields)
	all["updated"], all["description"] = stamp(i.Updated), s.body(i.Text)
	all["comment"] = object{"startAt": 0, "maxResults": commentsAtOnce, "total": len(i.Comments), "comments": slices.Concat([]any{}, i.Comments[:min(len(i.Comments), commentsAtOnce)])}
	wanted := strings.Split(fields, ",")
	maps.DeleteFunc(all, func(name string, _ any) bool { return !slices.Contains(wanted, name) })
	issue := object{"id": i.ID, "key": i.Key, "fields": all}
	if expand == "changelog" {
		newest := slices.Clone(i.Histories[max(0, len(i.Histories)-histories):])
		slices.Reverse(newest)
		issue["changelog"] = object{"startAt": 0, "maxResults": len(newest), "total": len(i.Histories), "histories": newest}
	}
	return issue
}

// body is a text on Data Center and a document on Cloud.
func (s *Server) body(text string) any {
	if s.dc || text == "" {
		return text
	}
	var content []object
	for line := range strings.SplitSeq(text, "\n") {
		content = append(content, object{"type": "paragraph", "content": []object{{"type": "text", "text": line}}})
	}
	return object{"type": "doc", "version": 1, "content": content}
}

func (s *Server) fields(w http.ResponseWriter, _ *http.Request) {
	const system = "com.atlassian.jira.plugin.system.customfieldtypes:"
	const agile = "com.pyxis.greenhopper.jira:"
	custom := func(id, name, kind, key string) object {
		return object{"id": id, "name": name, "custom": true, "schema": object{"type": kind, "custom": key}}
	}
	answer(w, []object{
		{"id": "summary", "name": "Zusammenfassung", "custom": false, "schema": object{"type": "string", "system": "summary"}},
		{"id": "thumbnail", "name": "Bilder", "custom": false},
		custom(FieldSprint, "Sprint", "array", agile+"gh-sprint"), custom(FieldEpic, "Epic-Verknüpfung", "any", agile+"gh-epic-link"),
		custom(FieldFloat, "Story Points", "number", system+"float"), custom(FieldPoints, "Story-Punkte-Schätzung", "number", agile+"jsw-story-points"),
		custom(FieldFlag, "Flagged", "array", system+"multicheckboxes"), custom("customfield_10099", "Story Points", "string", system+"textfield"),
	})
}

func (s *Server) statuses(w http.ResponseWriter, _ *http.Request) {
	var all []object
	for _, state := range states {
		if state.id != UnknownStatus {
			all = append(all, object{"id": state.id, "name": state.name, "statusCategory": object{"key": state.category, "name": "…"}})
		}
	}
	answer(w, all)
}
