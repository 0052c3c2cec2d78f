package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest/exchange"
	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

const (
	importPath = oneProject + "/import"
	// importDrain bounds what is read of a file whose fault is known already: a
	// client that still sends reads no answer.
	importDrain = 64 << 20
	// defaultImport is the largest file unless Options say otherwise.
	defaultImport = 1 << 30
	maxImportName = 200
)

func (a *API) registerImports() {
	handle(a, route{id: "import-work", method: http.MethodPost, path: importPath, tag: tagProjects, policy: developers, status: http.StatusCreated,
		summary: "Bring an event log or work items into a project", description: importDescription,
		errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}}, a.importFile)
	handle(a, route{id: "list-project-imports", method: http.MethodGet, path: oneProject + "/imports", tag: tagProjects, policy: observers,
		summary: "What was brought into a project as files", description: "The newest first. One that is not bound was taken out of the project's sources: its cases count nowhere until it is put back or deleted.", errors: notThere}, a.imports)
	handle(a, route{id: "delete-project-import", method: http.MethodDelete, path: oneProject + "/imports/{import_id}", tag: tagProjects, policy: developers, status: http.StatusNoContent,
		summary: "Take what was brought in as a file out of a project", errors: notThere}, a.deleteImport)

	file := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	form := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}}, Required: []string{"file"}}}
	operation := a.huma.OpenAPI().Paths[importPath].Post
	operation.RequestBody = &huma.RequestBody{Required: true, Description: "The file, as it is or packed by gzip", Content: map[string]*huma.MediaType{
		"application/xml": file, "text/csv": file, "application/x-ndjson": file, "application/gzip": file, "application/octet-stream": file, "multipart/form-data": form,
	}}
	created := *operation.Responses["201"]
	created.Description = "It took the place of an import of the same name"
	operation.Responses["200"] = &created
}

const importDescription = "An event log of any tracker as XES (IEEE 1849-2016) or CSV, or work items with their histories as JSONL, as it is or packed by gzip. " +
	"It becomes a source of the project, in place of an import of the same name. Nothing of a file with faults is kept, and the answer lists their places, " +
	"unless on_error is skip: then what is faulty is left out and listed. docs/workflow.md says what is read."

type importInput struct {
	ByID
	Format          string `query:"format" enum:"xes,csv,jsonl" doc:"What the file is; found by its type, its name or its first bytes when left out"`
	Name            string `query:"name" maxLength:"200" doc:"What the import is called: one of the same name is replaced. The file's name when left out"`
	Case            string `query:"case" maxLength:"200" doc:"The column, or of XES the attribute of a trace, that names the case"`
	Activity        string `query:"activity" maxLength:"200" doc:"The column or attribute that names the activity"`
	Timestamp       string `query:"timestamp" maxLength:"200" doc:"The column or attribute that says when"`
	Resource        string `query:"resource" maxLength:"200" doc:"The column or attribute that says who"`
	Lifecycle       string `query:"lifecycle" maxLength:"200" doc:"The column or attribute that says how far the activity was"`
	TimestampFormat string `query:"timestamp_format" maxLength:"100" doc:"How times are written: iso, unix, unix_ms, or as strptime has it, such as %d/%m/%Y %H:%M. Found out when left out" example:"%d/%m/%Y %H:%M"`
	Zone            string `query:"zone" maxLength:"100" doc:"The IANA zone of times that name none; UTC when left out" example:"Europe/Vienna"`
	Transitions     string `query:"transitions" enum:"all,complete" default:"all" doc:"complete leaves out events whose lifecycle is another"`
	OnError         string `query:"on_error" enum:"fail,skip" default:"fail" doc:"skip leaves out what is faulty"`

	request *http.Request
}

