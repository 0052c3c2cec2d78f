package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/interview"
	"github.com/rampforgeai/rampforge/internal/assistant/knowledge"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/ingest/identity"
	"github.com/rampforgeai/rampforge/internal/store"
)

const (
	interviews   = oneProject + "/interviews"
	oneInterview = interviews + "/{interview_id}"
	oneQuestion  = oneInterview + "/questions/{question_id}"
)

func (a *API) registerInterviews() {
	handle(a, route{id: "create-interview", method: http.MethodPost, path: interviews, tag: tagKnowledge, policy: developers, status: http.StatusCreated,
		summary: "Make a kit of questions for somebody", description: interviewDescription, errors: []int{http.StatusNotFound, http.StatusConflict}}, a.createInterview)
	handle(a, route{id: "list-interviews", method: http.MethodGet, path: interviews, tag: tagKnowledge, policy: observers,
		summary: "The interviews of a project, newest first and without their questions", description: interviewsSeen, errors: notThere}, a.interviews)
	handle(a, route{id: "get-interview", method: http.MethodGet, path: oneInterview, tag: tagKnowledge, policy: observers,
		summary: "An interview with its questions and answers", description: interviewsSeen + " The ETag is strong.", errors: notThere}, a.interview)
	handle(a, route{id: "export-interview", method: http.MethodGet, path: oneInterview + "/export", tag: tagKnowledge, policy: observers,
		summary: "The questions as Markdown, to be answered by hand", description: interviewsSeen, errors: notThere}, a.exportInterview)
	handle(a, route{id: "answer-question", method: http.MethodPut, path: oneQuestion + "/answer", tag: tagKnowledge, policy: observers,
		summary: "Answer a question, or what was asked again about it", description: answerDescription, errors: []int{http.StatusNotFound, http.StatusConflict}}, a.answerQuestion)
	handle(a, route{id: "skip-question", method: http.MethodPost, path: oneQuestion + "/skip", tag: tagKnowledge, policy: observers,
		summary: "Leave a question out", description: "Only who is asked may. An answer later takes it up again.", errors: []int{http.StatusNotFound, http.StatusConflict}}, a.skipQuestion)
	handle(a, route{id: "finish-interview", method: http.MethodPost, path: oneInterview + "/finish", tag: tagKnowledge, policy: observers,
		summary: "End an interview: its answers become drafts of knowledge items", description: "By who was asked, a team lead or an admin. The drafts are of who was asked, who approves them. Of an answer that stayed thin no item is made; left names it.", errors: []int{http.StatusNotFound, http.StatusConflict}}, a.finishInterview)
	handle(a, route{id: "delete-interview", method: http.MethodDelete, path: oneInterview, tag: tagKnowledge, policy: observers, status: http.StatusNoContent,
		summary: "Remove an interview with its answers", description: "By who was asked, a team lead or an admin. Items that came of it stay.", errors: notThere}, a.deleteInterview)
	a.answers(oneInterview, jsonType, reflect.TypeFor[rampforge.Interview](), "The interview")
	a.huma.OpenAPI().Paths[oneInterview+"/export"].Get.Responses["200"] = &huma.Response{Description: "The questions", Content: map[string]*huma.MediaType{markdownType: {Schema: &huma.Schema{Type: huma.TypeString}}}}
}

const (
	interviewDescription = "Questions about concrete cases in what a member of the project alone knows: incidents, changes that were taken back, decisions, workarounds, values that nobody explains, functions that are hard to follow, files that change together. " +
		"What would be lost first comes first; where nothing is to be asked there are no questions, and notes say why. Team leads and admins make them for members, developers for themselves. What they answered, do not know, or are asked in an open interview is not asked again; while one about the same choice is open, a second is refused, and details name it. Who does not want to be named as an expert is asked by nobody else."
	interviewsSeen    = "Seen by who is asked, by team leads and by admins, as long as they see the project."
	answerDescription = "Only who is asked may. A thin answer is asked about again, at most twice, in its own words: status is asked_again and follow_up the question. What is sent then is added to the answer, unless it holds the answer so far. \"I don't know\" ends a question. " +
		"Every version is kept."
)

// ByInterview names an interview.
type ByInterview struct {
	ByID
	InterviewID string `path:"interview_id" maxLength:"100"`
}

// reader is who asks, as far as knowledge depends on it.
func (a *API) reader(ctx context.Context) store.Reader {
	req := requestOf(ctx)
	return store.Reader{Viewer: req.viewer(), Leads: leads(req)}
}

