package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex/diagram"
	"github.com/rampforgeai/rampforge/internal/store"
)

const oneRepository = "/api/v1/repositories/{id}"

func (a *API) registerCodeQuestions() {
	errs := []int{http.StatusNotFound, http.StatusUnprocessableEntity}
	handle(a, route{id: "get-impact", method: http.MethodGet, path: oneRepository + "/impact", tag: tagAnalyses, policy: observers,
		summary: "What a change of a file, a folder or a symbol may touch", description: impactDescription, errors: errs}, a.impact)
	handle(a, route{id: "get-code-graph", method: http.MethodGet, path: oneRepository + "/graph", tag: tagAnalyses, policy: observers,
		summary: "A part of the graph of components, files or symbols", description: graphDescription, errors: errs}, a.graph)
	handle(a, route{id: "get-code-files", method: http.MethodGet, path: oneRepository + "/files", tag: tagAnalyses, policy: observers,
		summary: "What is known of a file, or what a folder holds", description: newestDescription, errors: errs}, a.codeFiles)
	handle(a, route{id: "compare-analyses", method: http.MethodGet, path: oneRepository + "/compare", tag: tagAnalyses, policy: observers,
		summary: "What changed between two analyses", description: compareDescription, errors: errs}, a.compare)
	handle(a, route{id: "simulate-offboarding", method: http.MethodPost, path: oneRepository + "/simulate/offboarding", tag: tagAnalyses, policy: teamLeads,
		summary: "What nobody knows any more when people leave", description: offboardingDescription, errors: errs}, a.offboarding)
	for path, of := range map[string]reflect.Type{"/impact": reflect.TypeFor[impactDocument](), "/files": reflect.TypeFor[filesDocument](), "/compare": reflect.TypeFor[compareDocument]()} {
		a.answers(oneRepository+path, jsonType, of, "The answer")
	}
	text := &huma.Schema{Type: huma.TypeString}
	a.huma.OpenAPI().Paths[oneRepository+"/graph"].Get.Responses["200"] = &huma.Response{Description: "As the format says", Content: map[string]*huma.MediaType{
		jsonType:           {Schema: a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[graphDocument](), true, "")},
		"text/vnd.mermaid": {Schema: text},
		graphvizType:       {Schema: text},
		"image/svg+xml":    {Schema: text},
	}}
}

const (
	graphvizType = "text/vnd.graphviz"

	newestDescription = "Of the newest completed analysis, whose id and commit the answer names. The ETag is strong. " +
		"404 with the reason no_code_index where that analysis keeps nothing to answer from: analyse again with force_refresh."
	impactDescription = "Dependents, nearest first, with the confidence of the surest way; the tests to run; whom to ask, by name and without numbers: who made a commit in the last year, " +
		"and apart from them who knew it and left; what changed with it before. A folder is answered as its files together. Name a path or a symbol: PATH#NAME, PATH#NAME:LINE for one of several in a file, Type.method, or a name that only one has. " + newestDescription
	graphDescription   = "Around a component's name, a file, a folder or PATH#NAME, or the best connected of all. As JSON, Mermaid, DOT or SVG. " + newestDescription
	compareDescription = "Each is the id of an analysis or the beginning of a commit. Without to it is the newest analysis; without from the newest one of " +
		"another commit before that. Files and functions are compared where both keep their index, which the newest ten of a repository do. The ETag is strong."
	offboardingDescription = "Speaks of areas and files at risk for the whole set of one or several people. Who made no commit in the last year has left already: nobody counts on them. Each call is in the audit log. " +
		"People are named as the history names them; whoever does not want to be named is not known here. " + newestDescription
)

// ofIndex is a page as the code index takes it.
func (p Page) ofIndex() codeindex.Page { return codeindex.Page{Limit: p.Limit, Offset: p.Offset} }

type impactInput struct {
	ByID
	Page
	IfNoneMatch string `header:"If-None-Match"`
	Path        string `query:"path" maxLength:"4096" doc:"A file or a folder of the repository"`
	Symbol      string `query:"symbol" maxLength:"4096" doc:"PATH#NAME, PATH#NAME:LINE, Type.method, or a name"`
	Depth       int    `query:"depth" default:"5" minimum:"1" maximum:"20" doc:"How many steps to follow"`
}

type impactDocument struct {
	AnalysisID string `json:"analysis_id"`
	codeindex.Impact
}

