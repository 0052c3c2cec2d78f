package search

import (
	"html"
	"regexp"
	"strings"

	htmltomarkdown "github.com/JohannesKaufmann/html-to-markdown/v2"

	"github.com/rampforgeai/rampforge"
)

// maxPage is how much of a page is read, in bytes.
const maxPage = 1 << 20

// cdata holds the code of Confluence's macros, which HTML takes for a comment.
var cdata = regexp.MustCompile(`(?s)<!\[CDATA\[(.*?)\]\]>`)

// pageText is the text of a page with its headings as Markdown has them. What
// cannot be read so is searched as it is.
func pageText(d *rampforge.Document) string {
	body := d.Body
	if len(body) > maxPage {
		body = strings.ToValidUTF8(body[:maxPage], "")
	}
	if d.Format != "storage" {
		return body
	}
	body = cdata.ReplaceAllStringFunc(body, func(s string) string {
		return "<pre>" + html.EscapeString(s[len("<![CDATA["):len(s)-len("]]>")]) + "</pre>"
	})
	text, err := htmltomarkdown.ConvertString(body)
	if err != nil {
		return body
	}
	return text
}
