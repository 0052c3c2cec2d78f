package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant"
	"github.com/rampforgeai/rampforge/internal/store"
)

func (a *API) registerAsk() {
	handle(a, route{id: "ask-project", method: http.MethodPost, path: oneProject + "/ask", tag: tagAsk, policy: developers,
		summary: "Ask about a project", description: askDescription, errors: notThere}, a.ask)
	registry := a.huma.OpenAPI().Components.Schemas
	a.huma.OpenAPI().Paths[oneProject+"/ask"].Post.Responses["200"] = &huma.Response{Description: "The answer, or with stream its parts as they come", Content: map[string]*huma.MediaType{
		jsonType:    {Schema: registry.Schema(reflect.TypeFor[rampforge.Answer](), true, "")},
		eventStream: {Schema: &huma.Schema{Type: huma.TypeString, Description: "Server-sent events: token {text}, citation (as in citations), done (the whole answer) and, in place of it, error (as every error)"}},
	}}
}

const (
	eventStream = "text/event-stream"

	askDescription = "Answers where something is, what it is, how one does something, why it is so, who knows it, what a change breaks and when it changed. Every claim names its source as [n], the n of a citation; " +
		"a claim that its source does not bear is left out or marked, and what no source says is not answered: abstained is true then, and the answer tells what was looked at. Without a model the answer is composed of facts and quotations; " +
		"model and note say so. Answers are Markdown without links, images and HTML, whatever the sources say. Without a conversation_id a conversation begins."
)

type askInput struct {
	ByID
	Body struct {
		Question       string    `json:"question" minLength:"1" maxLength:"4000"`
		ConversationID string    `json:"conversation_id" required:"false" maxLength:"100" doc:"Goes on with this conversation of one's own"`
		Focus          *askFocus `json:"focus" required:"false" doc:"What the asker looks at"`
		Stream         bool      `json:"stream" required:"false" doc:"Answer with server-sent events"`
	}
}

type askFocus struct {
	Path      string `json:"path" required:"false" maxLength:"4096" doc:"A file or folder of the repository"`
	WorkItem  string `json:"work_item" required:"false" maxLength:"200" doc:"The key of a work item, such as PAY-12 or #12"`
	Component string `json:"component" required:"false" maxLength:"400" doc:"A component, by its name in the report"`
}

func (a *API) ask(ctx context.Context, in *askInput) (*streamAnswer, error) {
	q, err := a.question(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := a.limits.take(ctx, "ask:"+requestOf(ctx).identity.User.ID, a.options.Rates.Ask); err != nil {
		return nil, err
	}
	if in.Body.Stream {
		return &streamAnswer{func(c huma.Context) { a.streamed(ctx, c, in.Body.ConversationID, q) }}, nil
	}
	answer, err := a.answered(ctx, in.Body.ConversationID, q, nil)
	if err != nil {
		return nil, err
	}
	return unkept(answer)
}

// unkept answers with a document that nobody keeps.
func unkept(document any) (*streamAnswer, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return nil, err
	}
	return &streamAnswer{func(c huma.Context) {
		_, w := humago.Unwrap(c)
		w.Header().Set("Content-Type", jsonType)
		_, _ = w.Write(text.Bytes()) // or the client went away
	}}, nil
}

// rememberedAnswers is how many answers of a conversation the next question is
// read with.
const rememberedAnswers = 6

// question is what is asked, by somebody who may.
func (a *API) question(ctx context.Context, in *askInput) (assistant.Question, error) {
	viewer := requestOf(ctx).viewer()
	p, err := a.options.Store.Project(ctx, viewer, in.ID)
	if err != nil {
		return assistant.Question{}, err
	}
	q := assistant.Question{Project: p, Viewer: viewer, Text: strings.TrimSpace(in.Body.Question)}
	if q.Text == "" {
		return q, rampforge.Invalid(rampforge.FieldIssue{Field: "question", Issue: "must not be empty"})
	}
	if f := in.Body.Focus; f != nil {
		q.Focus = assistant.Focus{Path: f.Path, WorkItem: f.WorkItem, Component: f.Component}
	}
	if in.Body.ConversationID != "" {
		if q.Earlier, err = a.options.Store.Answers(ctx, viewer, p.ID, in.Body.ConversationID, store.Page{Limit: rememberedAnswers}); err != nil {
			return q, err
		}
		slices.Reverse(q.Earlier)
	}
	return q, nil
}

