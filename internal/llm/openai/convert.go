package openai

import (
	"encoding/json"
	"fmt"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/shared"

	"github.com/rampforgeai/rampforge/internal/llm"
)

// question says a request in the vendor's words. What a model thinks cannot be
// bounded by all such services: ThinkingTokens is left out.
func (m *Model) question(r *llm.Request) openai.ChatCompletionNewParams {
	params := openai.ChatCompletionNewParams{Model: m.name}
	if r.System != "" {
		params.Messages = append(params.Messages, openai.SystemMessage(r.System))
	}
	for _, message := range r.Messages {
		params.Messages = append(params.Messages, messages(message)...)
	}
	switch {
	case r.MaxTokens > 0 && m.modern:
		params.MaxCompletionTokens = openai.Int(int64(r.MaxTokens))
	case r.MaxTokens > 0:
		params.MaxTokens = openai.Int(int64(r.MaxTokens))
	}
	if r.Temperature != nil {
		params.Temperature = openai.Float(*r.Temperature)
	}
	if len(r.Schema) > 0 {
		params.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{
			JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "answer", Schema: r.Schema},
		}
	}
	for _, tool := range r.Tools {
		function := shared.FunctionDefinitionParam{Name: tool.Name, Description: openai.String(tool.Description)}
		_ = json.Unmarshal(tool.Parameters, &function.Parameters) // ours; one without parameters has none
		params.Tools = append(params.Tools, openai.ChatCompletionFunctionTool(function))
	}
	return params
}

func messages(m llm.Message) []openai.ChatCompletionMessageParamUnion {
	switch m.Role {
	case llm.RoleTool:
		out := make([]openai.ChatCompletionMessageParamUnion, len(m.Results))
		for i, result := range m.Results {
			content := result.Content
			if result.Failed {
				content = "error: " + content // the vendor has no field for it
			}
			out[i] = openai.ToolMessage(content, result.ID)
		}
		return out
	case llm.RoleModel:
		var said openai.ChatCompletionAssistantMessageParam
		if m.Text != "" || len(m.Calls) == 0 {
			said.Content.OfString = openai.String(m.Text)
		}
		for _, call := range m.Calls {
			said.ToolCalls = append(said.ToolCalls, openai.ChatCompletionMessageToolCallUnionParam{
				OfFunction: &openai.ChatCompletionMessageFunctionToolCallParam{
					ID: call.ID, Function: openai.ChatCompletionMessageFunctionToolCallFunctionParam{Name: call.Name, Arguments: string(call.Arguments)},
				},
			})
		}
		return []openai.ChatCompletionMessageParamUnion{{OfAssistant: &said}}
	default:
		return []openai.ChatCompletionMessageParamUnion{openai.UserMessage(m.Text)}
	}
}

// answer gathers what the vendor says.
type answer struct {
	*llm.Collector
	finish  string
	refused bool
	parts   []part
}

// part is a call whose arguments come in pieces.
type part struct {
	index           int64
	id, name, given string
}

// piece takes what one piece of a stream says of a call.
func (a *answer) piece(index int64, id, name, given string) {
	i := len(a.parts) - 1
	for i >= 0 && a.parts[i].index != index {
		i--
	}
	if i < 0 || id != "" && a.parts[i].id != "" && id != a.parts[i].id { // some services number every call 0
		a.parts = append(a.parts, part{index: index})
		i = len(a.parts) - 1
	}
	p := &a.parts[i]
	if id != "" {
		p.id = id
	}
	if name != "" {
		p.name = name
	}
	p.given += given
}

func (a *answer) usage(u openai.CompletionUsage) {
	thinking := int(u.CompletionTokensDetails.ReasoningTokens)
	a.Tokens = llm.Tokens{Input: int(u.PromptTokens), Output: max(int(u.CompletionTokens)-thinking, 0), Thinking: thinking}
}

func (a *answer) end() (*llm.Response, error) {
	if a.refused {
		return nil, blocked("the model declines")
	}
	for _, p := range a.parts {
		arguments, err := llm.Object(p.given)
		if err != nil && a.finish != "length" {
			return nil, err
		}
		if err == nil { // a call that the bound cut is none
			a.Call(llm.Call{ID: p.id, Name: p.name, Arguments: arguments})
		}
	}
	switch a.finish {
	case "stop", "tool_calls", "function_call":
		return a.Response(llm.FinishStop)
	case "length":
		return a.Response(llm.FinishLength)
	case "content_filter":
		return nil, blocked(a.finish)
	}
	return nil, llm.BrokenOff(fmt.Errorf("the answer ended for the reason %q", a.finish))
}

func blocked(reason string) error {
	return &llm.Error{Kind: llm.KindBlocked, Message: fmt.Sprintf("The model's safety rules block this answer (%s).", reason)}
}
