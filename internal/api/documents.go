package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/documents"
	"github.com/rampforgeai/rampforge/internal/store"
)

const (
	documentsPath = oneProject + "/documents"
	oneDocument   = documentsPath + "/{kind}"
	documentRun   = documentsPath + "/runs/{run_id}"
	zipType       = "application/zip"
)

func (a *API) registerDocuments() {
	handle(a, route{id: "make-documents", method: http.MethodPost, path: documentsPath, tag: tagAsk, policy: developers, status: http.StatusAccepted,
		summary: "Make documents of a project", description: documentsDescription, errors: []int{http.StatusNotFound, http.StatusConflict}}, a.makeDocuments)
	handle(a, route{id: "list-documents", method: http.MethodGet, path: documentsPath, tag: tagAsk, policy: observers,
		summary: "The documents of a project, and the run that was started last", errors: notThere}, a.documents)
	handle(a, route{id: "get-document-run", method: http.MethodGet, path: documentRun, tag: tagAsk, policy: observers,
		summary: "How a run of documents stands, and what it changed", errors: notThere}, a.documentRun)
	handle(a, route{id: "cancel-document-run", method: http.MethodPost, path: documentRun + "/cancel", tag: tagAsk, policy: developers,
		summary: "End a run of documents", description: "A queued one ends at once, a running one within seconds; the documents that it made stay. One that has ended stays as it is.", errors: notThere}, a.cancelDocuments)
	handle(a, route{id: "get-document", method: http.MethodGet, path: oneDocument, tag: tagAsk, policy: observers,
		summary: "A document with its sections and their sources", description: documentDescription, errors: notThere}, a.generatedDocument)
	handle(a, route{id: "export-documents", method: http.MethodGet, path: documentsPath + "/export", tag: tagAsk, policy: observers,
		summary: "All documents of a project as a ZIP of Markdown files, with an index", description: "The same documents give the same bytes.", errors: notThere}, a.exportDocuments)
	handle(a, route{id: "delete-document", method: http.MethodDelete, path: oneDocument, tag: tagAsk, policy: developers, status: http.StatusNoContent,
		summary: "Remove a document", description: "It is made anew when it is asked for.", errors: notThere}, a.deleteDocument)
	registry := a.huma.OpenAPI().Components.Schemas
	a.huma.OpenAPI().Paths[oneDocument].Get.Responses["200"] = &huma.Response{Description: "The document", Content: map[string]*huma.MediaType{
		jsonType:     {Schema: registry.Schema(reflect.TypeFor[rampforge.GeneratedDocument](), true, "")},
		markdownType: {Schema: &huma.Schema{Type: huma.TypeString}},
	}}
	a.huma.OpenAPI().Paths[documentsPath+"/export"].Get.Responses["200"] = &huma.Response{Description: "The ZIP", Content: map[string]*huma.MediaType{
		zipType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
}

const (
	documentsDescription = "Makes a README, an overview of the architecture, a set-up guide, a reference of the interfaces, troubleshooting and a glossary of the newest analysis and the records of the project, " +
		"pages that not everybody may read apart. Answers 202 and the run, which is the one under way when there is one; with `Prefer: wait=N` the answer waits for the end, at most N seconds, and is 200 when it came. " +
		"Only sections whose sources changed are made again, unless force is set; changed tells which."
	documentDescription = "Each claim names its source as [n], the n of a citation of its section; what no source says is left out, and not_found tells what that is. " +
		"With `Accept: text/markdown` the document is Markdown with its sources at the end. stale says that a newer analysis or newer records are there."
)

type documentsInput struct {
	ByID
	Prefer []string `header:"Prefer" doc:"wait=N: wait at most N seconds, up to 60, for the end"`
	Body   struct {
		Kinds []rampforge.DocumentKind `json:"kinds" required:"false" maxItems:"20" enum:"readme,architecture,api_reference,setup,troubleshooting,glossary" doc:"Default: all"`
		Force *bool                    `json:"force" required:"false" doc:"Make sections again whose sources did not change"`
	}
}

type documentsStarted struct {
	Status            int
	PreferenceApplied string `header:"Preference-Applied"`
	Body              rampforge.DocumentRun
}

func (a *API) makeDocuments(ctx context.Context, in *documentsInput) (*documentsStarted, error) {
	req := requestOf(ctx)
	p, err := a.options.Store.Project(ctx, req.viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	if p.RepositoryID == nil {
		return nil, rampforge.Errorf(rampforge.CodeConflict, "This project has no repository: set repository_url first.")
	}
	if _, err := a.options.Store.NewestIndexed(ctx, req.viewer(), *p.RepositoryID); rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return nil, a.noReport(ctx, req.viewer(), *p.RepositoryID)
	} else if err != nil {
		return nil, err
	}
	if err := a.limits.take(ctx, "analyze:"+req.identity.User.ID, a.options.Rates.Analyze); err != nil {
		return nil, err
	}
	run, started, err := a.options.Store.StartDocuments(ctx, rampforge.DocumentRun{
		ID: store.NewID("docs"), ProjectID: p.ID, Kinds: in.kinds(), Force: value(in.Body.Force), RequestedBy: req.identity.User.ID, CreatedAt: a.options.Now().UTC(),
	}, *p.RepositoryID, a.options.EnqueueDocuments)
	if err != nil {
		return nil, err
	}
	if started {
		a.record(ctx, "project.documents", p.ID, true, map[string]any{"run_id": run.ID})
	}
	out := &documentsStarted{Status: http.StatusAccepted, Body: run}
	if wait := preferredWait(in.Prefer); wait > 0 {
		out.PreferenceApplied = "wait=" + strconv.Itoa(int(wait.Seconds()))
		viewer := requestOf(ctx).viewer()
		out.Body, err = waitFor(ctx, a, run.ID, wait, func() (rampforge.DocumentRun, bool, error) {
			now, err := a.options.Store.DocumentRun(ctx, viewer, run.ProjectID, run.ID)
			return now, now.Status.Finished(), err
		})
		if err != nil {
			return nil, err
		}
	}
	if out.Body.Status.Finished() {
		out.Status = http.StatusOK
	}
	return out, nil
}

// kinds are those that are asked for, each once, in the order of reading.
func (in *documentsInput) kinds() []rampforge.DocumentKind {
	if len(in.Body.Kinds) == 0 {
		return rampforge.DocumentKinds
	}
	return slices.DeleteFunc(slices.Clone(rampforge.DocumentKinds), func(k rampforge.DocumentKind) bool { return !slices.Contains(in.Body.Kinds, k) })
}

// documentListed is a document in a list.
type documentListed struct {
	Kind        rampforge.DocumentKind `json:"kind"`
	State       string                 `json:"state" enum:"made,being_made,not_made" doc:"being_made may be there already, as it was"`
	Title       string                 `json:"title"`
	Commit      string                 `json:"commit" doc:"That it was made of"`
	Stale       bool                   `json:"stale" doc:"A newer analysis or newer records are there"`
	Changed     []string               `json:"changed" doc:"Keys of the sections that the newest generation changed, added or took out"`
	NotFound    []string               `json:"not_found"`
	GeneratedAt *time.Time             `json:"generated_at" doc:"null for one that was not made"`
}

type documentsAnswer struct {
	Body struct {
		Documents []documentListed       `json:"documents"`
		Run       *rampforge.DocumentRun `json:"run" doc:"That was started last; null for none"`
	}
}

func (a *API) documents(ctx context.Context, in *ByID) (*documentsAnswer, error) {
	viewer := requestOf(ctx).viewer()
	if _, err := a.options.Store.Project(ctx, viewer, in.ID); err != nil {
		return nil, err
	}
	list, err := a.options.Store.Documents(ctx, viewer, in.ID)
	if err != nil {
		return nil, err
	}
	out := &documentsAnswer{}
	run, err := a.options.Store.NewestDocumentRun(ctx, viewer, in.ID)
	switch {
	case err == nil:
		out.Body.Run = &run
	case rampforge.ErrorCode(err) != rampforge.CodeNotFound:
		return nil, err
	}
	for _, k := range rampforge.DocumentKinds {
		shown := documentListed{Kind: k, State: "not_made", Changed: []string{}, NotFound: []string{}}
		if i := slices.IndexFunc(list, func(d rampforge.GeneratedDocument) bool { return d.Kind == k }); i >= 0 {
			d := &list[i]
			shown = documentListed{Kind: k, State: "made", Title: d.Title, Commit: d.Commit, Stale: d.Stale, Changed: d.Changed, NotFound: d.NotFound, GeneratedAt: &d.GeneratedAt}
		}
		if out.Body.Run != nil && beingMade(&run, k) {
			shown.State = "being_made"
		}
		out.Body.Documents = append(out.Body.Documents, shown)
	}
	return out, nil
}

// beingMade reports whether a run is still to make a document.
func beingMade(run *rampforge.DocumentRun, k rampforge.DocumentKind) bool {
	return !run.Status.Finished() && slices.Contains(run.Kinds, k) && !slices.ContainsFunc(run.Changed, func(c rampforge.DocumentChange) bool { return c.Kind == k })
}

// ByDocumentRun names a run of documents.
type ByDocumentRun struct {
	ByID
	RunID string `path:"run_id" maxLength:"100"`
}

type documentRunAnswer struct{ Body rampforge.DocumentRun }

func (a *API) documentRun(ctx context.Context, in *ByDocumentRun) (*documentRunAnswer, error) {
	run, err := a.options.Store.DocumentRun(ctx, requestOf(ctx).viewer(), in.ID, in.RunID)
	return &documentRunAnswer{run}, err
}

func (a *API) cancelDocuments(ctx context.Context, in *ByDocumentRun) (*documentRunAnswer, error) {
	if _, err := a.options.Store.DocumentRun(ctx, requestOf(ctx).viewer(), in.ID, in.RunID); err != nil {
		return nil, err
	}
	run, err := a.options.Store.CancelDocuments(ctx, in.RunID, a.options.Now().UTC())
	return &documentRunAnswer{run}, err
}

// ByDocument names a document.
type ByDocument struct {
	ByID
	Kind string `path:"kind" maxLength:"40" doc:"readme, architecture, setup, api_reference, troubleshooting or glossary"`
}

type documentInput struct {
	ByDocument
	Accept      string `header:"Accept" doc:"text/markdown for Markdown"`
	IfNoneMatch string `header:"If-None-Match"`
}

func (a *API) generatedDocument(ctx context.Context, in *documentInput) (*streamAnswer, error) {
	d, err := a.seen(ctx, in.ID, in.Kind)
	if err != nil {
		return nil, err
	}
	kind, text := jsonType, []byte(nil)
	if strings.Contains(in.Accept, markdownType) {
		kind, text = markdownType+"; charset=utf-8", []byte(documents.Markdown(&d))
	} else if text, err = json.Marshal(d); err != nil {
		return nil, fmt.Errorf("writing a document: %w", err)
	}
	return taggedBytes(kind, text, in.IfNoneMatch, ""), nil
}

// seen reads a document that the caller may see.
func (a *API) seen(ctx context.Context, projectID, kind string) (rampforge.GeneratedDocument, error) {
	viewer := requestOf(ctx).viewer()
	if _, err := a.options.Store.Project(ctx, viewer, projectID); err != nil {
		return rampforge.GeneratedDocument{}, err
	}
	if !slices.Contains(rampforge.DocumentKinds, rampforge.DocumentKind(kind)) {
		return rampforge.GeneratedDocument{}, rampforge.Errorf(rampforge.CodeNotFound, "No document is of this kind: ask for readme, architecture, setup, api_reference, troubleshooting or glossary.")
	}
	return a.options.Store.Document(ctx, viewer, projectID, rampforge.DocumentKind(kind))
}

// taggedBytes answers with bytes that have an ETag of their own, or that they are the
// same as before.
func taggedBytes(kind string, content []byte, ifNoneMatch, fileName string) *streamAnswer {
	sum := sha256.Sum256(content)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	return &streamAnswer{func(c huma.Context) {
		_, w := humago.Unwrap(c)
		h := w.Header()
		h.Set("ETag", tag)
		h.Set("Vary", "Accept")
		h.Set("Cache-Control", "private, no-cache")
		if matches(ifNoneMatch, tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", kind)
		if fileName != "" {
			h.Set("Content-Disposition", `attachment; filename="`+fileName+`"`)
		}
		_, _ = w.Write(content) // or the client went away
	}}
}

type documentsExport struct {
	ByID
	IfNoneMatch string `header:"If-None-Match"`
}

func (a *API) exportDocuments(ctx context.Context, in *documentsExport) (*streamAnswer, error) {
	viewer := requestOf(ctx).viewer()
	p, err := a.options.Store.Project(ctx, viewer, in.ID)
	if err != nil {
		return nil, err
	}
	list, err := a.options.Store.Documents(ctx, viewer, p.ID)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, rampforge.Errorf(rampforge.CodeNotFound, "This project has no documents yet: make them first.")
	}
	for i := range list {
		if list[i], err = a.options.Store.Document(ctx, viewer, p.ID, list[i].Kind); err != nil {
			return nil, err
		}
	}
	bundle, err := documents.Bundle(p.Name, list)
	if err != nil {
		return nil, err
	}
	return taggedBytes(zipType, bundle, in.IfNoneMatch, "documents.zip"), nil
}

func (a *API) deleteDocument(ctx context.Context, in *ByDocument) (*nothing, error) {
	d, err := a.seen(ctx, in.ID, in.Kind)
	if err != nil {
		return nil, err
	}
	return &nothing{}, a.options.Store.DeleteDocument(ctx, in.ID, d.Kind)
}
