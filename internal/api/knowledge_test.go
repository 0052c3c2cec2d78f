package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// as calls a route as somebody of a role.
func (w *world) as(role rampforge.Role, method, path, body string, header ...string) answer {
	w.t.Helper()
	return w.raw(method, path, body, append([]string{"Authorization", "Bearer " + w.people[role].session.AccessToken, "Content-Type", "application/json"}, header...)...)
}

// status fails the test unless a call by a role is answered with a status.
func (w *world) status(want int, role rampforge.Role, method, path, body string) answer {
	w.t.Helper()
	got := w.as(role, method, path, body)
	if got.status != want {
		w.t.Errorf("%s %s as %s: %d, want %d: %.300s", method, path, role, got.status, want, got.body)
	}
	return got
}

// asked makes an interview of the developer with one question.
func (w *world) asked(project string) rampforge.Interview {
	w.t.Helper()
	u := w.people[rampforge.RoleDeveloper].user
	i := rampforge.Interview{
		ID: store.NewID("int"), ProjectID: project, Person: &rampforge.InterviewPerson{UserID: &u.ID, Email: u.Email, Name: u.Name}, Reason: rampforge.InterviewSoleExpert, Commit: firstCommit, CreatedAt: exampleTime(),
		Questions: []rampforge.InterviewQuestion{{
			ID: store.NewID("inq"), Kind: "cue", Topic: "How to work on Ship.Sail", Text: "What do you watch for in `Ship.Sail`?", Why: "Nobody else knows it.", Needs: []string{"reason"},
			Case: rampforge.InterviewCase{What: "complex", Path: "ship/ship.go", Symbol: "Ship.Sail", StartLine: new(3), EndLine: new(9), Commit: firstCommit, Excerpt: "func (s *Ship) Sail() {"},
		}},
	}
	if err := w.store.CreateInterview(w.t.Context(), i); err != nil {
		w.t.Fatal(err)
	}
	return i
}

// TestWhoMayAskWhom covers who makes interviews of whom.
func TestWhoMayAskWhom(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		project := w.sailing()
		path := "/api/v1/projects/" + project + "/interviews"
		ask := func(who string) string { return `{"person":"` + who + `","reason":"leaving"}` }
		made := decoded[rampforge.Interview](t, w.status(http.StatusCreated, rampforge.RoleTeamLead, http.MethodPost, path, ask("developer@example.com")))
		if made.Person == nil || made.Person.Email != "developer@example.com" || len(made.Notes) == 0 || len(made.Questions) != 0 {
			t.Errorf("of who wrote nothing is asked %+v", made)
		}
		w.status(http.StatusCreated, rampforge.RoleDeveloper, http.MethodPost, path, ask(w.people[rampforge.RoleDeveloper].user.ID))
		w.status(http.StatusForbidden, rampforge.RoleDeveloper, http.MethodPost, path, ask("observer@example.com"))
		w.status(http.StatusUnprocessableEntity, rampforge.RoleTeamLead, http.MethodPost, path, ask("nobody@example.com"))
		w.status(http.StatusUnprocessableEntity, rampforge.RoleTeamLead, http.MethodPost, path, `{"person":"developer@example.com","reason":"leaving","paths":["nowhere"]}`)
		w.status(http.StatusUnprocessableEntity, rampforge.RoleTeamLead, http.MethodPost, path, `{"person":"developer@example.com","reason":"gossip"}`)

		// Who objects is asked by nobody else, and not named in what there is.
		w.status(http.StatusOK, rampforge.RoleDeveloper, http.MethodPut, "/api/v1/auth/profile", `{"named_as_expert":false}`)
		if got := w.status(http.StatusUnprocessableEntity, rampforge.RoleTeamLead, http.MethodPost, path, ask("developer@example.com")); !strings.Contains(got.body, "does not want to be named") {
			t.Error(got.body)
		}
		for _, of := range []string{path, path + "/" + made.ID} {
			if got := w.status(http.StatusOK, rampforge.RoleTeamLead, http.MethodGet, of, ""); strings.Contains(got.body, "developer@example.com") {
				t.Errorf("%s names who objected: %s", of, got.body)
			}
		}
		if got := w.status(http.StatusOK, rampforge.RoleDeveloper, http.MethodGet, path+"/"+made.ID, ""); !strings.Contains(got.body, "developer@example.com") {
			t.Error("who objected does not see themselves")
		}
		w.status(http.StatusCreated, rampforge.RoleDeveloper, http.MethodPost, path, ask("developer@example.com"))
	})
}

