package feature

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/inflect"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// The protocols of remote procedures.
const (
	protocolGRPC    = "grpc"
	protocolGraphQL = "graphql"
)

// documents calls visit for each file of the product whose content is kept and
// whose name ends so.
func (m *model) documents(visit func(*file), endings ...string) bool {
	found := false
	for i := range m.files {
		f := &m.files[i]
		if f.Test || f.Aside || f.Content == nil {
			continue
		}
		for _, ending := range endings {
			if strings.HasSuffix(f.Path, ending) {
				visit(f)
				found = true
				break
			}
		}
	}
	return found
}

// readProto reads the services of protocol buffers, and the HTTP endpoints
// that google.api.http gives their methods. Files of third parties under
// google/ are imports, not services.
func readProto(m *model, r *rule) bool {
	return m.documents(func(f *file) {
		if strings.Contains("/"+f.Path, "/google/") {
			return
		}
		s := newSchema(string(f.Content), 'c')
		for !s.done() {
			t := s.take()
			doc := s.doc
			if t.kind != 'w' || t.text != "service" {
				continue
			}
			name := s.take()
			if name.kind == 'w' && s.take().text == "{" {
				m.protoService(m.at(f, r), s, name.text, doc)
			}
		}
	}, ".proto")
}

func (m *model) protoService(sc *scan, s *schema, service, _ string) {
	depth := 1
	for !s.done() && depth > 0 {
		t := s.take()
		doc := s.doc
		switch {
		case t.text == "{" && t.kind == 'p':
			depth++
		case t.text == "}" && t.kind == 'p':
			depth--
		case t.kind == 'w' && t.text == "rpc" && depth == 1:
			name := s.take()
			sc.rpc(report.RPC{Service: service, Method: name.text, Protocol: protocolGRPC, Description: docPointer(doc)}, name.line)
			asked := s.to(")")
			if answered := asked && s.to(")"); answered && s.peek().text == "{" {
				s.take()
				sc.protoOptions(s, service+"."+name.text, name.line)
			}
		}
	}
}

// protoOptions reads the options of a method: get: "/v1/{name=shelves/*}".
func (s *scan) protoOptions(sch *schema, handlerName string, line int) {
	depth, http, key := 1, false, ""
	for !sch.done() && depth > 0 {
		t := sch.take()
		switch {
		case t.kind == 'p' && t.text == "{":
			depth++
		case t.kind == 'p' && t.text == "}":
			depth--
		case t.kind == 'w' && t.text == "google.api.http":
			http = true
		case t.kind == 'w':
			key = t.text
		case t.kind == 's' && http && protoMethods[key]:
			s.route(route{sure: true, on: none, method: key, path: protoPath(t.text), handler: handler{name: handlerName, path: s.Path, line: line}, line: line})
		}
	}
}

var protoMethods = map[string]bool{"get": true, "post": true, "put": true, "patch": true, "delete": true}

// protoPath is a template of google.api.http: {name=shelves/*} has the segments
// shelves and a parameter; {name=**} is the rest; a verb follows a colon.
func protoPath(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); {
		if p[i] != '{' {
			b.WriteByte(p[i])
			i++
			continue
		}
		n := braced(p[i:])
		name, pattern, ok := strings.Cut(strings.TrimRight(p[i+1:min(len(p), i+n)], "}"), "=")
		name = word(strings.ReplaceAll(name, ".", "_"))
		switch {
		case !ok || pattern == "*":
			b.WriteString("{" + name + "}")
		case pattern == "**":
			b.WriteString("{" + name + "...}")
		default:
			b.WriteString(protoPattern(pattern, name))
		}
		i += n
	}
	return b.String()
}

// protoPattern names the parameters in a pattern: the last has the field's
// name, those before it that of the segment before them.
func protoPattern(pattern, name string) string {
	parts := strings.Split(pattern, "/")
	for i, part := range parts {
		if part != "*" && part != "**" {
			continue
		}
		own := name
		if i < len(parts)-1 && i > 0 {
			own = inflect.Singular(parts[i-1])
		}
		if part == "**" {
			own += "..."
		}
		parts[i] = "{" + own + "}"
	}
	return strings.Join(parts, "/")
}

