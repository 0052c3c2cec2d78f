package api_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/store"
)

// sailing makes a project whose repository is analysed and searched, and that the
// developer and the observer are members of.
func (w *world) sailing() string {
	w.t.Helper()
	ctx := w.t.Context()
	p, err := w.lead().CreateProject(ctx, client.NewProject{Name: "Sailing", RepositoryURL: "https://example.com/team/sailing", TeamMembers: []string{"developer@example.com", "observer@example.com"}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.indexed(*p.RepositoryID, lighthouse(firstCommit, 1))
	job := func(context.Context, *sql.Tx, int64) (int64, error) { return 77, nil }
	if err := w.store.QueueSearch(ctx, job, 10, time.Now()); err != nil {
		w.t.Fatal(err)
	}
	scope, err := w.store.ScopeOfRepository(ctx, *p.RepositoryID)
	if err != nil {
		w.t.Fatal(err)
	}
	c := store.SearchClaim{Scope: scope.Number, JobID: 77, Owner: "test"}
	was, _, err := w.store.ClaimSearch(ctx, c, time.Now(), time.Now())
	at := time.Date(2025, 6, 15, 15, 6, 40, 0, time.UTC)
	if err == nil {
		_, err = w.store.ChangePassages(ctx, c, store.PassageChange{Put: []rampforge.Passage{
			{Kind: rampforge.PassageCode, Key: "ship/ship.go", Version: "1", Title: "method Ship.Sail()", Path: "ship/ship.go", Symbol: "Ship.Sail", StartLine: 2, EndLine: 9, Names: "Ship.Sail", Text: "// Sail leaves the harbour.\nfunc (s *Ship) Sail() {\n\ts.anchor.Raise()\n}"},
			{Kind: rampforge.PassageCode, Key: "voyage/voyage.go", Version: "1", Title: "func Begin", Path: "voyage/voyage.go", Symbol: "Begin", StartLine: 3, EndLine: 9, Names: "Begin", Text: "func Begin(s *Ship) {\n\ts.Sail()\n}"},
			{Kind: rampforge.PassageDocument, Key: "README.md", Version: "1", Title: "Lighthouse › Fog", Path: "README.md", StartLine: 5, EndLine: 8, Names: "Fog", Text: "## Fog\n\nIn fog the horn sounds twice a minute."},
			{Kind: rampforge.PassageCommit, Key: firstCommit, Version: "1", Title: "Sail", Commit: firstCommit, Names: "Sail", Text: "Sail\n\nShips that only lie there rust.", At: &at},
		}}, time.Now())
	}
	if err == nil {
		err = w.store.FinishSearch(ctx, c, was, firstCommit, time.Now(), time.Now())
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return p.ID
}

// TestAskBeforeAnythingIsKnown says so, and does not seem to know that there is
// nothing.
func TestAskBeforeAnythingIsKnown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, err := w.lead().CreateProject(t.Context(), client.NewProject{Name: "New", RepositoryURL: "https://example.com/team/new"})
		if err != nil {
			t.Fatal(err)
		}
		answer, err := w.lead().Ask(t.Context(), p.ID, client.Question{Question: "What is this?"})
		if err != nil || !answer.Abstained || !strings.Contains(answer.Note, "has not been analysed yet") {
			t.Errorf("%+v, %v", answer, err)
		}
	})
}