// TestFromAnswerToItem answers a question, is asked again, and makes an item of it
// that others read once it is approved.
func TestFromAnswerToItem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		project := w.sailing()
		base := "/api/v1/projects/" + project
		i := w.asked(project)
		one := base + "/interviews/" + i.ID
		question := one + "/questions/" + i.Questions[0].ID
		const dev, lead, observer = rampforge.RoleDeveloper, rampforge.RoleTeamLead, rampforge.RoleObserver

		w.status(http.StatusNotFound, observer, http.MethodGet, one, "")
		w.status(http.StatusNotFound, observer, http.MethodPut, question+"/answer", `{"text":"Mine"}`)
		w.status(http.StatusForbidden, lead, http.MethodPut, question+"/answer", `{"text":"Theirs"}`)
		w.status(http.StatusForbidden, lead, http.MethodPost, question+"/skip", "")
		w.status(http.StatusUnprocessableEntity, dev, http.MethodPut, question+"/answer", `{"text":"   "}`)
		w.status(http.StatusNotFound, dev, http.MethodPut, one+"/questions/inq_none/answer", `{"text":"So"}`)
		if got := w.status(http.StatusOK, observer, http.MethodGet, base+"/interviews", ""); strings.Contains(got.body, i.ID) {
			t.Error("an observer's list has the interview of somebody else")
		}
		thin := decoded[rampforge.InterviewQuestion](t, w.status(http.StatusOK, dev, http.MethodPut, question+"/answer", `{"text":"It depends."}`))
		if thin.Status != rampforge.QuestionAskedAgain || thin.FollowUp == nil || !strings.Contains(*thin.FollowUp, "it depends") {
			t.Errorf("a thin answer: %+v", thin)
		}
		told := decoded[rampforge.InterviewQuestion](t, w.status(http.StatusOK, dev, http.MethodPut, question+"/answer", `{"text":"In fog the anchor must be raised by hand, because the winch of 1998 has no brake: see winch_test.go. <img src=x>"}`))
		if told.Status != rampforge.QuestionAnswered || len(told.Versions) != 2 {
			t.Errorf("the answer: %+v", told)
		}
		first := w.as(lead, http.MethodGet, one, "")
		if again := w.as(lead, http.MethodGet, one, "", "If-None-Match", first.header.Get("ETag")); first.header.Get("ETag") == "" || again.status != http.StatusNotModified {
			t.Errorf("the tag is %q, and answers %d", first.header.Get("ETag"), again.status)
		}
		kit := w.status(http.StatusOK, lead, http.MethodGet, one+"/export", "")
		if !strings.HasPrefix(kit.header.Get("Content-Type"), "text/markdown") || !strings.Contains(kit.body, "## 1. How to work on Ship.Sail") || strings.Contains(kit.body, "<img") || strings.Contains(kit.body, "Somebody") {
			t.Errorf("the kit is %s", kit.body)
		}
		finished := decoded[struct{ Items []rampforge.KnowledgeItem }](t, w.status(http.StatusOK, dev, http.MethodPost, one+"/finish", ""))
		if len(finished.Items) != 1 || finished.Items[0].State != rampforge.KnowledgeDraft || finished.Items[0].Links[0].Path != "ship/ship.go" {
			t.Fatalf("the drafts: %+v", finished)
		}
		w.status(http.StatusConflict, dev, http.MethodPost, one+"/finish", "")
		w.status(http.StatusConflict, dev, http.MethodPost, question+"/skip", "")
		w.status(http.StatusConflict, dev, http.MethodPut, question+"/answer", `{"text":"Late"}`)

		item := base + "/knowledge/" + finished.Items[0].ID
		searched := func(want bool) {
			t.Helper()
			if got := w.status(http.StatusOK, observer, http.MethodGet, base+"/search?q=winch+brake&kind=knowledge", ""); strings.Contains(got.body, "winch of 1998") != want {
				t.Errorf("found should be %v: %s", want, got.body)
			}
		}
		w.status(http.StatusNotFound, observer, http.MethodGet, item, "")
		w.status(http.StatusForbidden, lead, http.MethodPost, item+"/approve", "")
		searched(false)
		w.status(http.StatusOK, dev, http.MethodPost, item+"/approve", "")
		searched(true)
		w.status(http.StatusForbidden, observer, http.MethodPost, item+"/approve", "")
		w.status(http.StatusForbidden, observer, http.MethodPut, item, `{"text":"No."}`)
		w.status(http.StatusForbidden, observer, http.MethodDelete, item, "")
		if got := decoded[rampforge.KnowledgeItem](t, w.status(http.StatusOK, observer, http.MethodGet, item, "")); got.Author == nil || got.State != rampforge.KnowledgeApproved {
			t.Errorf("approved: %+v", got)
		}
		asked := decoded[rampforge.Answer](t, w.status(http.StatusOK, dev, http.MethodPost, base+"/ask", `{"question":"Why is Ship.Sail so?"}`))
		if len(asked.Citations) == 0 || asked.Citations[0].Kind != rampforge.PassageKnowledge || asked.Citations[0].Author != "Somebody" || strings.Contains(asked.Text, "<img") {
			t.Errorf("why is answered with %+v\n%s", asked.Citations, asked.Text)
		}
		reworded := decoded[rampforge.KnowledgeItem](t, w.status(http.StatusOK, lead, http.MethodPut, item, `{"text":"In fog the anchor is raised by hand."}`))
		if reworded.State != rampforge.KnowledgeDraft || reworded.ApprovedAt != nil {
			t.Errorf("reworded by a lead: %+v", reworded)
		}
		searched(false)
		w.status(http.StatusNotFound, observer, http.MethodGet, item, "")
		w.status(http.StatusOK, lead, http.MethodPost, item+"/confirm", "")
		w.status(http.StatusUnprocessableEntity, dev, http.MethodPut, item, `{"state":"approved"}`)
		w.status(http.StatusOK, dev, http.MethodPut, item, `{"state":"retired"}`)
		w.status(http.StatusNoContent, lead, http.MethodDelete, item, "")
		w.status(http.StatusNoContent, dev, http.MethodDelete, one, "")
	})
}

