package jira

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// adfNode is a node of Atlassian's document format, which Cloud uses for every
// longer text.
type adfNode struct {
	Type    string    `json:"type"`
	Text    string    `json:"text"`
	Content []adfNode `json:"content"`
	Attrs   struct {
		Text      string `json:"text"`
		ShortName string `json:"shortName"`
		URL       string `json:"url"`
		Timestamp any    `json:"timestamp"`
	} `json:"attrs"`
}

// maxDepth is how deep a document may be nested. What lies deeper has no text
// that a person ever saw.
const maxDepth = 200

// bodyText is the text of a body: as it stands from Data Center, the plain
// words of a document from Cloud. What is neither has no text; it stays in Raw.
func bodyText(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	var plain string
	if json.Unmarshal(raw, &plain) == nil {
		return plain
	}
	var doc adfNode
	if json.Unmarshal(raw, &doc) != nil {
		return ""
	}
	var b strings.Builder
	doc.write(&b, 0)
	return strings.TrimSuffix(b.String(), "\n")
}

func (n *adfNode) write(b *strings.Builder, depth int) {
	if depth > maxDepth {
		return
	}
	switch n.Type {
	case "text":
		b.WriteString(n.Text)
	case "hardBreak":
		b.WriteString("\n")
	case "mention", "status", "placeholder":
		b.WriteString(n.Attrs.Text)
	case "emoji":
		if n.Attrs.Text != "" {
			b.WriteString(n.Attrs.Text)
		} else {
			b.WriteString(n.Attrs.ShortName)
		}
	case "inlineCard", "blockCard", "embedCard":
		b.WriteString(n.Attrs.URL)
	case "date":
		b.WriteString(n.date())
	case "listItem", "taskItem", "decisionItem":
		b.WriteString("- ")
	}
	for i := range n.Content {
		n.Content[i].write(b, depth+1)
	}
	switch n.Type {
	case "paragraph", "heading", "codeBlock", "rule", "blockCard", "embedCard", "taskItem", "decisionItem":
		b.WriteString("\n")
	}
}

// date writes a date, which is milliseconds, in quotes or not.
func (n *adfNode) date() string {
	var ms int64
	switch v := n.Attrs.Timestamp.(type) {
	case string:
		ms, _ = strconv.ParseInt(v, 10, 64)
	case float64:
		ms = int64(v)
	}
	if ms == 0 {
		return ""
	}
	return time.UnixMilli(ms).UTC().Format(time.DateOnly)
}