// maker makes kits and links with what this API knows.
func (a *API) maker() *knowledge.Maker {
	m := &knowledge.Maker{Store: a.options.Store, Subject: identity.Subject, Now: a.options.Now}
	if a.options.Files != nil {
		m.Files = a.options.Files
	}
	return m
}

type interviewInput struct {
	ByID
	Body struct {
		Person     string                    `json:"person" minLength:"1" maxLength:"320" doc:"A member of the project, by the id of their user or their e-mail address"`
		Reason     rampforge.InterviewReason `json:"reason" enum:"leaving,sole_expert,other"`
		Paths      []string                  `json:"paths" required:"false" nullable:"true" maxItems:"50" doc:"Only about these files and folders"`
		Components []string                  `json:"components" required:"false" nullable:"true" maxItems:"50" doc:"Only about these components, by their names in the report"`
		Limit      int                       `json:"limit" required:"false" minimum:"1" maximum:"40" doc:"How many questions at most. Default: 12"`
	}
}

type interviewAnswer struct{ Body rampforge.Interview }

func (a *API) createInterview(ctx context.Context, in *interviewInput) (*interviewAnswer, error) {
	req := requestOf(ctx)
	p, err := a.options.Store.Project(ctx, req.viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	member, err := a.interviewee(ctx, p.ID, in.Body.Person)
	if err != nil {
		return nil, err
	}
	if p.RepositoryID == nil {
		return nil, rampforge.Errorf(rampforge.CodeConflict, "This project has no repository: set repository_url, and analyse it first.")
	}
	if err := a.limits.take(ctx, "ask:"+req.identity.User.ID, a.options.Rates.Ask); err != nil {
		return nil, err
	}
	ix, run, err := a.newestIndex(ctx, *p.RepositoryID)
	if err != nil {
		return nil, err
	}
	repository, err := a.options.Store.Repository(ctx, req.viewer(), *p.RepositoryID)
	if err != nil {
		return nil, err
	}
	kit, err := a.maker().Make(ctx, knowledge.Request{
		Project: p, Repository: repository, Viewer: req.viewer(), AnalysisID: run.ID, Index: ix, Email: member.Email, Name: member.Name,
		Paths: in.Body.Paths, Components: in.Body.Components, Limit: in.Body.Limit,
	})
	if err != nil {
		return nil, err
	}
	now := a.options.Now().UTC()
	i := rampforge.Interview{
		ID: store.NewID("int"), ProjectID: p.ID, Person: &rampforge.InterviewPerson{UserID: member.UserID, Email: member.Email, Name: member.Name}, Reason: in.Body.Reason, Status: rampforge.InterviewOpen,
		Commit: ix.Commit, Paths: in.Body.Paths, Components: in.Body.Components, Notes: kit.Notes, Questions: kit.Questions, CreatedAt: now, UpdatedAt: now, CreatedBy: req.identity.User.ID,
	}
	for at := range i.Questions {
		i.Questions[at].ID = store.NewID("inq")
	}
	if err := a.note(ctx, "interview.created", i.ID); err != nil {
		return nil, err
	}
	if err := a.options.Store.CreateInterview(ctx, i); err != nil {
		return nil, err
	}
	kept, err := a.options.Store.Interview(ctx, a.reader(ctx), p.ID, i.ID)
	return &interviewAnswer{shownInterview(ctx, kept)}, err
}

// interviewee finds who is to be asked, if the caller may have them asked.
func (a *API) interviewee(ctx context.Context, projectID, who string) (rampforge.ProjectMember, error) {
	req := requestOf(ctx)
	member, named, err := a.options.Store.ProjectMember(ctx, projectID, strings.TrimSpace(who))
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return member, rampforge.Invalid(rampforge.FieldIssue{Field: "person", Issue: "is no member of this project: add their e-mail address to its team_members first"})
	}
	if err != nil {
		return member, err
	}
	self := member.UserID != nil && *member.UserID == req.identity.User.ID
	switch {
	case self:
		return member, nil
	case !leads(req):
		return member, rampforge.Errorf(rampforge.CodeForbidden, "You can make an interview for yourself; for others a team lead does.")
	case !named:
		return member, rampforge.Invalid(rampforge.FieldIssue{Field: "person", Issue: "does not want to be named as an expert: they can make an interview for themselves"})
	}
	return member, nil
}