// TestWrittenItems writes items without an interview, with links that must lead
// somewhere.
func TestWrittenItems(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		base := "/api/v1/projects/" + w.sailing() + "/knowledge"
		const dev = rampforge.RoleDeveloper
		k := decoded[rampforge.KnowledgeItem](t, w.status(http.StatusCreated, dev, http.MethodPost, base, `{"title":"Fog","text":"Sound the horn.","links":[{"path":"ship/ship.go","symbol":"Ship.Sail"},{"path":"main.go"},{"path":"main.go","start_line":2,"end_line":4},{"path":"./main.go"},{"path":"main.go","start_line":2,"end_line":4}]}`))
		if len(k.Links) != 3 || *k.Links[0].StartLine != 3 || *k.Links[0].EndLine != 9 || k.Links[1].StartLine != nil || k.Links[2].Commit != firstCommit || k.State != rampforge.KnowledgeDraft {
			t.Errorf("%+v", k)
		}
		for _, links := range []string{`[{"path":"nowhere.go"}]`, `[{"path":"main.go","symbol":"None"}]`, `[{"path":"main.go","start_line":9,"end_line":2}]`, `[{"path":"main.go","start_line":1,"end_line":5000}]`, `[{"path":"main.go","end_line":5}]`} {
			w.status(http.StatusUnprocessableEntity, dev, http.MethodPost, base, `{"title":"Fog","text":"So.","links":`+links+`}`)
		}
		w.status(http.StatusUnprocessableEntity, dev, http.MethodPost, base, `{"title":"  ","text":" "}`)
		w.status(http.StatusForbidden, rampforge.RoleObserver, http.MethodPost, base, `{"title":"Fog","text":"So."}`)
		for query, want := range map[string]bool{"": true, "?path=ship": true, "?path=/ship/ship.go": true, "?path=voyage": false, "?state=approved": false, "?stale=true": false, "?own=true": true} {
			if got := w.status(http.StatusOK, dev, http.MethodGet, base+query, ""); strings.Contains(got.body, k.ID) != want {
				t.Errorf("%q lists the item: %v", query, !want)
			}
		}
	})
}

