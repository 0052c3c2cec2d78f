package feature

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// documentConfidence is that of an endpoint which a document describes and no
// code was found for: the document may be of another service.
const documentConfidence = 0.7

// readOpenAPI reads the documents of OpenAPI 3 and Swagger 2.
func readOpenAPI(m *model, r *rule) bool {
	found := false
	m.documents(func(f *file) {
		root := yamlRoot(f.Content)
		if root == nil || yamlText(root, "openapi") == "" && yamlText(root, "swagger") == "" {
			return
		}
		found = true
		prefix := documentPrefix(root)
		m.documentTags(root)
		paths := yamlAt(root, "paths")
		if paths == nil || paths.Kind != yaml.MappingNode {
			return
		}
		s := m.at(f, r)
		for i := 0; i+1 < len(paths.Content); i += 2 {
			s.operations(joinPrefix(prefix, braces(paths.Content[i].Value)), paths.Content[i+1])
		}
	}, ".yaml", ".yml", ".json")
	return found
}

// operations are those of one path.
func (s *scan) operations(path string, item *yaml.Node) {
	if item.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(item.Content); i += 2 {
		method, operation := strings.ToUpper(item.Content[i].Value), item.Content[i+1]
		if !slices.Contains(httpMethods, method) {
			continue
		}
		summary := yamlText(operation, "summary")
		if summary == "" {
			summary = yamlText(operation, "description")
		}
		if doc := docPointer(summary); doc != nil {
			summary = *doc
		}
		h := handler{name: yamlText(operation, "operationId")}
		s.route(route{sure: true, on: none, method: method, path: path, handler: h, line: item.Content[i].Line, confidence: documentConfidence, summary: summary, document: true})
	}
}

// documentPrefix is what stands before every path: basePath, or the path of the
// first server.
func documentPrefix(root *yaml.Node) string {
	if base := yamlText(root, "basePath"); base != "" {
		return cleanPrefix(base)
	}
	servers := yamlAt(root, "servers")
	if servers == nil || servers.Kind != yaml.SequenceNode || len(servers.Content) == 0 {
		return ""
	}
	url := yamlText(servers.Content[0], "url")
	if strings.Contains(url, "{") { // a variable may be the host
		return ""
	}
	return cleanPrefix(url)
}

func cleanPrefix(p string) string {
	if p = cleanPath(p); p == "/" {
		return ""
	}
	return p
}

// documentTags keeps what a document says of its resources.
func (m *model) documentTags(root *yaml.Node) {
	tags := yamlAt(root, "tags")
	if tags == nil || tags.Kind != yaml.SequenceNode {
		return
	}
	for _, tag := range tags.Content {
		if doc := docPointer(yamlText(tag, "description")); doc != nil && len(m.tags) < maxListed {
			m.tags[topic(fold(yamlText(tag, "name")))] = *doc
		}
	}
}

// shape is a path without the names of its parameters.
func shape(path string) string {
	var out []string
	for segment := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(segment, "{") {
			segment = "{}"
		}
		out = append(out, segment)
	}
	return strings.Join(out, "/")
}

// described joins what documents describe with what the code has: the same
// method and path, with or without what the document says stands before it, is
// one endpoint, with the document's summary.
func (m *model) described() {
	code := map[string]*found{}
	for i := range m.endpoints {
		if e := &m.endpoints[i]; !e.document {
			for _, key := range suffixes(e.Method, e.Path) {
				if code[key] == nil || len(e.Path) < len(code[key].Path) {
					code[key] = e
				}
			}
		}
	}
	m.endpoints = slices.DeleteFunc(m.endpoints, func(e found) bool {
		if !e.document {
			return false
		}
		for _, key := range append(suffixes(e.Method, e.Path), suffixes(methodAny, e.Path)...) {
			if same := code[key]; same != nil {
				if same.Description == nil {
					same.Description = e.Description
				}
				return true
			}
		}
		return false
	})
}

// suffixes are the keys of an endpoint: its path, and that without the first
// segments that say nothing.
func suffixes(method, path string) []string {
	rest := shape(path)
	out := []string{method + " " + rest}
	for range 3 {
		i := strings.IndexByte(rest[1:], '/')
		if i < 0 || !isGeneric(rest[1:i+1]) {
			break
		}
		rest = rest[i+1:]
		out = append(out, method+" "+rest)
	}
	return out
}