// answered answers a question and keeps the answer.
func (a *API) answered(ctx context.Context, conversation string, q assistant.Question, emit func(assistant.Event) error) (rampforge.Answer, error) {
	answer, err := a.assistant().Ask(ctx, q, emit)
	if err != nil {
		return answer, err
	}
	answer.ConversationID = conversation
	return a.options.Store.KeepAnswer(ctx, q.Viewer, q.Project.ID, titleOf(q.Text), answer)
}

// assistant answers questions with what this API knows.
func (a *API) assistant() *assistant.Assistant {
	answers := &assistant.Assistant{Store: a.options.Store, Code: a.code, Files: a.options.Files, Model: a.options.Model, Meaning: a.options.Meaning, Now: a.options.Now, Logger: a.options.Logger}
	if a.options.Services != nil { // a nil one would be an interface that is not
		answers.Services = a.options.Services
	}
	return answers
}

// code reads what the newest analysis of a repository knows.
func (a *API) code(ctx context.Context, v store.Viewer, repositoryID string) (*assistant.Code, error) {
	newest, err := a.options.Store.NewestIndexed(ctx, v, repositoryID)
	if err != nil {
		return nil, err
	}
	index, err := a.codeIndex(ctx, newest)
	if err != nil {
		return nil, err
	}
	kept, err := a.options.Store.Report(ctx, v, newest.Analysis.ID)
	if err != nil {
		return nil, err
	}
	text, err := kept.JSON()
	if err != nil {
		return nil, err
	}
	names, err := a.unnamed(ctx)
	if err != nil {
		return nil, err
	}
	c := &assistant.Code{Index: index, Unnamed: names.has}
	if err := json.Unmarshal(text, &c.Report); err != nil {
		return nil, fmt.Errorf("reading the report of %s: %w", newest.Analysis.ID, err)
	}
	return c, nil
}

// maxTitle is how many characters of its first question a conversation is called.
const maxTitle = 80

func titleOf(question string) string {
	runes := []rune(strings.Join(strings.Fields(question), " "))
	if len(runes) <= maxTitle {
		return string(runes)
	}
	return strings.TrimSpace(string(runes[:maxTitle-1])) + "…"
}

// streamed answers with events. What goes wrong after the first is an event too.
func (a *API) streamed(ctx context.Context, c huma.Context, conversation string, q assistant.Question) {
	_, w := humago.Unwrap(c)
	h := w.Header()
	h.Set("Content-Type", eventStream)
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	w.WriteHeader(http.StatusOK)
	s := &answerStream{w: w, control: http.NewResponseController(w), time: a.patience.Stream}
	defer s.alive()()
	answer, err := a.answered(ctx, conversation, q, func(e assistant.Event) error {
		if e.Citation != nil {
			return s.send("citation", e.Citation)
		}
		return s.send("token", map[string]string{"text": e.Token})
	})
	if err != nil {
		if ctx.Err() == nil {
			_ = s.send("error", newEnvelope(ctx, err)) // or the client went away
		}
		return
	}
	if err := s.send("done", answer); err != nil {
		a.options.Logger.DebugContext(ctx, "the reader of an answer went away", slog.Any("error", err))
	}
}

// answerStream writes the events of one answer.
type answerStream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	writing sync.Mutex
	time    time.Duration // for an event to be taken
}

// alive keeps proxies from closing the stream while a model thinks, until what it
// returns was called: nothing may be written after the handler's end.
func (s *answerStream) alive() (end func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		s.beat(done)
	}()
	return func() {
		close(done)
		<-ended
	}
}

func (s *answerStream) beat(done <-chan struct{}) {
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			_ = s.write([]byte(": still here\n\n")) // the next event finds out
		}
	}
}

func (s *answerStream) send(event string, data any) error {
	var text bytes.Buffer
	text.WriteString("event: " + event + "\ndata: ")
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(data); err != nil {
		return err
	}
	text.WriteByte('\n')
	return s.write(text.Bytes())
}

func (s *answerStream) write(text []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	// Not every writer has deadlines; net/http's has.
	_ = s.control.SetWriteDeadline(time.Now().Add(s.time))
	if _, err := s.w.Write(text); err != nil {
		return err
	}
	return s.control.Flush()
}
