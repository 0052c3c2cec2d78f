package githubtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"text/scanner"
)

// graph is an object of GraphQL: what its fields are, or how they are found.
type graph map[string]any

// resolver finds what a field with arguments is.
type resolver func(args map[string]any) any

// selection is a field that a query asks for, or a fragment on a type.
type selection struct {
	name, alias, on string
	args            map[string]any
	inner           []selection
}

// variable is the name of a variable where a value may be.
type variable string

// graphql answers a query. What it asks for and is not there is an error, so
// that a query which is not understood does not look answered.
func (s *Server) graphql(r *http.Request) answer {
	var request struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables"`
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		return message(http.StatusBadRequest, "Problems parsing JSON")
	}
	selected, err := parseQuery(request.Query)
	if err == nil {
		var data any
		if data, err = resolve(s.root(), selected, request.Variables); err == nil {
			return ok(object{"data": data})
		}
	}
	return ok(object{"errors": []any{object{"message": err.Error()}}})
}

type queryParser struct {
	scanner.Scanner

	token rune
}

func parseQuery(text string) (_ []selection, err error) {
	p := &queryParser{}
	p.Init(strings.NewReader(text))
	p.Mode = scanner.ScanIdents | scanner.ScanInts | scanner.ScanStrings
	p.Error = func(*scanner.Scanner, string) {}
	p.Whitespace |= 1 << ','
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("the query is not understood: %v", fault)
		}
	}()
	p.next()
	for p.token != '{' && p.token != scanner.EOF { // query, its name, and what its variables are
		if p.token == '(' {
			for depth := 1; depth > 0 && p.token != scanner.EOF; {
				switch p.next() {
				case '(':
					depth++
				case ')':
					depth--
				}
			}
		}
		p.next()
	}
	return p.set(), nil
}

func (p *queryParser) next() rune {
	p.token = p.Scan()
	return p.token
}

func (p *queryParser) expect(token rune) {
	if p.token != token {
		panic(fmt.Sprintf("%s at %s, want %s", scanner.TokenString(p.token), p.Position, scanner.TokenString(token)))
	}
	p.next()
}

func (p *queryParser) word() string {
	text := p.TokenText()
	p.expect(scanner.Ident)
	return text
}

func (p *queryParser) set() []selection {
	var out []selection
	p.expect('{')
	for p.token != '}' {
		out = append(out, p.selection())
	}
	p.next()
	return out
}

func (p *queryParser) selection() selection {
	if p.token == '.' {
		p.expect('.')
		p.expect('.')
		p.expect('.')
		if p.word() != "on" {
			panic("only fragments on a type are known")
		}
		return selection{on: p.word(), inner: p.set()}
	}
	s := selection{name: p.word()}
	s.alias = s.name
	if p.token == ':' {
		p.next()
		s.name = p.word()
	}
	if p.token == '(' {
		s.args = map[string]any{}
		for p.next(); p.token != ')'; {
			name := p.word()
			p.expect(':')
			s.args[name] = p.value()
		}
		p.next()
	}
	if p.token == '{' {
		s.inner = p.set()
	}
	return s
}

func (p *queryParser) value() any {
	text := p.TokenText()
	switch p.token {
	case '$':
		p.next()
		return variable(p.word())
	case scanner.Int, scanner.String, scanner.Ident:
		p.next()
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			v = text // a word of an enumeration
		}
		return v
	case '{':
		out := map[string]any{}
		for p.next(); p.token != '}'; {
			name := p.word()
			p.expect(':')
			out[name] = p.value()
		}
		p.next()
		return out
	case '[':
		out := []any{}
		for p.next(); p.token != ']'; {
			out = append(out, p.value())
		}
		p.next()
		return out
	}
	panic("no value: " + text)
}

