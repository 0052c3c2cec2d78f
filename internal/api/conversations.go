package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/store"
)

const (
	conversations   = oneProject + "/conversations"
	oneConversation = conversations + "/{conversation_id}"
	markdownType    = "text/markdown"
)

func (a *API) registerConversations() {
	handle(a, route{id: "list-conversations", method: http.MethodGet, path: conversations, tag: tagAsk, policy: observers,
		summary: "One's own conversations about a project, those asked last first", description: ownDescription, errors: notThere}, a.conversations)
	handle(a, route{id: "get-conversation", method: http.MethodGet, path: oneConversation, tag: tagAsk, policy: observers,
		summary: "A conversation with its answers, newest first", description: ownDescription, errors: notThere}, a.conversation)
	handle(a, route{id: "update-conversation", method: http.MethodPatch, path: oneConversation, tag: tagAsk, policy: observers,
		summary: "Rename a conversation, or set its bookmark", errors: notThere}, a.updateConversation)
	handle(a, route{id: "delete-conversation", method: http.MethodDelete, path: oneConversation, tag: tagAsk, policy: observers, status: http.StatusNoContent,
		summary: "Remove a conversation", errors: notThere}, a.deleteConversation)
	handle(a, route{id: "set-answer-feedback", method: http.MethodPut, path: oneConversation + "/answers/{answer_id}/feedback", tag: tagAsk, policy: observers,
		summary: "Say whether an answer was helpful", errors: notThere}, a.feedback)
	handle(a, route{id: "export-conversation", method: http.MethodGet, path: oneConversation + "/export", tag: tagAsk, policy: observers,
		summary: "A conversation as Markdown, with its sources", errors: notThere}, a.exportConversation)
	a.huma.OpenAPI().Paths[oneConversation+"/export"].Get.Responses["200"] = &huma.Response{Description: "The conversation", Content: map[string]*huma.MediaType{markdownType: {Schema: &huma.Schema{Type: huma.TypeString}}}}
}

const ownDescription = "A conversation is its owner's alone, administrators included, and only while they may see the project."

// ByConversation names a conversation.
type ByConversation struct {
	ByID
	ConversationID string `path:"conversation_id" maxLength:"100"`
}

type conversationsInput struct {
	ByID
	Page
	Bookmarked bool `query:"bookmarked" doc:"Only those with a bookmark"`
}

type conversationsAnswer struct {
	Body struct {
		Conversations []rampforge.Conversation `json:"conversations"`
		Paged
	}
}

func (a *API) conversations(ctx context.Context, in *conversationsInput) (*conversationsAnswer, error) {
	viewer := requestOf(ctx).viewer()
	if _, err := a.options.Store.Project(ctx, viewer, in.ID); err != nil {
		return nil, err
	}
	found, total, err := a.options.Store.Conversations(ctx, viewer, in.ID, in.Bookmarked, in.stored())
	out := &conversationsAnswer{}
	out.Body.Conversations, out.Body.Paged = found, in.of(total, len(found))
	return out, err
}

type conversationPage struct {
	ByConversation
	Page
}

type conversationAnswer struct {
	Body struct {
		rampforge.Conversation
		Answers []rampforge.Answer `json:"answers"`
		Paged
	}
}

func (a *API) conversation(ctx context.Context, in *conversationPage) (*conversationAnswer, error) {
	viewer := requestOf(ctx).viewer()
	c, err := a.options.Store.Conversation(ctx, viewer, in.ID, in.ConversationID)
	if err != nil {
		return nil, err
	}
	found, err := a.options.Store.Answers(ctx, viewer, in.ID, in.ConversationID, in.stored())
	out := &conversationAnswer{}
	out.Body.Conversation, out.Body.Answers, out.Body.Paged = c, found, in.of(c.Questions, len(found))
	return out, err
}

type conversationUpdate struct {
	ByConversation
	Body struct {
		Title      *string `json:"title" required:"false" minLength:"1" maxLength:"200"`
		Bookmarked *bool   `json:"bookmarked" required:"false"`
	}
}