// ofCaller reports whether the caller is who is asked.
func ofCaller(ctx context.Context, i *rampforge.Interview) bool {
	u := requestOf(ctx).identity.User
	return i.Person != nil && (i.Person.UserID != nil && *i.Person.UserID == u.ID || store.EmailKey(i.Person.Email) == store.EmailKey(u.Email))
}

// shownInterview leaves out who does not want to be named, for others.
func shownInterview(ctx context.Context, i rampforge.Interview) rampforge.Interview {
	if i.Unnamed && !ofCaller(ctx, &i) {
		i.Person = nil
	}
	return i
}

type interviewsInput struct {
	ByID
	Page
	Status string `query:"status" enum:"open,finished" doc:"Only those in this state"`
}

type interviewsAnswer struct {
	Body struct {
		Interviews []rampforge.Interview `json:"interviews"`
		Paged
	}
}

func (a *API) interviews(ctx context.Context, in *interviewsInput) (*interviewsAnswer, error) {
	if _, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID); err != nil {
		return nil, err
	}
	found, total, err := a.options.Store.Interviews(ctx, a.reader(ctx), in.ID, rampforge.InterviewStatus(in.Status), in.stored())
	out := &interviewsAnswer{}
	for i := range found {
		found[i] = shownInterview(ctx, found[i])
	}
	out.Body.Interviews, out.Body.Paged = found, in.of(total, len(found))
	return out, err
}

type interviewRead struct {
	ByInterview
	IfNoneMatch string `header:"If-None-Match"`
}

func (a *API) interview(ctx context.Context, in *interviewRead) (*streamAnswer, error) {
	i, err := a.readInterview(ctx, &in.ByInterview)
	if err != nil {
		return nil, err
	}
	return tagged(i, in.IfNoneMatch)
}

// readInterview reads an interview as the caller may see it. That others than
// who is asked read it is in the audit log.
func (a *API) readInterview(ctx context.Context, in *ByInterview) (rampforge.Interview, error) {
	i, err := a.options.Store.Interview(ctx, a.reader(ctx), in.ID, in.InterviewID)
	if err != nil {
		return i, err
	}
	if !ofCaller(ctx, &i) {
		if err := a.note(ctx, "interview.read", i.ID); err != nil {
			return i, err
		}
	}
	return shownInterview(ctx, i), nil
}

type answerInput struct {
	ByInterview
	QuestionID string `path:"question_id" maxLength:"100"`
	Body       struct {
		Text string `json:"text" minLength:"1" maxLength:"20000"`
	}
}

type questionAnswer struct{ Body rampforge.InterviewQuestion }

func (a *API) answerQuestion(ctx context.Context, in *answerInput) (*questionAnswer, error) {
	text := strings.TrimSpace(in.Body.Text)
	if _, err := a.own(ctx, &in.ByInterview); err != nil {
		return nil, err
	}
	if text == "" {
		return nil, rampforge.Invalid(rampforge.FieldIssue{Field: "text", Issue: "must not be empty; who does not know says so, or skips the question"})
	}
	now := a.options.Now().UTC()
	q, err := a.options.Store.ChangeQuestion(ctx, in.InterviewID, in.QuestionID, now, func(q *rampforge.InterviewQuestion) error {
		interview.Answer(q, text, now)
		return nil
	})
	return &questionAnswer{q}, err
}

// own reads an interview whose questions the caller is to answer.
func (a *API) own(ctx context.Context, in *ByInterview) (rampforge.Interview, error) {
	i, err := a.options.Store.Interview(ctx, a.reader(ctx), in.ID, in.InterviewID)
	if err == nil && !ofCaller(ctx, &i) {
		err = rampforge.Errorf(rampforge.CodeForbidden, "Only who is asked answers the questions of an interview.")
	}
	return i, err
}

type questionInput struct {
	ByInterview
	QuestionID string `path:"question_id" maxLength:"100"`
}

func (a *API) skipQuestion(ctx context.Context, in *questionInput) (*questionAnswer, error) {
	if _, err := a.own(ctx, &in.ByInterview); err != nil {
		return nil, err
	}
	q, err := a.options.Store.ChangeQuestion(ctx, in.InterviewID, in.QuestionID, a.options.Now().UTC(), func(q *rampforge.InterviewQuestion) error {
		interview.Skip(q)
		return nil
	})
	return &questionAnswer{q}, err
}

type finishedAnswer struct {
	Body struct {
		Items []rampforge.KnowledgeItem `json:"items" doc:"The drafts"`
		Left  []knowledge.Left          `json:"left" doc:"Answers of which no item was made, as they are thin: they stay with the interview. Who knows more can write an item about it"`
	}
}

