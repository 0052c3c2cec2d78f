package llmtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/llm"
)

// OpenAI starts a server that speaks OpenAI's chat completions below /v1.
func OpenAI(t testing.TB, replies ...Reply) *Server {
	s := start(t, openAI{}, replies)
	s.URL += "/v1"
	return s
}

type openAI struct{}

func (openAI) check(path string, body map[string]any) error {
	if path == embeddingsPath {
		return checkEmbeddings(body)
	}
	if path != "/v1/chat/completions" {
		return fmt.Errorf("there is nothing at %s", path)
	}
	known := []string{"model", "messages", "max_tokens", "max_completion_tokens", "temperature", "response_format", "tools", "stream", "stream_options"}
	for field := range body {
		if !slices.Contains(known, field) {
			return fmt.Errorf("the field %s is not expected", field)
		}
	}
	messages, _ := body["messages"].([]any)
	if body["model"] == "" || len(messages) == 0 {
		return fmt.Errorf("a model and messages are needed")
	}
	if _, ok := body["stream_options"]; ok && body["stream"] != true {
		return fmt.Errorf("stream_options are for streams")
	}
	return checkMessages(messages)
}

// checkMessages makes sure that results answer the calls before them.
func checkMessages(messages []any) error {
	open := map[string]bool{}
	for i, message := range messages {
		m, _ := message.(map[string]any)
		calls, _ := m["tool_calls"].([]any)
		switch m["role"] {
		case "system", "user":
			if m["content"] == nil {
				return fmt.Errorf("message %d has no content", i)
			}
		case "assistant":
			if m["content"] == nil && len(calls) == 0 {
				return fmt.Errorf("message %d has neither content nor calls", i)
			}
			for _, call := range calls {
				id, _ := call.(map[string]any)["id"].(string)
				open[id] = true
			}
		case "tool":
			id, _ := m["tool_call_id"].(string)
			if !open[id] || m["content"] == nil {
				return fmt.Errorf("message %d answers no call", i)
			}
			delete(open, id)
		default:
			return fmt.Errorf("message %d has the role %v", i, m["role"])
		}
	}
	return nil
}

func (openAI) usage(t Turn) object {
	return object{
		"prompt_tokens": t.Tokens.Input, "completion_tokens": t.Tokens.Output + t.Tokens.Thinking,
		"total_tokens":              t.Tokens.Input + t.Tokens.Output + t.Tokens.Thinking,
		"completion_tokens_details": object{"reasoning_tokens": t.Tokens.Thinking},
	}
}

func (openAI) finish(t Turn) any {
	switch {
	case t.Finish == unended:
		return nil
	case t.Finish == llm.FinishLength:
		return "length"
	case len(t.Calls) > 0:
		return "tool_calls"
	}
	return "stop"
}

func (v openAI) whole(t Turn) any {
	message := object{"role": "assistant", "content": strings.Join(t.Pieces, ""), "refusal": nil}
	var calls []any
	for _, call := range t.Calls {
		calls = append(calls, object{"id": call.ID, "type": "function", "function": object{"name": call.Name, "arguments": string(call.Arguments)}})
	}
	if len(calls) > 0 {
		message["tool_calls"] = calls
	}
	return object{
		"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "test",
		"choices": []any{object{"index": 0, "message": message, "finish_reason": v.finish(t)}}, "usage": v.usage(t),
	}
}

func (openAI) chunk(delta object, finish any) any {
	return object{
		"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "test",
		"choices": []any{object{"index": 0, "delta": delta, "finish_reason": finish}},
	}
}

func (v openAI) pieces(t Turn) []any {
	var out []any
	for _, piece := range t.Pieces {
		out = append(out, v.chunk(object{"role": "assistant", "content": piece}, nil))
	}
	for i, call := range t.Calls { // arguments come in pieces too
		half := len(call.Arguments) / 2
		out = append(out,
			v.chunk(object{"tool_calls": []any{object{"index": i, "id": call.ID, "type": "function", "function": object{"name": call.Name, "arguments": ""}}}}, nil),
			v.chunk(object{"tool_calls": []any{object{"index": i, "function": object{"arguments": string(call.Arguments[:half])}}}}, nil),
			v.chunk(object{"tool_calls": []any{object{"index": i, "function": object{"arguments": string(call.Arguments[half:])}}}}, nil))
	}
	usage := object{"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "test", "choices": []any{}, "usage": v.usage(t)}
	return append(out, v.chunk(object{}, v.finish(t)), usage)
}

func (v openAI) blocked(stream bool) any {
	if stream {
		return v.chunk(object{}, "content_filter")
	}
	return object{"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "test", "choices": []any{
		object{"index": 0, "message": object{"role": "assistant", "content": ""}, "finish_reason": "content_filter"},
	}}
}

func (openAI) end() string { return "data: [DONE]\n\n" }

func (openAI) refuse(w http.ResponseWriter, status int, wait time.Duration) {
	w.Header().Set("Content-Type", "application/json")
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(object{"error": object{"message": http.StatusText(status), "type": "error", "code": nil}}) // the client may be gone
}