// Resolve implements huma.Resolver: what is kept are the bytes of the request.
// What is wrong with the parameters is told with what else is.
func (in *importInput) Resolve(c huma.Context) []error {
	in.request, _ = humago.Unwrap(c)
	var f faults
	if in.TimestampFormat != "" {
		if err := eventlog.CheckFormat(in.TimestampFormat); err != nil {
			f.addf("query.timestamp_format", "%s", err.Error())
		}
	}
	if _, err := time.LoadLocation(in.Zone); err != nil || in.Zone == "Local" {
		f.addf("query.zone", "must be an IANA name of a time zone, such as Europe/Vienna")
	}
	return f.details()
}

type importAnswer struct {
	Status int
	Body   rampforge.Import
}

func (a *API) importFile(ctx context.Context, in *importInput) (*importAnswer, error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	if in.request.ContentLength > a.options.ImportMaxBytes {
		return nil, eventlog.TooLarge(a.options.ImportMaxBytes)
	}
	ask := in.asked()
	ask.ProjectID, ask.By = p.ID, requestOf(ctx).identity.User.ID
	if err := a.takeBulk(ctx); err != nil {
		return nil, err
	}
	body, err := a.openImport(ctx, in, &ask)
	if err != nil {
		return nil, err
	}
	made, replaced, err := (&exchange.Importer{Store: a.options.Store, Now: a.options.Now, MaxBytes: a.options.ImportMaxBytes}).Import(ctx, ask, body)
	a.record(ctx, "project.imported", p.ID, err == nil, map[string]any{
		"import_id": made.ID, "name": ask.Name, "format": made.Format, "cases": made.Cases, "events": made.Events, "skipped": made.Skipped.Total, "replaced": replaced,
	})
	if err != nil {
		a.tidySoon()
		_, _ = io.CopyN(io.Discard, body, importDrain) // so that the client comes to read the answer
		if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
			err = eventlog.TooLarge(tooLarge.Limit)
		}
		return nil, err
	}
	out := &importAnswer{Status: http.StatusCreated, Body: made}
	if replaced {
		a.tidySoon()
		out.Status = http.StatusOK
	}
	return out, nil
}

// tidySoon removes what is left of an import that is gone, without waiting.
func (a *API) tidySoon() {
	if a.options.Tidy != nil {
		a.options.Tidy()
	}
}

// asked is what the query says of a file.
func (in *importInput) asked() exchange.Request {
	zone, _ := time.LoadLocation(in.Zone) // Resolve looked
	return exchange.Request{
		Name: strings.TrimSpace(in.Name), Format: eventlog.Format(in.Format),
		Columns:         eventlog.Columns{Case: in.Case, Activity: in.Activity, Timestamp: in.Timestamp, Resource: in.Resource, Lifecycle: in.Lifecycle},
		TimestampFormat: in.TimestampFormat, Zone: zone, CompleteOnly: in.Transitions == "complete", Skip: in.OnError == "skip",
	}
}