func (a *API) finishInterview(ctx context.Context, in *ByInterview) (*finishedAnswer, error) {
	i, err := a.options.Store.Interview(ctx, a.reader(ctx), in.ID, in.InterviewID)
	if err != nil {
		return nil, err
	}
	links, err := a.caseLinks(ctx, i)
	if err != nil {
		return nil, err
	}
	now := a.options.Now().UTC()
	left := []knowledge.Left{}
	items, err := a.options.Store.FinishInterview(ctx, i, now, func(questions []rampforge.InterviewQuestion) []rampforge.KnowledgeItem {
		left = knowledge.LeftOut(questions)
		return knowledge.Items(i, questions, links, now)
	})
	out := &finishedAnswer{}
	out.Body.Items, out.Body.Left = []rampforge.KnowledgeItem{}, left
	for at := range items {
		items[at].Unnamed = i.Unnamed
		out.Body.Items = append(out.Body.Items, shownItem(ctx, items[at]))
	}
	return out, err
}

// caseLinks are the links of the answers of an interview, without any where the
// project has no repository by now.
func (a *API) caseLinks(ctx context.Context, i rampforge.Interview) (map[string][]rampforge.KnowledgeLink, error) {
	viewer := requestOf(ctx).viewer()
	p, err := a.options.Store.Project(ctx, viewer, i.ProjectID)
	if err != nil || p.RepositoryID == nil {
		return nil, err
	}
	r, err := a.options.Store.Repository(ctx, viewer, *p.RepositoryID)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return a.maker().CaseLinks(ctx, r, i)
}

func (a *API) deleteInterview(ctx context.Context, in *ByInterview) (*nothing, error) {
	i, err := a.options.Store.Interview(ctx, a.reader(ctx), in.ID, in.InterviewID)
	if err != nil {
		return nil, err
	}
	if err := a.note(ctx, "interview.deleted", i.ID); err != nil {
		return nil, err
	}
	return &nothing{}, a.options.Store.DeleteInterview(ctx, i.ID)
}

func (a *API) exportInterview(ctx context.Context, in *ByInterview) (*streamAnswer, error) {
	i, err := a.readInterview(ctx, in)
	if err != nil {
		return nil, err
	}
	text := exportedInterview(i)
	return &streamAnswer{func(hc huma.Context) {
		_, w := humago.Unwrap(hc)
		w.Header().Set("Content-Type", markdownType+"; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="interview.md"`)
		_, _ = w.Write([]byte(text)) // or the client went away
	}}, nil
}

// exportedInterview writes the questions as Markdown, with room for the answers.
// It names nobody: it is handed around.
func exportedInterview(i rampforge.Interview) string {
	var out strings.Builder
	fmt.Fprintf(&out, "# What you know\n\nOf commit `%s`. Write what you know below each question; “I don't know” is an answer.\n", i.Commit[:min(len(i.Commit), 12)])
	for _, note := range i.Notes {
		fmt.Fprintf(&out, "\n_%s_\n", markdown.Plain(note))
	}
	for n := range i.Questions {
		exportQuestion(&out, n+1, &i.Questions[n])
	}
	return out.String()
}

func exportQuestion(out *strings.Builder, n int, q *rampforge.InterviewQuestion) {
	fmt.Fprintf(out, "\n## %d. %s\n\n%s\n\n_%s_\n", n, markdown.Plain(q.Topic), markdown.Safe(q.Text), markdown.Safe(q.Why))
	if q.Case.Path != "" && q.Case.StartLine != nil {
		fmt.Fprintf(out, "\nSee %s, lines %d–%d, at `%s`.\n", markdown.Span(q.Case.Path), *q.Case.StartLine, *q.Case.EndLine, q.Case.Commit[:min(len(q.Case.Commit), 12)])
	}
	if q.Case.Excerpt != "" {
		fmt.Fprintf(out, "\n%s\n", markdown.Code("", q.Case.Excerpt))
	}
	for _, p := range q.Probes {
		fmt.Fprintf(out, "\n- %s", markdown.Safe(p.Text))
	}
	out.WriteString("\n\nAnswer:\n\n")
	if q.Answer != nil {
		fmt.Fprintf(out, "%s\n", markdown.Safe(*q.Answer))
	}
	if q.FollowUp != nil {
		fmt.Fprintf(out, "\nAsked again: %s\n", markdown.Safe(*q.FollowUp))
	}
	out.WriteString("\n")
}
