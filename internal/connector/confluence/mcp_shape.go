package confluence

import (
	"encoding/json"
	"strings"

	"github.com/rampforgeai/rampforge/internal/connector/atlassian"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// answer writes a value as the API would.
func answer(v any) (mcpclient.Answer, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return mcpclient.Answer{}, atlassian.ShapeFault()
	}
	return mcpclient.Answer{JSON: text}, nil
}

// found takes what a search of the whole site has found out of its rows. Rows
// without what was to be expanded are as good as not found.
func found(value json.RawMessage, needs ...string) (mcpclient.Answer, error) {
	var page struct {
		Results []struct {
			Content json.RawMessage `json:"content"`
		} `json:"results"`
		Links json.RawMessage `json:"_links,omitempty"`
	}
	if json.Unmarshal(value, &page) != nil || page.Results == nil {
		return mcpclient.Answer{}, atlassian.ShapeFault()
	}
	contents := make([]json.RawMessage, 0, len(page.Results))
	for _, row := range page.Results {
		if len(row.Content) == 0 {
			return mcpclient.Answer{}, atlassian.ShapeFault()
		}
		if len(needs) == 0 || atlassian.Has(row.Content, needs...) {
			contents = append(contents, row.Content)
		}
	}
	out := map[string]any{"results": contents}
	if len(page.Links) > 0 {
		out["_links"] = page.Links
	}
	return answer(out)
}

// paged makes of what a tool says of a page what API v2 would say of it. v1
// hands that through but for the body, which is a text; v2 has the version
// among metadata and the body with the name of its format. id is the one that
// was asked for and base where people find the wiki; "" says neither.
func paged(value json.RawMessage, id, base string) (json.RawMessage, error) {
	var page map[string]json.RawMessage
	if json.Unmarshal(value, &page) != nil {
		return nil, atlassian.ShapeFault()
	}
	if id != "" && idOf(value) != id {
		return nil, atlassian.ShapeFault()
	}
	var metadata map[string]json.RawMessage
	if json.Unmarshal(page["metadata"], &metadata) == nil {
		for _, member := range []string{"version", "createdAt", "authorId", "parentId", "spaceId", "status"} {
			if page[member] == nil && metadata[member] != nil {
				page[member] = metadata[member]
			}
		}
	}
	if raw := page["body"]; raw != nil {
		text, ok := bodyOf(raw)
		if !ok {
			return nil, atlassian.ShapeFault()
		}
		body, err := json.Marshal(map[string]any{"markdown": map[string]string{"value": text}})
		if err != nil {
			return nil, atlassian.ShapeFault()
		}
		page["body"] = body
	}
	if path := pathOf(page, base); path != "" {
		links, err := json.Marshal(map[string]string{"webui": path})
		if err != nil {
			return nil, atlassian.ShapeFault()
		}
		page["_links"] = links
	}
	out, err := json.Marshal(page)
	if err != nil {
		return nil, atlassian.ShapeFault()
	}
	return out, nil
}

// bodyOf reads a body: a text, or an object that names its format.
func bodyOf(raw json.RawMessage) (string, bool) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, true
	}
	var body struct {
		Format string  `json:"format"`
		Value  *string `json:"value"`
	}
	if json.Unmarshal(raw, &body) != nil || body.Value == nil || body.Format != "" && body.Format != "markdown" {
		return "", false // in another form than the one that was asked for
	}
	return *body.Value, true
}

// pathOf is where a page is below the wiki, when its link is the whole address.
func pathOf(page map[string]json.RawMessage, base string) string {
	for _, member := range []string{"webUrl", "url"} {
		var address string
		if json.Unmarshal(page[member], &address) == nil && base != "" {
			if path, ok := strings.CutPrefix(address, base); ok && strings.HasPrefix(path, "/") {
				return path
			}
		}
	}
	return ""
}