// TestWhoApprovesForWhoLeft has a lead correct and approve what somebody wrote who
// has left since, and nothing of who is there.
func TestWhoApprovesForWhoLeft(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		project := w.sailing()
		path, base := "/api/v1/projects/"+project, "/api/v1/projects/"+project+"/knowledge"
		const dev, lead, observer = rampforge.RoleDeveloper, rampforge.RoleTeamLead, rampforge.RoleObserver
		made := decoded[rampforge.KnowledgeItem](t, w.status(http.StatusCreated, dev, http.MethodPost, base, `{"title":"Fog","text":"Sound the horn twice.","links":[{"path":"ship/ship.go","symbol":"Ship.Sail"}]}`))
		item := base + "/" + made.ID
		approved := decoded[rampforge.KnowledgeItem](t, w.status(http.StatusOK, dev, http.MethodPost, item+"/approve", ""))
		if approved.ApprovedBy == nil || approved.ApprovedBy.UserID != w.people[dev].user.ID {
			t.Errorf("approved by the author: %+v", approved)
		}
		reworded := decoded[rampforge.KnowledgeItem](t, w.status(http.StatusOK, lead, http.MethodPut, item, `{"text":"Sound the horn three times."}`))
		if reworded.State != rampforge.KnowledgeDraft || reworded.ApprovedBy != nil {
			t.Errorf("reworded: %+v", reworded)
		}
		w.status(http.StatusForbidden, lead, http.MethodPost, item+"/approve", "")
		w.status(http.StatusOK, lead, http.MethodPut, path, `{"team_members":["observer@example.com"]}`)
		w.status(http.StatusNotFound, dev, http.MethodPost, item+"/approve", "")
		w.status(http.StatusNotFound, observer, http.MethodPost, item+"/approve", "")
		back := decoded[rampforge.KnowledgeItem](t, w.status(http.StatusOK, lead, http.MethodPost, item+"/approve", ""))
		if back.State != rampforge.KnowledgeApproved || back.ApprovedBy == nil || back.ApprovedBy.UserID != w.people[lead].user.ID || back.Author == nil || back.Author.UserID != w.people[dev].user.ID {
			t.Errorf("approved by the lead: %+v", back)
		}
		if got := w.status(http.StatusOK, observer, http.MethodGet, base+"?state=approved", ""); !strings.Contains(got.body, made.ID) || !strings.Contains(got.body, w.people[lead].user.ID) {
			t.Errorf("an observer reads %s", got.body)
		}
		asked := decoded[rampforge.Answer](t, w.status(http.StatusOK, lead, http.MethodPost, path+"/ask", `{"question":"Why is Ship.Sail so?"}`))
		if !strings.Contains(asked.Text, "and approved by a lead on ") || !strings.Contains(asked.Text, "three times") {
			t.Errorf("why is answered with %s", asked.Text)
		}
	})
}

