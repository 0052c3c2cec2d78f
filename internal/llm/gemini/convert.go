package gemini

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"google.golang.org/genai"

	"github.com/rampforgeai/rampforge/internal/llm"
)

// question says a request in the vendor's words.
func (m *Model) question(r *llm.Request) ([]*genai.Content, *genai.GenerateContentConfig, error) {
	off := false
	config := &genai.GenerateContentConfig{
		MaxOutputTokens: int32(min(r.MaxTokens, math.MaxInt32)), //nolint:gosec // bounded
		// The SDK would ask again by itself, past every bound of ours.
		AutomaticContinuation: &off,
	}
	if r.System != "" {
		config.SystemInstruction = &genai.Content{Parts: []*genai.Part{{Text: r.System}}}
	}
	if r.Temperature != nil {
		t := float32(*r.Temperature)
		config.Temperature = &t
	}
	if r.ThinkingTokens != nil {
		budget := int32(min(*r.ThinkingTokens, math.MaxInt32)) //nolint:gosec // bounded
		config.ThinkingConfig = &genai.ThinkingConfig{ThinkingBudget: &budget}
	}
	if len(r.Schema) > 0 {
		config.ResponseMIMEType, config.ResponseJsonSchema = "application/json", r.Schema
	}
	if len(r.Tools) > 0 {
		config.Tools = []*genai.Tool{{FunctionDeclarations: declarations(r.Tools)}}
	}
	contents := make([]*genai.Content, 0, len(r.Messages))
	for _, message := range r.Messages {
		content, err := m.content(message)
		if err != nil {
			return nil, nil, err
		}
		contents = append(contents, content)
	}
	return contents, config, nil
}

func declarations(tools []llm.Tool) []*genai.FunctionDeclaration {
	out := make([]*genai.FunctionDeclaration, len(tools))
	for i, tool := range tools {
		out[i] = &genai.FunctionDeclaration{Name: tool.Name, Description: tool.Description}
		if len(tool.Parameters) > 0 {
			out[i].ParametersJsonSchema = tool.Parameters
		}
	}
	return out
}

func (m *Model) content(message llm.Message) (*genai.Content, error) {
	content := &genai.Content{Role: genai.RoleUser}
	if message.Role == llm.RoleModel {
		content.Role = genai.RoleModel
	}
	if message.Text != "" {
		content.Parts = append(content.Parts, &genai.Part{Text: message.Text})
	}
	for _, call := range message.Calls {
		var args map[string]any
		if err := json.Unmarshal(call.Arguments, &args); err != nil {
			return nil, &llm.Error{Kind: llm.KindInvalid, Message: "The arguments of an earlier call are no object.", Err: err}
		}
		content.Parts = append(content.Parts, &genai.Part{
			FunctionCall: &genai.FunctionCall{ID: m.id(call.ID), Name: call.Name, Args: args}, ThoughtSignature: call.Signature,
		})
	}
	for _, result := range message.Results {
		key := "output" // as the vendor's documentation names them
		if result.Failed {
			key = "error"
		}
		content.Parts = append(content.Parts, &genai.Part{FunctionResponse: &genai.FunctionResponse{
			ID: m.id(result.ID), Name: result.Name, Response: map[string]any{key: result.Content},
		}})
	}
	return content, nil
}

// id is the vendor's own id of a call. Vertex AI knows none: there results go by
// their order.
func (m *Model) id(id string) string {
	if m.vertex || strings.HasPrefix(id, llm.Made) {
		return ""
	}
	return id
}

// answer gathers what the vendor says.
type answer struct {
	*llm.Collector
	finish genai.FinishReason
}

func (a *answer) take(res *genai.GenerateContentResponse) error {
	if u := res.UsageMetadata; u != nil { // each piece of a stream tells the sum so far
		a.Tokens = llm.Tokens{Input: int(u.PromptTokenCount + u.ToolUsePromptTokenCount), Output: int(u.CandidatesTokenCount), Thinking: int(u.ThoughtsTokenCount)}
	}
	if f := res.PromptFeedback; f != nil && f.BlockReason != "" {
		return blocked("question", string(f.BlockReason))
	}
	if len(res.Candidates) == 0 {
		return nil
	}
	candidate := res.Candidates[0]
	if candidate.FinishReason != "" {
		a.finish = candidate.FinishReason
	}
	if candidate.Content == nil {
		return nil
	}
	for _, part := range candidate.Content.Parts {
		if err := a.part(part); err != nil {
			return err
		}
	}
	return nil
}

func (a *answer) part(part *genai.Part) error {
	switch {
	case part == nil, part.Thought:
		return nil
	case part.FunctionCall != nil:
		args, err := json.Marshal(part.FunctionCall.Args)
		if err != nil {
			return llm.BrokenOff(err)
		}
		object, err := llm.Object(string(args))
		if err != nil {
			return err
		}
		a.Call(llm.Call{ID: part.FunctionCall.ID, Name: part.FunctionCall.Name, Arguments: object, Signature: part.ThoughtSignature})
		return nil
	}
	return a.Write(part.Text)
}

func (a *answer) end() (*llm.Response, error) {
	switch a.finish {
	case genai.FinishReasonStop:
		return a.Response(llm.FinishStop)
	case genai.FinishReasonMaxTokens:
		return a.Response(llm.FinishLength)
	case genai.FinishReasonSafety, genai.FinishReasonRecitation, genai.FinishReasonBlocklist, genai.FinishReasonProhibitedContent,
		genai.FinishReasonSPII, genai.FinishReasonLanguage, "MODEL_ARMOR":
		return nil, blocked("answer", string(a.finish))
	default:
		return nil, llm.BrokenOff(fmt.Errorf("the answer ended for the reason %q", a.finish))
	}
}

func blocked(what, reason string) error {
	return &llm.Error{Kind: llm.KindBlocked, Message: fmt.Sprintf("The model's safety rules block this %s (%s).", what, reason)}
}