func (a *API) impact(ctx context.Context, in *impactInput) (*streamAnswer, error) {
	ix, run, err := a.newestIndex(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if (in.Path == "") == (in.Symbol == "") {
		return nil, rampforge.Invalid(rampforge.FieldIssue{Field: "query.path", Issue: "name either a path or a symbol"})
	}
	found, err := ix.Impact(codeindex.ImpactQuery{Path: in.Path, Symbol: in.Symbol, Depth: in.Depth, Page: in.ofIndex()})
	if err != nil {
		return nil, err
	}
	names, err := a.unnamed(ctx)
	if err != nil {
		return nil, err
	}
	found.People, found.Left = names.without(found.People), names.withoutFormer(found.Left)
	return tagged(impactDocument{run.ID, *found}, in.IfNoneMatch)
}

type graphInput struct {
	ByID
	IfNoneMatch string `header:"If-None-Match"`
	Level       string `query:"level" default:"component" enum:"component,file,symbol"`
	Around      string `query:"around" maxLength:"4096" doc:"A component's name, the path of a file or folder, or PATH#NAME"`
	Depth       int    `query:"depth" default:"1" minimum:"1" maximum:"5" doc:"Steps from there, in both directions"`
	Limit       int    `query:"limit" default:"50" minimum:"1" maximum:"200" doc:"How many nodes at most"`
	Format      string `query:"format" default:"json" enum:"json,mermaid,dot,svg"`
}

type graphDocument struct {
	AnalysisID string `json:"analysis_id"`
	codeindex.Graph
}

func (a *API) graph(ctx context.Context, in *graphInput) (*streamAnswer, error) {
	ix, run, err := a.newestIndex(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	g, err := ix.Graph(codeindex.GraphQuery{Level: in.Level, Around: in.Around, Depth: in.Depth, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	switch in.Format {
	case "mermaid":
		return taggedText([]byte(diagram.Mermaid(g)), mermaidType, in.IfNoneMatch), nil
	case "dot":
		return taggedText([]byte(diagram.DOT(g)), graphvizType, in.IfNoneMatch), nil
	case "svg":
		return taggedText([]byte(diagram.SVG(g)), "image/svg+xml", in.IfNoneMatch), nil
	}
	return tagged(graphDocument{run.ID, *g}, in.IfNoneMatch)
}

type filesInput struct {
	ByID
	Page
	IfNoneMatch string `header:"If-None-Match"`
	Path        string `query:"path" maxLength:"4096" doc:"A file or a folder. Default: the root"`
}

type filesDocument struct {
	AnalysisID string `json:"analysis_id"`
	codeindex.FileAnswer
}

func (a *API) codeFiles(ctx context.Context, in *filesInput) (*streamAnswer, error) {
	ix, run, err := a.newestIndex(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	found, err := ix.Browse(in.Path, in.ofIndex())
	if err != nil {
		return nil, err
	}
	names, err := a.unnamed(ctx)
	if err != nil {
		return nil, err
	}
	if f := found.File; f != nil {
		f.Owners, f.Authors, f.Left = names.without(f.Owners), names.without(f.Authors), names.withoutFormer(f.Left)
	}
	if f := found.Folder; f != nil {
		f.Owners, f.Left = names.without(f.Owners), names.withoutFormer(f.Left)
	}
	return tagged(filesDocument{run.ID, *found}, in.IfNoneMatch)
}

type compareInput struct {
	ByID
	IfNoneMatch string `header:"If-None-Match"`
	From        string `query:"from" maxLength:"64" pattern:"^([0-9a-z_]{4,64})?$" doc:"An analysis, or the beginning of a commit"`
	To          string `query:"to" maxLength:"64" pattern:"^([0-9a-z_]{4,64})?$" doc:"An analysis, or the beginning of a commit"`
}

type compareDocument struct {
	FromAnalysisID string `json:"from_analysis_id"`
	ToAnalysisID   string `json:"to_analysis_id"`
	codeindex.Comparison
}

func (a *API) compare(ctx context.Context, in *compareInput) (*streamAnswer, error) {
	viewer := requestOf(ctx).viewer()
	if _, err := a.options.Store.Repository(ctx, viewer, in.ID); err != nil {
		return nil, err
	}
	from, to, err := a.compared(ctx, viewer, in)
	if err != nil {
		return nil, err
	}
	before, err := a.version(ctx, from)
	if err != nil {
		return nil, err
	}
	after, err := a.version(ctx, to)
	if err != nil {
		return nil, err
	}
	return tagged(compareDocument{from.Analysis.ID, to.Analysis.ID, *codeindex.Compare(before, after)}, in.IfNoneMatch)
}

// compared finds the two analyses that a comparison names or means.
func (a *API) compared(ctx context.Context, viewer store.Viewer, in *compareInput) (from, to store.Indexed, err error) {
	if in.To == "" {
		to, err = a.options.Store.NewestIndexed(ctx, viewer, in.ID)
	} else {
		to, err = a.options.Store.IndexedNamed(ctx, viewer, in.ID, in.To)
	}
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return from, to, rampforge.Errorf(rampforge.CodeNotFound, "There is no completed analysis of this repository that to names.")
	}
	if err != nil {
		return from, to, err
	}
	if in.From == "" {
		from, err = a.options.Store.IndexedBefore(ctx, viewer, to.Analysis)
	} else {
		from, err = a.options.Store.IndexedNamed(ctx, viewer, in.ID, in.From)
	}
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		err = rampforge.Errorf(rampforge.CodeNotFound, "There is no completed analysis of this repository to compare with: from names none, or there is no earlier one of another commit.")
	}
	return from, to, err
}

type offboardingInput struct {
	ByID
	Page
	Body struct {
		People []string `json:"people" minItems:"1" maxItems:"50" doc:"Names, as the report has them"`
	}
}

type offboardingAnswer struct{ Body offboardingDocument }

type offboardingDocument struct {
	AnalysisID string `json:"analysis_id"`
	codeindex.Offboarding
}

func (a *API) offboarding(ctx context.Context, in *offboardingInput) (*offboardingAnswer, error) {
	for _, name := range in.Body.People {
		if len(name) > 300 || strings.TrimSpace(name) == "" {
			return nil, rampforge.Invalid(rampforge.FieldIssue{Field: "people", Issue: "must be names, each of at most 300 bytes"})
		}
	}
	ix, run, err := a.newestIndex(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.note(ctx, "offboarding.simulated", in.ID); err != nil {
		return nil, err
	}
	names, err := a.unnamed(ctx)
	if err != nil {
		return nil, err
	}
	requestOf(ctx).header.Set("Cache-Control", "private, no-store")
	found := ix.Simulate(names.without(in.Body.People), in.ofIndex())
	for _, name := range in.Body.People {
		if names.has(name) {
			found.Unknown = append(found.Unknown, name)
		}
	}
	slices.SortFunc(found.Unknown, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	for i := range found.Areas {
		found.Areas[i].Remaining = names.without(found.Areas[i].Remaining)
	}
	return &offboardingAnswer{offboardingDocument{run.ID, *found}}, nil
}
