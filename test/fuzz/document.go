// Package fuzz makes requests of an OpenAPI document and holds the answers
// against it. It is for tests: the document comes from the server that is asked,
// so that a new operation is asked from the day that it is documented.
package fuzz

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Document is what an OpenAPI document says, ready to be asked for.
type Document struct {
	Operations []*Operation // in the order of their paths and methods

	envelope *jsonschema.Schema
}

// Operation is one method of one path.
type Operation struct {
	ID, Method, Path string
	Parameters       []*openapi3.Parameter
	Bodies           map[string]*openapi3.Schema // by media type
	BodyRequired     bool
	SignedIn         bool

	answers map[int]map[string]*jsonschema.Schema // by status and media type; nil is any body
}

// Media are the media types of bodies, sorted.
func (o *Operation) Media() []string { return slices.Sorted(maps.Keys(o.Bodies)) }

const resource = "mem:///openapi.json"

// Load reads a document. Objects of answers that list their properties have no
// others here: clients must bear more, and the document must tell of all.
func Load(text []byte) (*Document, error) {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("reading the OpenAPI document: %w", err)
	}
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("reading the OpenAPI document as JSON: %w", err)
	}
	closed(whole)
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource(resource, whole); err != nil {
		return nil, fmt.Errorf("reading the schemas: %w", err)
	}
	d := &Document{}
	if d.envelope, err = compiler.Compile(resource + "#/components/schemas/Envelope"); err != nil {
		return nil, fmt.Errorf("the schema of errors: %w", err)
	}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		operations := doc.Paths.Value(path).Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			o, err := operation(compiler, path, method, operations[method])
			if err != nil {
				return nil, err
			}
			d.Operations = append(d.Operations, o)
		}
	}
	return d, nil
}

func operation(compiler *jsonschema.Compiler, path, method string, of *openapi3.Operation) (*Operation, error) {
	o := &Operation{ID: of.OperationID, Method: method, Path: path, Bodies: map[string]*openapi3.Schema{}, answers: map[int]map[string]*jsonschema.Schema{}}
	o.SignedIn = of.Security != nil && len(*of.Security) > 0
	for _, p := range of.Parameters {
		o.Parameters = append(o.Parameters, p.Value)
	}
	if of.RequestBody != nil {
		o.BodyRequired = of.RequestBody.Value.Required
		for media, content := range of.RequestBody.Value.Content {
			o.Bodies[media] = &openapi3.Schema{}
			if content.Schema != nil {
				o.Bodies[media] = content.Schema.Value
			}
		}
	}
	for status, response := range of.Responses.Map() {
		var code int
		if _, err := fmt.Sscanf(status, "%d", &code); err != nil {
			return nil, fmt.Errorf("%s: the status %q is no number", o.ID, status)
		}
		o.answers[code] = map[string]*jsonschema.Schema{}
		for media, content := range response.Value.Content {
			o.answers[code][media] = nil
			if content.Schema == nil || !isJSON(media) {
				continue
			}
			at := pointer("paths", path, strings.ToLower(method), "responses", status, "content", media, "schema")
			schema, err := compiler.Compile(resource + at)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", o.ID, status, err)
			}
			o.answers[code][media] = schema
		}
	}
	return o, nil
}

func pointer(parts ...string) string {
	var b strings.Builder
	b.WriteString("#")
	for _, p := range parts {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(p))
	}
	return b.String()
}

func isJSON(media string) bool {
	return media == "application/json" || strings.HasSuffix(media, "+json")
}

func closed(schema any) {
	switch s := schema.(type) {
	case map[string]any:
		if s["properties"] != nil && s["additionalProperties"] == true {
			s["additionalProperties"] = false
		}
		for _, of := range s {
			closed(of)
		}
	case []any:
		for _, of := range s {
			closed(of)
		}
	}
}

// Match finds the operation of a path as it is on the wire, nil when there is
// none. A literal segment goes before a parameter.
func (d *Document) Match(method, target string) *Operation {
	path, _, _ := strings.Cut(target, "?")
	want := strings.Split(strings.TrimRight(path, "/"), "/")
	var best *Operation
	for _, o := range d.Operations {
		if o.Method == method && fits(strings.Split(o.Path, "/"), want) && (best == nil || strings.Count(o.Path, "{") < strings.Count(best.Path, "{")) {
			best = o
		}
	}
	return best
}

func fits(template, path []string) bool {
	if len(template) != len(path) {
		return false
	}
	for i, segment := range template {
		if parameter := strings.HasPrefix(segment, "{"); parameter && path[i] == "" || !parameter && segment != path[i] {
			return false
		}
	}
	return true
}