// filled puts the variables where a value names them.
func filled(v any, variables map[string]any) any {
	switch v := v.(type) {
	case variable:
		return variables[string(v)]
	case map[string]any:
		out := map[string]any{}
		for name, inner := range v {
			out[name] = filled(inner, variables)
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, inner := range v {
			out = append(out, filled(inner, variables))
		}
		return out
	}
	return v
}

// resolve takes out of a value what is selected.
func resolve(value any, selected []selection, variables map[string]any) (any, error) {
	switch v := value.(type) {
	case []any:
		out := make([]any, 0, len(v))
		for _, one := range v {
			part, err := resolve(one, selected, variables)
			if err != nil {
				return nil, err
			}
			out = append(out, part)
		}
		return out, nil
	case graph:
		out := object{}
		for _, s := range selected {
			if s.on != "" {
				if s.on != v["__typename"] {
					continue
				}
				part, err := resolve(v, s.inner, variables)
				if err != nil {
					return nil, err
				}
				inner, _ := part.(object)
				maps.Copy(out, inner)
				continue
			}
			field, known := v[s.name]
			if !known {
				return nil, fmt.Errorf("field '%s' doesn't exist on type '%v'", s.name, v["__typename"])
			}
			if find, ok := field.(resolver); ok {
				args, _ := filled(s.args, variables).(map[string]any)
				if field = find(args); field == nil {
					return nil, fmt.Errorf("could not resolve to a %s", s.name)
				}
			}
			part, err := resolve(field, s.inner, variables)
			if err != nil {
				return nil, err
			}
			out[s.alias] = part
		}
		return out, nil
	}
	if len(selected) > 0 && value != nil {
		return nil, fmt.Errorf("selections can't be made on scalars")
	}
	return value, nil
}

// root is where queries begin.
func (s *Server) root() graph {
	none := func(what string) graph {
		return graph{"__typename": what, "nodes": []any{}, "totalCount": 0}
	}
	return graph{
		"__typename": "Query",
		"user": resolver(func(args map[string]any) any {
			if args["login"] != Reader {
				return nil
			}
			team := graph{"__typename": "Team", "name": "Readers", "slug": "readers", "description": ""}
			org := graph{"__typename": "Organization", "login": Organisation, "teams": graph{"__typename": "TeamConnection", "nodes": []any{team}}}
			return graph{"__typename": "User", "organizations": graph{"__typename": "OrganizationConnection", "nodes": []any{org}}}
		}),
		"nodes": resolver(func(args map[string]any) any {
			ids, _ := args["ids"].([]any)
			out := []any{}
			for _, id := range ids {
				out = append(out, graph{
					"__typename": "Issue", "id": id, "issueFieldValues": none("IssueFieldValueConnection"), "parent": nil,
					"closedByPullRequestsReferences": none("PullRequestConnection"),
					"subIssuesSummary":               graph{"__typename": "SubIssuesSummary", "total": 0, "completed": 0, "percentCompleted": 0},
				})
			}
			return out
		}),
		"repository": resolver(func(args map[string]any) any {
			for _, repo := range s.repos {
				if repo.name == fmt.Sprintf("%s/%s", args["owner"], args["name"]) {
					return s.repositoryGraph(repo)
				}
			}
			return nil
		}),
	}
}

func (s *Server) repositoryGraph(repo *repo) graph {
	return graph{"__typename": "Repository", "isPrivate": true, "pullRequest": resolver(func(args map[string]any) any {
		for _, i := range repo.issues {
			if i.pullID != 0 && args["number"] == float64(i.number) {
				return graph{"__typename": "PullRequest", "reviewThreads": resolver(func(args map[string]any) any { return threads(i, args) })}
			}
		}
		return nil
	})}
}

// threads are the comments on code, each with what replies to it. A cursor is
// the number of threads before it.
func threads(i *issue, args map[string]any) graph {
	var all []any
	at := map[any]graph{}
	for _, raw := range i.reviewComments {
		c, _ := raw.(object)
		node := graph{
			"__typename": "PullRequestReviewComment", "id": fmt.Sprintf("PRRC_%v", c["id"]), "body": c["body"], "path": c["path"], "line": c["line"],
			"author": actor(c["user"]), "createdAt": c["created_at"], "updatedAt": c["updated_at"], "url": c["html_url"],
		}
		if node["body"] == nil {
			node["body"] = ""
		}
		if thread, ok := at[c["in_reply_to_id"]]; ok {
			comments, _ := thread["comments"].(graph)
			nodes, _ := comments["nodes"].([]any)
			comments["nodes"], comments["totalCount"] = append(nodes, node), len(nodes)+1
			continue
		}
		thread := graph{
			"__typename": "PullRequestReviewThread", "id": fmt.Sprintf("PRRT_%v", c["id"]), "isResolved": false, "isOutdated": false, "isCollapsed": false,
			"comments": graph{"__typename": "PullRequestReviewCommentConnection", "nodes": []any{node}, "totalCount": 1},
		}
		at[c["id"]] = thread
		all = append(all, thread)
	}
	first, _ := args["first"].(float64)
	after, _ := args["after"].(string)
	from, _ := strconv.Atoi(after)
	from = min(from, len(all))
	to := min(from+int(first), len(all))
	return graph{
		"__typename": "PullRequestReviewThreadConnection", "nodes": append([]any{}, all[from:to]...), "totalCount": len(all),
		"pageInfo": graph{"__typename": "PageInfo", "hasNextPage": to < len(all), "hasPreviousPage": from > 0, "startCursor": strconv.Itoa(from), "endCursor": strconv.Itoa(to)},
	}
}

// actor is an account in GraphQL: nil for a deleted one, and a bot has the name
// of its application.
func actor(user any) any {
	u, ok := user.(object)
	if !ok {
		return nil
	}
	login, _ := u["login"].(string)
	return graph{"__typename": u["type"], "login": strings.TrimSuffix(login, "[bot]")}
}
