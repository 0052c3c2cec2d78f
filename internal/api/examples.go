package api

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// The examples are answers of this API to a small made-up project, written by a
// test, which finds out when an answer changes. Each is named for its operation;
// what is random in an answer, the ids, is made the same.
//
//go:embed examples
var examples embed.FS

// exampleTypes are the media types of examples, by how their names end.
var exampleTypes = map[string]string{
	".json": jsonType, ".csv": "text/csv", ".jsonl": "application/x-ndjson", ".xml": "application/xml", ".mmd": "text/vnd.mermaid",
}

// exemplify puts the examples into the document.
func (a *API) exemplify() error {
	operations := map[string]*huma.Operation{}
	for _, item := range a.huma.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post} {
			if op != nil {
				operations[op.OperationID] = op
			}
		}
	}
	files, err := examples.ReadDir("examples")
	if err != nil {
		return err
	}
	for _, f := range files {
		text, err := examples.ReadFile("examples/" + f.Name())
		if err != nil {
			return err
		}
		id := strings.TrimSuffix(f.Name(), path.Ext(f.Name()))
		if err := exemplify(operations[id], exampleTypes[path.Ext(f.Name())], text); err != nil {
			return fmt.Errorf("the example %s: %w", f.Name(), err)
		}
	}
	return nil
}

func exemplify(op *huma.Operation, kind string, text []byte) error {
	if op == nil {
		return errors.New("there is no such operation")
	}
	for _, status := range []string{"200", "201", "202"} {
		if response := op.Responses[status]; response != nil && response.Content[kind] != nil {
			content := *response.Content[kind] // others may share it
			if content.Example = string(text); kind == jsonType {
				content.Example = json.RawMessage(text)
			}
			response.Content[kind] = &content
			return nil
		}
	}
	return fmt.Errorf("it has no answer of the type %s", kind)
}