// openImport finds the file in the request, and what its type and its name say.
func (a *API) openImport(ctx context.Context, in *importInput, ask *exchange.Request) (io.Reader, error) {
	r := in.request
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "gzip" && e != "x-gzip" && e != "identity" {
		return nil, rampforge.Errorf(rampforge.CodeUnsupportedMedia, "Send the file as it is or packed by gzip: the Content-Encoding %s is not known.", clip(storable(e), 40))
	}
	body := io.Reader(&patient{body: r.Body, control: http.NewResponseController(requestOf(ctx).writer), time: a.patience.File})
	media, fileName := r.Header.Get("Content-Type"), ""
	if _, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Disposition")); err == nil {
		fileName = parameters["filename"]
	}
	if kind, _, _ := mime.ParseMediaType(media); strings.HasPrefix(kind, "multipart/") {
		r.Body = io.NopCloser(body)
		parts, err := r.MultipartReader()
		if err != nil {
			return nil, rampforge.Invalid(rampforge.FieldIssue{Field: wholeBody, Issue: "is no readable form: send it as multipart/form-data, or the file alone"})
		}
		for {
			part, err := parts.NextPart()
			if err != nil {
				return nil, rampforge.Wrap(rampforge.CodeInvalid, err, "The form has no part with a file: send it as the part file.")
			}
			if part.FileName() != "" || part.FormName() == "file" {
				body, media, fileName = part, part.Header.Get("Content-Type"), part.FileName()
				break
			}
		}
	}
	fileName = clip(storable(path.Base("/"+strings.ReplaceAll(fileName, `\`, "/"))), maxImportName)
	completeImport(ask, media, fileName)
	return body, nil
}

// Read implements io.Reader.
func (p *patient) Read(b []byte) (int, error) {
	begun := time.Now()
	_ = p.control.SetReadDeadline(begun.Add(p.left())) // tests' recorders have none
	n, err := p.body.Read(b)
	p.read, p.waited = p.read+int64(n), p.waited+time.Since(begun)
	if err != nil {
		// The server watches the connection from now on, and would take the passing
		// of a deadline for its end.
		_ = p.control.SetReadDeadline(time.Time{})
		if !errors.Is(err, io.EOF) {
			if _, ok := errors.AsType[*http.MaxBytesError](err); !ok {
				err = badJSON(fmt.Sprintf("the file did not arrive whole, or too little of it in %.0f seconds", p.time.Seconds()), err)
			}
		}
	}
	return n, err
}

type importsInput struct {
	ByID
	Page
}

type importsAnswer struct {
	Body struct {
		Imports []rampforge.Import `json:"imports"`
		Paged
	}
}

func (a *API) imports(ctx context.Context, in *importsInput) (*importsAnswer, error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	found, total, err := a.options.Store.Imports(ctx, p.ID, in.stored())
	out := &importsAnswer{}
	out.Body.Imports, out.Body.Paged = found, in.of(total, len(found))
	return out, err
}

type deleteImportInput struct {
	ByID
	ImportID string `path:"import_id" maxLength:"100"`
}

func (a *API) deleteImport(ctx context.Context, in *deleteImportInput) (*nothing, error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.options.Store.DeleteImport(ctx, p.ID, in.ImportID, a.options.Now().UTC()); err != nil {
		return nil, err
	}
	a.record(ctx, "project.import_deleted", p.ID, true, map[string]any{"import_id": in.ImportID})
	a.tidySoon()
	return nil, nil //nolint:nilnil // 204
}

// completeImport adds what the type and the name of a file say to what is asked
// for.
func completeImport(ask *exchange.Request, media, fileName string) {
	name := strings.TrimSuffix(fileName, ".gz")
	extension := strings.ToLower(path.Ext(name))
	kind, _, _ := mime.ParseMediaType(media)
	if ask.Format == "" {
		ask.Format = importFormats[kind]
	}
	if ask.Format == "" {
		ask.Format = importFormats[extension]
	}
	if importFormats[extension] != "" {
		name = name[:len(name)-len(extension)]
	}
	if ask.Name == "" {
		ask.Name = strings.Trim(name, "/. ")
	}
	if ask.Name == "" {
		ask.Name = "Import"
	}
}

// importFormats are what types and endings of names say. What is not here is
// looked at.
var importFormats = map[string]eventlog.Format{
	"application/xml": eventlog.XES, "text/xml": eventlog.XES, ".xes": eventlog.XES, ".xml": eventlog.XES,
	"text/csv": eventlog.CSV, "application/csv": eventlog.CSV, "text/tab-separated-values": eventlog.CSV, ".csv": eventlog.CSV, ".tsv": eventlog.CSV,
	"application/x-ndjson": eventlog.JSONL, "application/jsonl": eventlog.JSONL, "application/x-jsonlines": eventlog.JSONL, "application/json": eventlog.JSONL, ".jsonl": eventlog.JSONL, ".ndjson": eventlog.JSONL,
}
