package api

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/store"
)

func (a *API) registerSearch() {
	handle(a, route{id: "search-project", method: http.MethodGet, path: oneProject + "/search", tag: tagProjects, policy: observers,
		summary: "What of a project speaks of something", description: searchDescription, errors: notThere}, a.search)
}

const searchDescription = "Code by its symbols, files, sections of documents, commits, pull requests with their reviews, work items with their comments, pages of a wiki, approved knowledge items and what the " +
	"analysis says: the passages that have the rarest words of the question, best first. Names in code are found by their parts, and exact names first. Scores compare the hits of one answer only. " +
	"Where a model embeds passages, those that say the same in other words are found too; meaning says whether. Lines are those of the commit that is named. What is searched is as new as the newest analysis and the last sync; indexed says of which commit."

type searchInput struct {
	ByID
	Page
	Query string   `query:"q" required:"true" minLength:"1" maxLength:"4000" doc:"Words, names of code, or a whole question"`
	Kinds []string `query:"kind" enum:"code,file,document,commit,pull_request,work_item,page,knowledge,report" doc:"Only of these kinds, divided by commas"`
}

// Resolve refuses a question of spaces alone.
func (in *searchInput) Resolve(huma.Context) []error {
	var f faults
	if in.Query != "" && strings.TrimSpace(in.Query) == "" {
		f.addf("query.q", "must have a word")
	}
	return f.details()
}

// hitShown is a passage that was found.
type hitShown struct {
	Kind       rampforge.PassageKind `json:"kind"`
	Title      string                `json:"title"`
	Path       string                `json:"path"`
	Symbol     string                `json:"symbol"`
	StartLine  *int                  `json:"start_line" doc:"Of the passage; null where it has no lines"`
	EndLine    *int                  `json:"end_line"`
	Paths      []string              `json:"paths" doc:"Of a commit what it changed, of a comment on code where it stands, of a report where it has it from"`
	Commit     string                `json:"commit" doc:"In which the lines stand; of a commit its own"`
	URL        string                `json:"url"`
	At         *time.Time            `json:"at" doc:"When it was written, where that is known"`
	Score      float64               `json:"score"`
	Snippet    string                `json:"snippet" doc:"The lines that say the most about the question"`
	SnippetAt  *int                  `json:"snippet_line" doc:"The first line of the snippet"`
	Highlights []highlight           `json:"highlights" doc:"What of the snippet the question names, in bytes"`
}

type highlight struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

type searchAnswer struct {
	Body struct {
		Results []hitShown `json:"results"`
		Paged
		Indexed []indexedShown `json:"indexed" doc:"What is searched"`
		Meaning meaningShown   `json:"meaning" doc:"Whether passages were looked for by meaning besides words, where a model embeds them"`
	}
}

// meaningShown says whether a search went by meaning.
type meaningShown struct {
	Used bool   `json:"used"`
	Note string `json:"note" doc:"Why it was not, although passages are embedded"`
}

// indexedShown is what a search goes through.
type indexedShown struct {
	RepositoryID string     `json:"repository_id"`
	ProjectID    string     `json:"project_id" doc:"Of knowledge items"`
	ServiceID    string     `json:"service_id"`
	ResourceID   string     `json:"resource_id"`
	Commit       string     `json:"commit"`
	Passages     int64      `json:"passages"`
	Status       string     `json:"status" enum:"current,queued,running,failed"`
	Message      string     `json:"message"`
	IndexedAt    *time.Time `json:"indexed_at"`
	Embedding    string     `json:"embedding" enum:"off,current,pending" doc:"Whether its passages are embedded, as far as they may be sent to a model"`
	EmbedNote    string     `json:"embedding_note" doc:"Why that waits"`
}

func (a *API) search(ctx context.Context, in *searchInput) (*searchAnswer, error) {
	viewer := requestOf(ctx).viewer()
	if _, err := a.options.Store.Project(ctx, viewer, in.ID); err != nil {
		return nil, err
	}
	kinds := make([]rampforge.PassageKind, len(in.Kinds))
	for i, kind := range in.Kinds {
		kinds[i] = rampforge.PassageKind(kind)
	}
	found, err := search.Ask(ctx, a.options.Store, viewer, in.ID, search.Question{Text: in.Query, Kinds: slices.Compact(slices.Sorted(slices.Values(kinds))), Meaning: a.options.Meaning})
	if err != nil {
		return nil, err
	}
	scopes, err := a.options.Store.ProjectScopes(ctx, viewer, in.ID)
	if err != nil {
		return nil, err
	}
	out := &searchAnswer{}
	hits := found.Hits[min(in.Offset, len(found.Hits)):min(in.Offset+in.Limit, len(found.Hits))]
	out.Body.Paged = in.of(len(found.Hits), len(hits))
	out.Body.Results = []hitShown{}
	for _, hit := range hits {
		out.Body.Results = append(out.Body.Results, shownHit(&hit, &found))
	}
	out.Body.Meaning = meaningShown{found.Meaning.Used, found.Meaning.Note}
	out.Body.Indexed = []indexedShown{}
	for _, c := range scopes {
		out.Body.Indexed = append(out.Body.Indexed, indexedOf(&c))
	}
	return out, nil
}

func indexedOf(c *store.SearchScope) indexedShown {
	shown := indexedShown{
		RepositoryID: c.RepositoryID, ProjectID: c.ProjectID, ServiceID: c.ServiceID, ResourceID: c.ResourceID, Commit: c.Commit, Passages: c.Passages,
		Status: string(c.Status), Message: c.Message, IndexedAt: c.IndexedAt, Embedding: "current", EmbedNote: c.EmbedNote,
	}
	switch {
	case c.EmbedSpace == 0:
		shown.Embedding = "off"
	case c.EmbedAt != nil || c.Wanted > c.Done:
		shown.Embedding = "pending"
	}
	return shown
}

func shownHit(hit *search.Hit, found *search.Found) hitShown {
	snippet := search.SnippetOf(hit, found)
	shown := hitShown{
		Kind: hit.Kind, Title: hit.Title, Path: hit.Path, Symbol: hit.Symbol, Commit: hit.Commit, URL: hit.URL, At: hit.At,
		Paths: append([]string{}, hit.Paths...), Score: math.Round(hit.Score*1000) / 1000, Snippet: snippet.Text, Highlights: []highlight{},
	}
	if hit.StartLine > 0 {
		shown.StartLine, shown.EndLine, shown.SnippetAt = &hit.StartLine, &hit.EndLine, &snippet.StartLine
	}
	for _, h := range snippet.Highlights {
		shown.Highlights = append(shown.Highlights, highlight{h[0], h[1]})
	}
	return shown
}