// TestAsk asks, goes on in the conversation, and reads it, on both databases.
func TestAsk(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, project, dev := t.Context(), w.sailing(), w.developer()
		first, err := dev.Ask(ctx, project, client.Question{Question: "What does Ship.Sail do?"})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(first.Text, "Sail leaves the harbour. [1]") || first.Abstained || first.Model != "extractive" || first.Confidence != rampforge.ConfidenceHigh || first.Diagram == nil {
			t.Errorf("the answer is %+v", first)
		}
		if c := first.Citations[0]; c.Path != "ship/ship.go" || *c.StartLine != 2 || *c.EndLine != 9 || c.Commit != firstCommit || !strings.Contains(c.Excerpt, "anchor") {
			t.Errorf("it cites %+v", c)
		}
		then, err := dev.Ask(ctx, project, client.Question{Question: "And what breaks if I change it?", ConversationID: first.ConversationID})
		if err != nil || !strings.Contains(then.Text, "`Begin`") {
			t.Errorf("the next answer is %+v, %v", then, err)
		}
		none, err := dev.Ask(ctx, project, client.Question{Question: "Where are customs declarations printed?"})
		if err != nil || !none.Abstained || none.Confidence != rampforge.ConfidenceNone {
			t.Errorf("what is not there is answered: %+v, %v", none, err)
		}
		focused, err := dev.Ask(ctx, project, client.Question{Question: "Who knows this?", Focus: &client.Focus{Path: "ship/ship.go"}})
		if err != nil || !strings.Contains(focused.Text, "Ada Stone, Quin Objector") {
			t.Errorf("%+v, %v", focused, err)
		}
		c, err := dev.Conversation(ctx, project, first.ConversationID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]rampforge.Answer{then, first}, c.Answers, cmpopts.EquateApproxTime(time.Microsecond)); diff != "" || c.Title != "What does Ship.Sail do?" || c.Questions != 2 {
			t.Errorf("%+v: %s", c.Conversation, diff)
		}
		w.keepsConversation(project, first)
	})
}

// keepsConversation renames, bookmarks, rates, exports and deletes a conversation.
func (w *world) keepsConversation(project string, first rampforge.Answer) {
	t, ctx, dev := w.t, w.t.Context(), w.developer()
	id := first.ConversationID
	if c, err := dev.UpdateConversation(ctx, project, id, map[string]any{"title": " Sailing ", "bookmarked": true}); err != nil || c.Title != "Sailing" || !c.Bookmarked {
		t.Errorf("%+v, %v", c, err)
	}
	_, err := dev.UpdateConversation(ctx, project, id, map[string]any{"title": "  "})
	wantStatus(t, "an empty title", err, http.StatusUnprocessableEntity)
	if list, err := dev.Conversations(ctx, project, client.Query{"bookmarked": "true"}); err != nil || list.Total != 1 || list.Conversations[0].ID != id {
		t.Errorf("%+v, %v", list, err)
	}
	if err := dev.SetFeedback(ctx, project, id, first.ID, rampforge.FeedbackHelpful, "Thanks"); err != nil {
		t.Error(err)
	}
	if c, err := dev.Conversation(ctx, project, id); err != nil || c.Answers[1].Feedback != rampforge.FeedbackHelpful || c.Answers[1].FeedbackNote != "Thanks" {
		t.Errorf("%+v, %v", c, err)
	}
	path := "/api/v1/projects/" + project + "/conversations/" + id
	export := w.raw("GET", path+"/export", "", w.bearer(rampforge.RoleDeveloper)...)
	for _, want := range []string{"# Sailing\n", "## What does Ship.Sail do?", "Sail leaves the harbour. [1]", "- [1] ship/ship.go, lines 2–9 at `111111111111`"} {
		if !strings.Contains(export.body, want) {
			t.Errorf("the export lacks %q:\n%s", want, export.body)
		}
	}
	for who, c := range map[string]*client.Client{"an admin": w.admin(), "an observer": w.observer(), "the team lead": w.lead()} {
		_, err := c.Conversation(ctx, project, id)
		wantStatus(t, who+" reading it", err, http.StatusNotFound)
		wantStatus(t, who+" removing it", c.DeleteConversation(ctx, project, id), http.StatusNotFound)
	}
	if err := dev.DeleteConversation(ctx, project, id); err != nil {
		t.Error(err)
	}
	_, err = dev.Conversation(ctx, project, id)
	wantStatus(t, "reading what was removed", err, http.StatusNotFound)
}

