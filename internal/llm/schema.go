package llm

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// Structured returns an answer without the fence that some models put around
// JSON, or the error of one that does not fit the schema.
func Structured(schema json.RawMessage, text string) (string, error) {
	text = unfenced(text)
	var s jsonschema.Schema
	if err := json.Unmarshal(schema, &s); err != nil {
		return "", &Error{Kind: KindInvalid, Message: "The schema of the answer cannot be read.", Err: err}
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		return "", &Error{Kind: KindInvalid, Message: "The schema of the answer cannot be used.", Err: err}
	}
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return "", &Error{Kind: KindUnreadable, Message: "The model's answer is no JSON.", Err: err}
	}
	if err := resolved.Validate(value); err != nil {
		return "", &Error{Kind: KindUnreadable, Message: "The model's answer has another form than was asked for.", Err: err}
	}
	return text, nil
}

func unfenced(text string) string {
	text = strings.TrimSpace(text)
	inner, opened := strings.CutPrefix(text, "```")
	inner, closed := strings.CutSuffix(inner, "```")
	if !opened || !closed {
		return text
	}
	return strings.TrimSpace(strings.TrimPrefix(inner, "json"))
}

// Object returns what is meant to be a JSON object as one: "" and null are the
// empty object.
func Object(raw string) (json.RawMessage, error) {
	if raw = strings.TrimSpace(raw); raw == "" || raw == "null" {
		return json.RawMessage("{}"), nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(raw), &object); err != nil {
		return nil, BrokenOff(fmt.Errorf("the arguments of a call are no object: %w", err))
	}
	return json.RawMessage(raw), nil
}
