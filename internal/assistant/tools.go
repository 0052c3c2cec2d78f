package assistant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/assistant/cite"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/llm"
)

// Tools only read, and only what who asks may see. What they return is numbered
// as sources are and can be cited.
var (
	tools = []llm.Tool{
		tool("search", "Finds passages of the code, the documents, the history, work items and pages that speak of something.", "query", "Words, or names of code"),
		tool("read_file", "Reads lines of a file of the repository.", "path", "The file's path", "start_line", "The first line", "end_line", "The last line"),
		tool("symbol", "Tells where a function, method or type is, what it says of itself, and who uses it.", "name", "Type.method, a name, or PATH#NAME"),
		tool("history", "Tells the last commits of a file.", "path", "The file's path"),
		tool("work_item", "Reads a work item or a pull request.", "key", "PAY-12 or #12"),
		tool("page", "Finds pages of the wiki.", "query", "Words of its title or text"),
	}
	// recordTools are those that return nothing of the repository.
	recordTools = []llm.Tool{tools[4], tools[5]}
)

// tool makes a tool of pairs of arguments and what they are; the first is needed,
// and those of lines are numbers.
func tool(name, description string, arguments ...string) llm.Tool {
	properties := map[string]any{}
	for i := 0; i+1 < len(arguments); i += 2 {
		kind := "string"
		if strings.HasSuffix(arguments[i], "_line") {
			kind = "integer"
		}
		properties[arguments[i]] = map[string]any{"type": kind, "description": arguments[i+1]}
	}
	schema, err := json.Marshal(map[string]any{"type": "object", "properties": properties, "required": arguments[:1]})
	if err != nil {
		panic(err) // strings alone
	}
	return llm.Tool{Name: name, Description: description, Parameters: schema}
}

// toolbox calls tools for one question.
type toolbox struct {
	*dossier

	mark     cite.Mark
	services serviceTools
	fetched  int // bytes that they returned
}

// errArguments are arguments that no tool can read.
var errArguments = errors.New("the arguments are no object")

type toolArguments struct {
	Query, Path, Name, Key string
	StartLine              int `json:"start_line"`
	EndLine                int `json:"end_line"`
}

// call calls a tool that was offered.
func (b *toolbox) call(ctx context.Context, c llm.Call, offered []llm.Tool) llm.CallResult {
	result := llm.CallResult{ID: c.ID, Name: c.Name}
	refuse := func(why string) llm.CallResult {
		result.Content, result.Failed = why, true
		return result
	}
	if !slices.ContainsFunc(offered, func(t llm.Tool) bool { return t.Name == c.Name }) {
		return refuse("There is no such tool.")
	}
	if b.fetched >= maxFetched {
		return refuse("Enough was read: answer now.")
	}
	found, err := b.answer(ctx, c)
	if errors.Is(err, errArguments) {
		return refuse("The arguments are not an object of the schema.")
	}
	if err != nil {
		b.note(ctx, "the tool "+c.Name, err)
		return refuse("It failed.")
	}
	var out strings.Builder
	for _, p := range found {
		if b.sendable(p.Kind) {
			out.WriteString(quote(b.sources[b.cite(p, 0.5)-1], b.mark))
		}
	}
	if result.Content = out.String(); result.Content == "" {
		result.Content = "Nothing was found."
	}
	b.fetched += len(result.Content)
	return result
}

// answer calls the tool that a call names.
func (b *toolbox) answer(ctx context.Context, c llm.Call) ([]rampforge.Passage, error) {
	if t, ok := b.services[c.Name]; ok {
		p, err := b.callService(ctx, t, c.Arguments)
		if err != nil || p.Text == "" {
			return nil, err
		}
		return []rampforge.Passage{p}, nil
	}
	var in toolArguments
	if json.Unmarshal(c.Arguments, &in) != nil {
		return nil, errArguments
	}
	return b.run(ctx, c.Name, in)
}

// perCall is how many passages one call returns.
const perCall = 5