// readGraphQL reads the fields of the query, mutation and subscription types.
func readGraphQL(m *model, r *rule) bool {
	roots := map[string]string{"Query": "Query", "Mutation": "Mutation", "Subscription": "Subscription"}
	endings := []string{".graphql", ".graphqls", ".gql"}
	m.documents(func(f *file) { graphqlRoots(string(f.Content), roots) }, endings...)
	return m.documents(func(f *file) {
		sc := m.at(f, r)
		s := newSchema(string(f.Content), 's')
		for !s.done() {
			if t := s.take(); t.kind != 'w' || t.text != "type" {
				continue
			}
			root := roots[s.take().text]
			if root == "" {
				continue
			}
			if s.to("{") {
				sc.graphqlFields(s, root)
			}
		}
	}, endings...)
}

// graphqlRoots reads schema { query: RootQuery }.
func graphqlRoots(src string, roots map[string]string) {
	s := newSchema(src, 's')
	for !s.done() {
		if t := s.take(); t.kind != 'w' || t.text != "schema" || s.peek().text != "{" && s.peek().text != "@" || !s.to("{") {
			continue
		}
		operation := ""
		s.block(func(t token) {
			switch t.text {
			case "query", "mutation", "subscription":
				operation = sentence(t.text)
			case ":":
			default:
				if operation != "" && t.kind == 'w' {
					roots[t.text], operation = operation, ""
				}
			}
		})
	}
}

// graphqlFields reads the fields of a type: a word followed by a colon or by
// arguments in parentheses.
func (s *scan) graphqlFields(sch *schema, root string) {
	for !sch.done() {
		t := sch.take()
		doc := sch.doc
		switch {
		case t.kind == 'p' && t.text == "}":
			return
		case t.kind == 'p' && t.text == "(":
			sch.block(func(token) {})
		case t.kind == 'p' && t.text == ":" || t.kind == 'p' && t.text == "@":
			for sch.peek().kind == 'p' && sch.peek().text == "[" {
				sch.take()
			}
			sch.take() // the type, or the directive
		case t.kind == 'w':
			s.rpc(report.RPC{Service: root, Method: t.text, Protocol: protocolGraphQL, Description: docPointer(doc)}, t.line)
		}
	}
}

// readPrisma reads the models of Prisma's schemas.
func readPrisma(m *model, r *rule) bool {
	return m.documents(func(f *file) {
		sc := m.at(f, r)
		s := newSchema(string(f.Content), 0)
		for !s.done() {
			if t := s.take(); t.kind != 'w' || t.text != "model" {
				continue
			}
			name := s.take()
			if name.kind != 'w' || s.take().text != "{" {
				continue
			}
			fields, table := prismaFields(s)
			sc.model(report.Model{Name: name.text, Kind: kindModel, Table: table, Fields: &fields}, name.line)
		}
	}, ".prisma")
}

// prismaFields counts the lines of a model that begin with a word, and reads
// @@map.
func prismaFields(s *schema) (fields int, table *string) {
	line, mapped := 0, false
	depth := 1
	for !s.done() && depth > 0 {
		t := s.take()
		switch {
		case t.kind == 'p' && strings.ContainsAny(t.text, "{(["):
			depth++
		case t.kind == 'p' && strings.ContainsAny(t.text, "})]"):
			depth--
		case t.kind == 's' && mapped && depth == 2:
			table, mapped = &t.text, false
		case t.kind == 'w' && t.text == "map" && line != t.line:
			mapped = true
		case t.kind == 'w' && t.line != line && depth == 1:
			fields++
		}
		if t.text != "@" || line == 0 {
			line = t.line
		}
		if t.kind == 'p' && t.text == "@" && s.peek().text == "@" {
			line = 0
		}
	}
	return fields, table
}

// The kinds of models.
const (
	kindModel     = "model"
	kindTable     = "table"
	kindMigration = "migration"
)
