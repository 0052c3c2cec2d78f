package client

import (
	"context"
	"maps"
	"time"

	"github.com/rampforgeai/rampforge"
)

// SearchHit is a passage that a search found.
type SearchHit struct {
	Kind       rampforge.PassageKind `json:"kind"`
	Title      string                `json:"title"`
	Path       string                `json:"path"`
	Symbol     string                `json:"symbol"`
	StartLine  *int                  `json:"start_line"`
	EndLine    *int                  `json:"end_line"`
	Paths      []string              `json:"paths"`
	Commit     string                `json:"commit"`
	URL        string                `json:"url"`
	At         *time.Time            `json:"at"`
	Score      float64               `json:"score"`
	Snippet    string                `json:"snippet"`
	SnippetAt  *int                  `json:"snippet_line"`
	Highlights []struct {
		Start int `json:"start"`
		End   int `json:"end"`
	} `json:"highlights"`
}

// SearchResults is a page of what a search found, and what it went through.
type SearchResults struct {
	Results []SearchHit `json:"results"`
	Page
	Indexed []struct {
		RepositoryID string     `json:"repository_id"`
		ServiceID    string     `json:"service_id"`
		ResourceID   string     `json:"resource_id"`
		Commit       string     `json:"commit"`
		Passages     int64      `json:"passages"`
		Status       string     `json:"status"`
		Message      string     `json:"message"`
		IndexedAt    *time.Time `json:"indexed_at"`
	} `json:"indexed"`
}

// Search finds what of a project speaks of something. The query may also have
// kind, limit and offset.
func (c *Client) Search(ctx context.Context, projectID, question string, q Query) (SearchResults, error) {
	all := Query{"q": question}
	maps.Copy(all, q)
	return get[SearchResults](ctx, c, all.on(projectPath(projectID)+"/search"))
}
