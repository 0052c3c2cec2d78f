package api

import (
	"context"
	"net/http"
	"time"

	"github.com/rampforgeai/rampforge/internal/llm"
)

func (a *API) registerSentRequests() {
	handle(a, route{id: "list-model-requests", method: http.MethodGet, path: "/api/v1/model-requests", tag: tagUsers, policy: admins,
		summary:     "What was sent to the model, newest first",
		description: "The last requests of this process as they were sent, with secrets masked: as many as AI_KEEP_SENT says, none by default."}, a.sentRequests)
}

type sentRequestsAnswer struct {
	Body struct {
		Requests []sentRequest `json:"requests"`
	}
}

type sentRequest struct {
	At       time.Time     `json:"at"`
	UserID   string        `json:"user_id,omitempty" doc:"Whose question it served"`
	Purpose  string        `json:"purpose"`
	Model    string        `json:"model"`
	Outcome  string        `json:"outcome" doc:"ok, cut, cancelled, or the kind of the failure"`
	Masked   int           `json:"masked_secrets" doc:"How many secrets were taken out"`
	Tokens   llm.Tokens    `json:"tokens"`
	TookMS   int64         `json:"took_ms"`
	System   string        `json:"system"`
	Messages []sentMessage `json:"messages"`
	Tools    []string      `json:"tools" doc:"What the model could ask for"`
}

type sentMessage struct {
	Role    string       `json:"role" enum:"user,model,tool"`
	Text    string       `json:"text,omitempty"`
	Calls   []sentCall   `json:"calls,omitempty"`
	Results []sentResult `json:"results,omitempty"`
}

type sentCall struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments" doc:"JSON"`
}

type sentResult struct {
	Name    string `json:"name"`
	Content string `json:"content"`
	Failed  bool   `json:"failed"`
}

func (a *API) sentRequests(ctx context.Context, _ *nothing) (*sentRequestsAnswer, error) {
	if err := a.note(ctx, "model_requests.read", ""); err != nil {
		return nil, err // it is what others asked
	}
	out := &sentRequestsAnswer{}
	out.Body.Requests = []sentRequest{}
	for _, s := range a.options.Sent.List() {
		out.Body.Requests = append(out.Body.Requests, sentRequestOf(s))
	}
	return out, nil
}

func sentRequestOf(s llm.SentRequest) sentRequest {
	r := sentRequest{
		At: s.At.UTC(), UserID: s.Request.User, Purpose: s.Request.Purpose, Model: s.Model, Outcome: s.Outcome, Masked: s.Masked, Tokens: s.Tokens,
		TookMS: s.Took.Milliseconds(), System: s.Request.System, Messages: []sentMessage{}, Tools: []string{},
	}
	for _, m := range s.Request.Messages {
		message := sentMessage{Role: string(m.Role), Text: m.Text}
		for _, c := range m.Calls {
			message.Calls = append(message.Calls, sentCall{c.Name, string(c.Arguments)})
		}
		for _, c := range m.Results {
			message.Results = append(message.Results, sentResult{c.Name, c.Content, c.Failed})
		}
		r.Messages = append(r.Messages, message)
	}
	for _, t := range s.Request.Tools {
		r.Tools = append(r.Tools, t.Name)
	}
	return r
}
