package assistant

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// maxOffered is how many endpoints one answer names.
const maxOffered = 25

// sayOffer names the endpoints, by the order of the report.
func (d *dossier) sayOffer(ctx context.Context, c *composition) {
	all := d.code.Report.Endpoints
	var list []string
	for i := range all[:min(len(all), maxOffered)] {
		list = append(list, d.endpointLine(ctx, &all[i]))
	}
	c.list("It answers these requests", list, len(all))
}

// endpointLine says what a request is, who handles it, and where.
func (d *dossier) endpointLine(ctx context.Context, e *report.Endpoint) string {
	text := markdown.Span(e.Method + " " + e.Path)
	at := e.Location
	if e.Declared != nil {
		at = *e.Declared
	}
	if e.Handler != nil {
		text += " by " + markdown.Span(*e.Handler)
	}
	text += " in " + markdown.Span(at.Path)
	if at.Line > 0 {
		text += fmt.Sprintf(", line %d", at.Line)
	}
	text += d.citeLine(ctx, at.Path, at.Line)
	said, _, _ := strings.Cut(orNone(e.Description), "swagger:") // which repeats the route
	if said = strings.TrimSpace(said); said != "" {
		sentence, _, _ := strings.Cut(said, ". ")
		text += ". " + strings.TrimSuffix(markdown.Quote(firstSentences(sentence, 200)), ".")
	}
	return text
}

func orNone(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// requested is a path of a request in a question, perhaps with its method.
var requested = lazyregexp.New(`(?:^|[\s"'` + "`" + `(])(?:(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) )?(/[\w.~%:{}<>*-]*(?:/[\w.~%:{}<>*-]+)*/?)`)

// sayEndpoint tells who answers the request that a question names.
func (d *dossier) sayEndpoint(ctx context.Context, c *composition) {
	if d.code == nil {
		return
	}
	m := requested.FindStringSubmatch(d.asked.text)
	if m == nil || len(m[2]) < 2 {
		return
	}
	var list []string
	for i := range d.code.Report.Endpoints {
		e := &d.code.Report.Endpoints[i]
		if (m[1] == "" || m[1] == e.Method || e.Method == "ANY") && answers(e.Path, m[2]) && len(list) < maxQuoted {
			list = append(list, d.endpointLine(ctx, e))
		}
	}
	if len(list) > 0 {
		c.fact = true
		c.blocks = append([]string{"It is answered by:\n\n- " + strings.Join(list, "\n- ")}, c.blocks...)
	}
}

// answers reports whether an endpoint's path is that of a request: a parameter
// stands for any part, {rest...} for all that follow.
func answers(endpoint, request string) bool {
	have, want := strings.Split(strings.Trim(endpoint, "/"), "/"), strings.Split(strings.Trim(request, "/"), "/")
	for i, part := range have {
		rest := strings.HasSuffix(part, "...}")
		switch {
		case rest:
			return true
		case i >= len(want):
			return false
		case !strings.HasPrefix(part, "{") && !strings.EqualFold(part, want[i]):
			return false
		}
	}
	return len(have) == len(want)
}

// licenceFile is a file that holds the terms.
var licenceFile = lazyregexp.New(`(?i)^(?:licen[cs]e|copying|unlicense)(?:[-.]\w+)*$`)

// sayTerms tells the licence that the analysis read, with its file.
func (d *dossier) sayTerms(ctx context.Context, c *composition) {
	id := d.code.Report.Documentation.License
	file := ""
	for i := range d.code.Index.Files {
		if f := d.code.Index.Files[i].Path; path.Dir(f) == "." && licenceFile.MatchString(f) {
			file = f
			break
		}
	}
	if id == nil {
		d.sayUnknownTerms(ctx, c, file)
		return
	}
	cited := ""
	if file != "" {
		cited = d.citeLine(ctx, file, 1)
	}
	if cited == "" && d.code.Report.Documentation.Readme != nil {
		cited = d.citeLine(ctx, *d.code.Report.Documentation.Readme, 1)
	}
	c.fact = true
	c.sayf("The licence is %s%s, as the analysis reads it.", markdown.Plain(*id), cited)
}

// maxTermsLines is how many lines of a licence nobody knows are quoted.
const maxTermsLines = 3

// sayUnknownTerms quotes how the file of the terms begins, where the analysis does
// not know which licence it is.
func (d *dossier) sayUnknownTerms(ctx context.Context, c *composition, file string) {
	c.silence = "No file of a licence that the analysis knows is at the root of the repository."
	if file == "" || d.Files == nil || d.repository == nil {
		return
	}
	content, err := d.Files.File(ctx, *d.repository, d.code.Index.Commit, file)
	if err != nil {
		d.note(ctx, "the file of the licence", err)
		return
	}
	var first []string
	last := 0
	for n, line := range strings.Split(strings.ToValidUTF8(string(content), "\uFFFD"), "\n") {
		if line = strings.TrimSpace(line); line != "" && len(first) < maxTermsLines {
			first, last = append(first, line), n+1
		}
	}
	if len(first) == 0 {
		return
	}
	lines := strings.Split(string(content), "\n")
	p := rampforge.Passage{
		Kind: rampforge.PassageDocument, Key: file, Title: file, Path: file, StartLine: 1, EndLine: last, Commit: d.code.Index.Commit,
		Text: strings.ToValidUTF8(strings.Join(lines[:last], "\n"), "\uFFFD"),
	}
	c.silence, c.fact, c.cautious = "", true, true
	n := d.cite(p, 1)
	c.sayf("The terms are in %s; which licence that is, the analysis does not know. It begins: [%d]", markdown.Span(file), n)
	c.sayf("> %s [%d]", markdown.Quote(firstSentences(strings.Join(first, " "), 300)), n)
}