type conversationChanged struct{ Body rampforge.Conversation }

func (a *API) updateConversation(ctx context.Context, in *conversationUpdate) (*conversationChanged, error) {
	if in.Body.Title != nil {
		*in.Body.Title = strings.TrimSpace(*in.Body.Title)
		if issue := nameIssue(*in.Body.Title); issue != "" {
			return nil, rampforge.Invalid(rampforge.FieldIssue{Field: "title", Issue: issue})
		}
	}
	c, err := a.options.Store.ChangeConversation(ctx, requestOf(ctx).viewer(), in.ID, in.ConversationID, store.ConversationChange{Title: in.Body.Title, Bookmarked: in.Body.Bookmarked})
	return &conversationChanged{c}, err
}

func (a *API) deleteConversation(ctx context.Context, in *ByConversation) (*nothing, error) {
	return &nothing{}, a.options.Store.DeleteConversation(ctx, requestOf(ctx).viewer(), in.ID, in.ConversationID)
}

type feedbackInput struct {
	ByConversation
	AnswerID string `path:"answer_id" maxLength:"100"`
	Body     struct {
		Feedback rampforge.Feedback `json:"feedback" enum:"helpful,unhelpful," doc:"Empty takes it back"`
		Note     string             `json:"note" required:"false" maxLength:"2000"`
	}
}

func (a *API) feedback(ctx context.Context, in *feedbackInput) (*done, error) {
	err := a.options.Store.SetFeedback(ctx, requestOf(ctx).viewer(), in.ID, in.ConversationID, in.AnswerID, in.Body.Feedback, in.Body.Note)
	return said("Thank you."), err
}

// maxExported is how many answers of a conversation are exported, the newest.
const maxExported = 500

func (a *API) exportConversation(ctx context.Context, in *ByConversation) (*streamAnswer, error) {
	viewer := requestOf(ctx).viewer()
	c, err := a.options.Store.Conversation(ctx, viewer, in.ID, in.ConversationID)
	if err != nil {
		return nil, err
	}
	answers, err := a.options.Store.Answers(ctx, viewer, in.ID, in.ConversationID, store.Page{Limit: maxExported})
	if err != nil {
		return nil, err
	}
	text := exported(c, answers)
	return &streamAnswer{func(hc huma.Context) {
		_, w := humago.Unwrap(hc)
		w.Header().Set("Content-Type", markdownType+"; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="conversation.md"`)
		_, _ = w.Write([]byte(text)) // or the client went away
	}}, nil
}

// exported writes a conversation as Markdown, oldest question first.
func exported(c rampforge.Conversation, answers []rampforge.Answer) string {
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n", markdown.Plain(c.Title))
	for i := len(answers) - 1; i >= 0; i-- {
		v := &answers[i]
		fmt.Fprintf(&out, "\n## %s\n\n_%s, %s_\n\n%s\n", markdown.Plain(v.Question), v.AskedAt.UTC().Format("2 January 2006 15:04 UTC"), markdown.Plain(v.Model), v.Text)
		if len(v.Citations) > 0 {
			out.WriteString("\nSources:\n\n")
		}
		for _, s := range v.Citations {
			fmt.Fprintf(&out, "- [%d] %s\n", s.N, citedPlace(&s))
		}
	}
	return out.String()
}

// citedPlace names a source, as a link where it has a page.
func citedPlace(s *rampforge.Citation) string {
	text := s.Title
	if s.Path != "" && s.StartLine != nil {
		text = fmt.Sprintf("%s, lines %d–%d", s.Path, *s.StartLine, *s.EndLine)
	}
	text = markdown.Plain(text)
	if s.Commit != "" {
		text += " at `" + s.Commit[:min(len(s.Commit), 12)] + "`"
	}
	if s.URL != "" {
		text += " <" + s.URL + ">"
	}
	return text
}