// TestAskStream sends the parts of an answer, then all of it.
func TestAskStream(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		project := w.sailing()
		var events []string
		text := ""
		answer, err := w.developer().AskStream(t.Context(), project, client.Question{Question: "What does Ship.Sail do?"}, func(event, data string) error {
			events = append(events, event)
			if event == "token" {
				var token struct {
					Text string `json:"text"`
				}
				if err := json.Unmarshal([]byte(data), &token); err != nil {
					return err
				}
				text += token.Text
			}
			return nil
		})
		if err != nil || text != answer.Text || answer.ID == "" || answer.ConversationID == "" {
			t.Errorf("%q was streamed of %+v: %v", text, answer, err)
		}
		if got := strings.Join(events, " "); !strings.HasPrefix(got, "citation token") || !strings.HasSuffix(got, " done") {
			t.Errorf("the events are %s", got)
		}
		kept, err := w.developer().Conversation(t.Context(), project, answer.ConversationID)
		if err != nil || len(kept.Answers) != 1 || kept.Answers[0].Text != answer.Text {
			t.Errorf("%+v was kept, %v", kept, err)
		}
	})
}

// faulty is a model that fails in a way that nobody foresaw.
type faulty struct{}

func (faulty) Name() string { return "faulty" }

func (faulty) Generate(context.Context, *llm.Request, func(string) error) (*llm.Response, error) {
	return nil, errors.New("a fault that is ours")
}

// TestAskFails tells what goes wrong in our envelope, as an event where the
// answer had begun.
func TestAskFails(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		ctx, project := t.Context(), w.sailing()
		q := client.Question{Question: "What does Ship.Sail do?"}
		_, err := w.observer().Ask(ctx, project, q)
		wantStatus(t, "an observer asking", err, http.StatusForbidden)
		_, err = w.client.Ask(ctx, project, q)
		wantStatus(t, "nobody asking", err, http.StatusUnauthorized)
		_, err = w.developer().Ask(ctx, "prj_none", q)
		wantStatus(t, "no project", err, http.StatusNotFound)
		_, err = w.developer().Ask(ctx, project, client.Question{Question: " "})
		wantStatus(t, "no question", err, http.StatusUnprocessableEntity)
		_, err = w.developer().Ask(ctx, project, client.Question{Question: "Why?", ConversationID: "conv_none"})
		wantStatus(t, "no conversation", err, http.StatusNotFound)
		_, err = w.developer().AskStream(ctx, "prj_none", q, func(string, string) error { return nil })
		wantStatus(t, "no project, streaming", err, http.StatusNotFound)
		stranger := w.person("stranger@example.com", rampforge.RoleDeveloper).client
		_, err = stranger.Ask(ctx, project, q)
		wantStatus(t, "a stranger", err, http.StatusNotFound)
		_, err = stranger.Conversations(ctx, project, nil)
		wantStatus(t, "a stranger listing", err, http.StatusNotFound)
	}, func(s *setting) { s.api.Rates.Ask = api.Rate{} })
	t.Run("event", func(t *testing.T) {
		onSQLite(t, func(t *testing.T, w *world) {
			_, err := w.developer().AskStream(t.Context(), w.sailing(), client.Question{Question: "What does Ship.Sail do?"}, func(string, string) error { return nil })
			e, ok := errors.AsType[*client.Error](err)
			if !ok || e.Code != rampforge.CodeInternal || e.Message != "Internal server error" {
				t.Errorf("the stream ends with %v", err)
			}
		}, func(s *setting) { s.api.Model = faulty{} })
	})
}

// TestAskRate counts questions by person.
func TestAskRate(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		project := w.sailing()
		for range 2 {
			if _, err := w.developer().Ask(t.Context(), project, client.Question{Question: "What is Sail?"}); err != nil {
				t.Fatal(err)
			}
		}
		_, err := w.developer().Ask(t.Context(), project, client.Question{Question: "What is Sail?"})
		wantStatus(t, "the third question", err, http.StatusTooManyRequests)
		if _, err := w.lead().Ask(t.Context(), project, client.Question{Question: "What is Sail?"}); err != nil {
			t.Errorf("somebody else: %v", err)
		}
	}, func(s *setting) { s.api.Rates.Ask = api.Rate{Limit: 2, Window: time.Hour} })
}