// TestRetiredByWhoIsNotNamed retires what somebody approved who does not want to
// be named: nobody has approved it any more.
func TestRetiredByWhoIsNotNamed(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		base := "/api/v1/projects/" + w.sailing() + "/knowledge"
		const dev = rampforge.RoleDeveloper
		w.status(http.StatusOK, dev, http.MethodPut, "/api/v1/auth/profile", `{"named_as_expert":false}`)
		made := decoded[rampforge.KnowledgeItem](t, w.status(http.StatusCreated, dev, http.MethodPost, base, `{"title":"Fog","text":"Sound the horn twice."}`))
		w.status(http.StatusOK, dev, http.MethodPost, base+"/"+made.ID+"/approve", "")
		retired := decoded[rampforge.KnowledgeItem](t, w.status(http.StatusOK, dev, http.MethodPut, base+"/"+made.ID, `{"state":"retired"}`))
		if retired.State != rampforge.KnowledgeRetired || retired.ApprovedBy != nil {
			t.Errorf("%+v", retired)
		}
	})
}

// TestOneOpenInterview refuses a second interview of the same person and choice,
// names the open one, and makes it once that is finished.
func TestOneOpenInterview(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		project := w.sailing()
		path := "/api/v1/projects/" + project + "/interviews"
		i := w.asked(project)
		const body = `{"person":"developer@example.com","reason":"leaving"}`
		refused := w.status(http.StatusConflict, rampforge.RoleTeamLead, http.MethodPost, path, body)
		if !strings.Contains(refused.body, "RESOURCE_CONFLICT") || !strings.Contains(refused.body, `"interview_id":"`+i.ID+`"`) {
			t.Errorf("the open interview is not named: %s", refused.body)
		}
		w.status(http.StatusCreated, rampforge.RoleTeamLead, http.MethodPost, path, `{"person":"developer@example.com","reason":"leaving","paths":["ship"]}`)
		w.status(http.StatusOK, rampforge.RoleTeamLead, http.MethodPost, path+"/"+i.ID+"/finish", "")
		w.status(http.StatusCreated, rampforge.RoleTeamLead, http.MethodPost, path, body)
	})
}

// TestThinAnswersAreNoItems finishes an interview with an answer that stayed thin:
// it stays there, and the answer says so.
func TestThinAnswersAreNoItems(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		project := w.sailing()
		i := w.asked(project)
		one := "/api/v1/projects/" + project + "/interviews/" + i.ID
		const dev = rampforge.RoleDeveloper
		for _, text := range []string{"It depends.", "As usual, see the code.", "Historical reasons, because of 3 things."} {
			w.status(http.StatusOK, dev, http.MethodPut, one+"/questions/"+i.Questions[0].ID+"/answer", `{"text":"`+text+`"}`)
		}
		finished := decoded[struct {
			Items []rampforge.KnowledgeItem
			Left  []struct {
				QuestionID string `json:"question_id"`
				Thin       []string
			}
		}](t, w.status(http.StatusOK, dev, http.MethodPost, one+"/finish", ""))
		if len(finished.Items) != 0 || len(finished.Left) != 1 || finished.Left[0].QuestionID != i.Questions[0].ID || len(finished.Left[0].Thin) == 0 {
			t.Errorf("finished: %+v", finished)
		}
		kept := decoded[rampforge.Interview](t, w.status(http.StatusOK, dev, http.MethodGet, one, ""))
		if q := kept.Questions[0]; q.Answer == nil || !strings.Contains(*q.Answer, "It depends.") || len(q.Versions) != 3 || q.AskedAgain != 2 {
			t.Errorf("the answer that is kept: %+v", q)
		}
	})
}
