package client

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/rampforgeai/rampforge"
)

// Question is what is asked about a project.
type Question struct {
	Question       string `json:"question"`
	ConversationID string `json:"conversation_id,omitempty"`
	Focus          *Focus `json:"focus,omitempty"`
}

// Focus is what somebody looks at while they ask.
type Focus struct {
	Path      string `json:"path,omitempty"`
	WorkItem  string `json:"work_item,omitempty"`
	Component string `json:"component,omitempty"`
}

// Conversations is a page of one's own conversations.
type Conversations struct {
	Conversations []rampforge.Conversation `json:"conversations"`
	Page
}

// Conversation is a conversation with a page of its answers, newest first.
type Conversation struct {
	rampforge.Conversation
	Answers []rampforge.Answer `json:"answers"`
	Page
}

// Ask asks about a project.
func (c *Client) Ask(ctx context.Context, projectID string, q Question) (rampforge.Answer, error) {
	return send[rampforge.Answer](ctx, c, http.MethodPost, projectPath(projectID)+"/ask", q)
}

// AskStream asks and hands each event to visit as it comes: its name and its
// JSON. It returns the answer of the last one; an error of visit ends it.
func (c *Client) AskStream(ctx context.Context, projectID string, q Question, visit func(event, data string) error) (a rampforge.Answer, err error) {
	response, err := c.send(ctx, http.MethodPost, projectPath(projectID)+"/ask", struct {
		Question
		Stream bool `json:"stream"`
	}{q, true}, "Accept", "text/event-stream")
	if err != nil {
		return a, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return a, readError(response)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 8*maxEventLine)
	event, done := "", false
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			event = name
		}
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		if err := visit(event, data); err != nil {
			return a, err
		}
		switch event {
		case "done":
			done = true
			err = json.Unmarshal([]byte(data), &a)
		case "error":
			e := &Error{Status: http.StatusOK}
			if err = json.Unmarshal([]byte(data), e); err == nil {
				err = e
			}
		}
		if err != nil {
			return a, err
		}
	}
	if err := lines.Err(); err != nil || !done {
		return a, fmt.Errorf("the answer broke off: %w", err)
	}
	return a, nil
}

// Conversations lists one's own conversations about a project.
func (c *Client) Conversations(ctx context.Context, projectID string, q Query) (Conversations, error) {
	return get[Conversations](ctx, c, q.on(projectPath(projectID)+"/conversations"))
}

func conversationPath(projectID, id string) string {
	return projectPath(projectID) + "/conversations/" + url.PathEscape(id)
}

// Conversation returns a conversation of one's own.
func (c *Client) Conversation(ctx context.Context, projectID, id string) (Conversation, error) {
	return get[Conversation](ctx, c, conversationPath(projectID, id))
}

// UpdateConversation changes the named fields of a conversation: title, bookmarked.
func (c *Client) UpdateConversation(ctx context.Context, projectID, id string, change map[string]any) (rampforge.Conversation, error) {
	return send[rampforge.Conversation](ctx, c, http.MethodPatch, conversationPath(projectID, id), change)
}

// DeleteConversation removes a conversation of one's own.
func (c *Client) DeleteConversation(ctx context.Context, projectID, id string) error {
	_, err := c.Call(ctx, http.MethodDelete, conversationPath(projectID, id), nil, nil)
	return err
}

// SetFeedback says whether an answer was helpful.
func (c *Client) SetFeedback(ctx context.Context, projectID, conversationID, answerID string, f rampforge.Feedback, note string) error {
	_, err := c.Call(ctx, http.MethodPut, conversationPath(projectID, conversationID)+"/answers/"+url.PathEscape(answerID)+"/feedback", map[string]any{"feedback": f, "note": note}, nil)
	return err
}
