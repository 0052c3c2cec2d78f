package llmtest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/llm"
)

// Gemini starts a server that speaks as Vertex AI and the Gemini API do. It
// checks requests, and its own answers, against the discovery document of Vertex
// AI. The Gemini API has none in the module; what is sent to it is the same.
func Gemini(t testing.TB, replies ...Reply) *Server {
	return start(t, &gemini{t: t, document: readDiscovery(t)}, replies)
}

type gemini struct {
	t        testing.TB
	document *discovery
}

func (g *gemini) check(address string, body map[string]any) error {
	if isEmbedding(address) {
		return g.checkEmbedding(address, body)
	}
	if model, ok := strings.CutPrefix(address, "/v1beta/models/"); ok {
		address = "/v1/projects/p/locations/l/publishers/google/models/" + model
	}
	request, err := g.document.request(address)
	if err != nil {
		return err
	}
	return g.document.check(request, body, path.Base(address))
}

// said is one piece of an answer.
func (g *gemini) said(parts []any, finish string, t Turn) any {
	content := object{"role": "model", "parts": parts}
	if len(parts) == 0 {
		content = object{"role": "model"}
	}
	candidate := object{"content": content, "index": 0}
	if finish != "" {
		candidate["finishReason"] = finish
	}
	return g.checked(object{
		"candidates": []any{candidate}, "modelVersion": "gemini-test", "responseId": "r-1",
		"usageMetadata": object{
			"promptTokenCount": t.Tokens.Input, "candidatesTokenCount": t.Tokens.Output, "thoughtsTokenCount": t.Tokens.Thinking,
			"totalTokenCount": t.Tokens.Input + t.Tokens.Output + t.Tokens.Thinking,
		},
	})
}

// checked makes sure that the server itself speaks as the document says.
func (g *gemini) checked(answer object) any {
	text, _ := json.Marshal(answer) // of our own making
	var plain map[string]any
	_ = json.Unmarshal(text, &plain)
	if err := g.document.check("GenerateContentResponse", plain, "the answer"); err != nil {
		g.t.Errorf("the server does not speak as the vendor does: %v", err)
	}
	return answer
}

func (g *gemini) whole(t Turn) any {
	parts := []any{object{"text": "I think about it.", "thought": true}}
	if text := strings.Join(t.Pieces, ""); text != "" {
		parts = append(parts, object{"text": text})
	}
	return g.said(append(parts, g.calls(t)...), finishOf(t), t)
}

func (g *gemini) pieces(t Turn) []any {
	out := []any{g.said([]any{object{"text": "I think about it.", "thought": true}}, "", Turn{})}
	for _, piece := range t.Pieces {
		out = append(out, g.said([]any{object{"text": piece}}, "", Turn{Tokens: llm.Tokens{Input: t.Tokens.Input}}))
	}
	if len(t.Pieces) == 2 && t.Pieces[1] == "" { // of an answer without an end
		return out[1:]
	}
	return append(out, g.said(g.calls(t), finishOf(t), t))
}

func (g *gemini) calls(t Turn) []any {
	var out []any
	for _, call := range t.Calls {
		part := object{"functionCall": object{"name": call.Name, "args": call.Arguments}}
		if len(call.Signature) > 0 {
			part["thoughtSignature"] = base64.StdEncoding.EncodeToString(call.Signature)
		}
		out = append(out, part)
	}
	return out
}

func finishOf(t Turn) string {
	switch t.Finish {
	case llm.FinishLength:
		return "MAX_TOKENS"
	case unended:
		return ""
	}
	return "STOP"
}

func (g *gemini) blocked(stream bool) any {
	if stream {
		return g.checked(object{"candidates": []any{object{"finishReason": "SAFETY", "safetyRatings": []any{
			object{"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": true},
		}}}})
	}
	return g.checked(object{"promptFeedback": object{"blockReason": "PROHIBITED_CONTENT"}})
}

func (*gemini) end() string { return "" }

// refuse answers as Google does: when to come back is in the details.
func (*gemini) refuse(w http.ResponseWriter, status int, wait time.Duration) {
	fault := object{"code": status, "message": http.StatusText(status), "status": map[int]string{
		http.StatusTooManyRequests: "RESOURCE_EXHAUSTED", http.StatusServiceUnavailable: "UNAVAILABLE",
		http.StatusUnauthorized: "UNAUTHENTICATED", http.StatusNotFound: "NOT_FOUND",
	}[status]}
	if wait > 0 {
		fault["details"] = []any{object{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": fmt.Sprintf("%gs", wait.Seconds())}}
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(object{"error": fault}) // the client may be gone
}