func (b *toolbox) run(ctx context.Context, name string, in toolArguments) ([]rampforge.Passage, error) {
	switch name {
	case "search":
		return b.find(ctx, in.Query)
	case "page":
		return b.find(ctx, in.Query, rampforge.PassagePage)
	case "work_item":
		found, err := b.find(ctx, in.Key, rampforge.PassageWorkItem, rampforge.PassagePullRequest)
		return slices.DeleteFunc(found, func(p rampforge.Passage) bool {
			first, _, _ := strings.Cut(p.Title, " ")
			return first != strings.TrimSpace(in.Key)
		}), err
	case "symbol":
		return b.symbol(ctx, in.Name), nil
	case "history":
		return b.history(ctx, in.Path), nil
	case "read_file":
		return b.lines(ctx, in)
	}
	return nil, nil
}

func (b *toolbox) find(ctx context.Context, query string, kinds ...rampforge.PassageKind) ([]rampforge.Passage, error) {
	found, err := search.Ask(ctx, b.Store, b.question.Viewer, b.question.Project.ID, search.Question{Text: query, Kinds: kinds, Meaning: b.Meaning})
	var out []rampforge.Passage
	for _, hit := range found.Hits[:min(len(found.Hits), perCall)] {
		out = append(out, hit.Passage)
	}
	return out, err
}

func (b *toolbox) symbol(ctx context.Context, name string) []rampforge.Passage {
	if b.code == nil {
		return nil
	}
	v, err := b.code.Index.Impact(codeindex.ImpactQuery{Symbol: name})
	if candidates := candidatesOf(err); len(candidates) > 0 {
		v, err = b.code.Index.Impact(codeindex.ImpactQuery{Symbol: b.likeliest(candidates)})
	}
	if err != nil {
		return nil // there is none of this name
	}
	var out []rampforge.Passage
	if p, ok := b.passageAt(ctx, v.Path, v.Symbol.Line); ok {
		out = append(out, p)
	}
	for i := range v.Dependents[:min(len(v.Dependents), perCall-1)] {
		line := 1
		if s := v.Dependents[i].Symbol; s != nil {
			line = s.Line
		}
		if p, ok := b.passageAt(ctx, v.Dependents[i].Path, line); ok {
			out = append(out, p)
		}
	}
	return out
}

func (b *toolbox) history(ctx context.Context, path string) []rampforge.Passage {
	if b.code == nil {
		return nil
	}
	v, err := b.code.Index.Impact(codeindex.ImpactQuery{Path: path})
	if err != nil {
		return nil // there is no such file
	}
	var out []rampforge.Passage
	for _, r := range v.Commits[:min(len(v.Commits), perCall)] {
		if p, ok := b.passageOf(ctx, rampforge.PassageCommit, r.Hash); ok {
			out = append(out, p)
		}
	}
	return out
}

// maxRead is how many lines one call reads.
const maxRead = 200

// lines reads a file that the analysis knows: what was indexed of it, or where
// the repository is on this machine the lines themselves.
func (b *toolbox) lines(ctx context.Context, in toolArguments) ([]rampforge.Passage, error) {
	if b.code == nil || b.repository == nil || !slices.ContainsFunc(b.code.Index.Files, func(f codeindex.File) bool { return f.Path == in.Path }) {
		return nil, nil
	}
	first := max(in.StartLine, 1)
	last := min(max(in.EndLine, first), first+maxRead)
	if b.Files == nil {
		p, ok := b.passageAt(ctx, in.Path, first)
		if !ok {
			return nil, nil
		}
		return []rampforge.Passage{p}, nil
	}
	commit := b.code.Index.Commit
	content, err := b.Files.File(ctx, *b.repository, commit, in.Path)
	if err != nil {
		return nil, err
	}
	all := strings.Split(strings.ToValidUTF8(string(content), "\uFFFD"), "\n")
	if first > len(all) {
		return nil, nil
	}
	last = min(last, len(all))
	return []rampforge.Passage{{
		Kind: rampforge.PassageCode, Key: in.Path, Title: fmt.Sprintf("%s, lines %d–%d", in.Path, first, last), Path: in.Path, StartLine: first, EndLine: last, Commit: commit, Text: strings.Join(all[first-1:last], "\n"),
	}}, nil
}
