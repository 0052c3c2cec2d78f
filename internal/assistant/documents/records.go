package documents

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
)

// safeURL is an address of a web page, "" for anything else.
func safeURL(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return ""
	}
	return u.String()
}

// page cites a page of a wiki.
func (p *part) page(v *rampforge.Document, text string) string {
	title := oneLine(strings.Join(append(append([]string{}, v.Ancestors...), v.Title), " › "), 300)
	return p.cite(rampforge.Citation{Kind: rampforge.PassagePage, Title: title, URL: safeURL(v.URL)}, cmp.Or(text, v.Title))
}

// workItem cites a work item, by what of it is quoted.
func (p *part) workItem(v *rampforge.WorkItem, text string) string {
	title := oneLine(strings.TrimSpace(v.Key+" "+v.Title), 300)
	return p.cite(rampforge.Citation{Kind: rampforge.PassageWorkItem, Title: title, URL: safeURL(v.URL)}, cmp.Or(text, v.Title))
}

// pullRequest cites a pull request.
func (p *part) pullRequest(v *rampforge.PullRequest) string {
	title := oneLine(fmt.Sprintf("#%d %s", v.Number, v.Title), 300)
	return p.cite(rampforge.Citation{Kind: rampforge.PassagePullRequest, Title: title, Commit: v.MergeCommit, URL: safeURL(v.URL)}, v.Title+"\n\n"+cut(markdown.Visible(v.Body), maxExcerpt))
}
