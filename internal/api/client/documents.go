package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/rampforgeai/rampforge"
)

// DocumentsRequest is what documents are asked for with.
type DocumentsRequest struct {
	Kinds []rampforge.DocumentKind `json:"kinds,omitempty"`
	Force bool                     `json:"force,omitempty"`
}

// DocumentListed is a document in a list.
type DocumentListed struct {
	Kind        rampforge.DocumentKind `json:"kind"`
	State       string                 `json:"state"`
	Title       string                 `json:"title"`
	Commit      string                 `json:"commit"`
	Stale       bool                   `json:"stale"`
	Changed     []string               `json:"changed"`
	NotFound    []string               `json:"not_found"`
	GeneratedAt *time.Time             `json:"generated_at"`
}

// DocumentList is the documents of a project, and the run that was started last.
type DocumentList struct {
	Documents []DocumentListed       `json:"documents"`
	Run       *rampforge.DocumentRun `json:"run"`
}

// MakeDocuments asks for documents of a project, or finds the run under way, and
// waits for its end for as long as wait.
func (c *Client) MakeDocuments(ctx context.Context, projectID string, r DocumentsRequest, wait time.Duration) (rampforge.DocumentRun, error) {
	var headers []string
	if wait > 0 {
		headers = []string{"Prefer", fmt.Sprintf("wait=%d", int(wait.Seconds()))}
	}
	return send[rampforge.DocumentRun](ctx, c, http.MethodPost, projectPath(projectID)+"/documents", r, headers...)
}

// Documents lists the documents of a project.
func (c *Client) Documents(ctx context.Context, projectID string) (DocumentList, error) {
	return get[DocumentList](ctx, c, projectPath(projectID)+"/documents")
}

// Document reads a document of a project.
func (c *Client) Document(ctx context.Context, projectID string, kind rampforge.DocumentKind) (rampforge.GeneratedDocument, error) {
	return get[rampforge.GeneratedDocument](ctx, c, projectPath(projectID)+"/documents/"+url.PathEscape(string(kind)))
}

// CancelDocuments asks for the end of a run of documents.
func (c *Client) CancelDocuments(ctx context.Context, projectID, runID string) (rampforge.DocumentRun, error) {
	return send[rampforge.DocumentRun](ctx, c, http.MethodPost, projectPath(projectID)+"/documents/runs/"+url.PathEscape(runID)+"/cancel", nil)
}

// DeleteDocument removes a document of a project.
func (c *Client) DeleteDocument(ctx context.Context, projectID string, kind rampforge.DocumentKind) error {
	_, err := c.Call(ctx, http.MethodDelete, projectPath(projectID)+"/documents/"+url.PathEscape(string(kind)), nil, nil)
	return err
}
