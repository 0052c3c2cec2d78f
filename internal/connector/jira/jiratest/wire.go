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
func (s *Server) render(i *Issue, fields, expand []string, histories int) object {
	issue := object{"id": i.ID, "key": i.Key, "fields": s.chosen(i, fields)}
	if slices.Contains(expand, "changelog") {
		newest := slices.Clone(i.Histories[max(0, len(i.Histories)-histories):])
		slices.Reverse(newest)
		issue["changelog"] = object{"startAt": 0, "maxResults": len(newest), "total": len(i.Histories), "histories": newest}
	}
	return issue
}

// chosen are the fields that were asked for by name, or by *all without some.
func (s *Server) chosen(i *Issue, fields []string) map[string]any {
	all := maps.Clone(i.Fields)
	all["updated"], all["description"] = stamp(i.Updated), s.body(i.Text)
	all["comment"] = object{"startAt": 0, "maxResults": commentsAtOnce, "total": len(i.Comments), "comments": append([]any{}, i.Comments[:min(len(i.Comments), commentsAtOnce)]...)}
	every := slices.Contains(fields, "*all")
	maps.DeleteFunc(all, func(name string, _ any) bool {
		return !every && !slices.Contains(fields, name) || slices.Contains(fields, "-"+name)
	})
	return all
}

// describe writes the names and kinds of the fields that an issue shows.
func (s *Server) describe(into object, i *Issue, fields, expand []string) {
	shown := s.chosen(i, fields)
	names, schema := object{}, object{}
	for _, f := range s.allFields() {
		id, _ := f["id"].(string)
		if _, ok := shown[id]; ok && f["schema"] != nil {
			names[id], schema[id] = f["name"], f["schema"]
		}
	}
	if slices.Contains(expand, "names") {
		into["names"] = names
	}
	if slices.Contains(expand, "schema") {
		into["schema"] = schema
	}
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

func (s *Server) fields(w http.ResponseWriter, _ *http.Request) { answer(w, s.allFields()) }

func (s *Server) allFields() []object {
	const system = "com.atlassian.jira.plugin.system.customfieldtypes:"
	const agile = "com.pyxis.greenhopper.jira:"
	custom := func(id, name, kind, key string) object {
		return object{"id": id, "name": name, "custom": true, "schema": object{"type": kind, "custom": key}}
	}
	return []object{
		{"id": "summary", "name": "Zusammenfassung", "custom": false, "schema": object{"type": "string", "system": "summary"}},
		{"id": "thumbnail", "name": "Bilder", "custom": false},
		custom(FieldSprint, "Sprint", "array", agile+"gh-sprint"), custom(FieldEpic, "Epic-Verknüpfung", "any", agile+"gh-epic-link"),
		custom(FieldFloat, "Story Points", "number", system+"float"), custom(FieldPoints, "Story-Punkte-Schätzung", "number", agile+"jsw-story-points"),
		custom(FieldFlag, "Flagged", "array", system+"multicheckboxes"), custom("customfield_10099", "Story Points", "string", system+"textfield"),
	}
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
