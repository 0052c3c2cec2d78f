package confluence

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

// wireDocument is a document with the parts that were fetched for it, each as
// Confluence sent it. It is what Record.Raw holds.
type wireDocument struct {
	Base string `json:"base"` // of the wiki, for links
	// Content is the document as a search gives it, with most of its parts.
	Content json.RawMessage `json:"content,omitempty"`
	// Page is the document as API v2 of Cloud gives it, whose parts are apart.
	Page        json.RawMessage   `json:"page,omitempty"`
	Author      json.RawMessage   `json:"author,omitempty"`
	Restriction json.RawMessage   `json:"restriction,omitempty"`
	Ancestors   []json.RawMessage `json:"ancestors,omitempty"`
	// Labels and Attachments are whole lists, where Content has the beginning.
	Labels      []json.RawMessage `json:"labels,omitempty"`
	Attachments []json.RawMessage `json:"attachments,omitempty"`
	// Unknown names what nobody tells by this way: labels, attachments, ancestors.
	Unknown []string `json:"unknown,omitempty"`
	// RestrictedAbove says that an ancestor is restricted, and so what is below.
	RestrictedAbove bool `json:"restricted_above"`
}

// raw writes the document for Record.Raw. Markup stays as it is: the encoder's
// way to make JSON safe within HTML would write six characters for each of its
// brackets.
func (d *wireDocument) raw() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		return nil, malformed(errors.New("a document that cannot be kept"))
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

type wireVersion struct {
	Number    int    `json:"number"`
	When      string `json:"when"`      // API v1 and Data Center
	CreatedAt string `json:"createdAt"` // API v2
}

func (v wireVersion) at() (time.Time, error) { return timeOf(cmp.Or(v.When, v.CreatedAt)) }

// timeOf reads a time: versions of Data Center write the zone with a colon or
// without.
func timeOf(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.999-0700"} {
		if t, err := time.Parse(layout, s); err == nil && !t.IsZero() {
			return t.UTC(), nil
		}
	}
	return time.Time{}, malformed(errors.New("a date that cannot be read"))
}

// wireUser is an account: Cloud's have an account id, Data Center's a key.
type wireUser struct {
	Type          string `json:"type"` // known, unknown or anonymous
	AccountID     string `json:"accountId"`
	AccountType   string `json:"accountType"` // atlassian or app
	AccountStatus string `json:"accountStatus"`
	UserKey       string `json:"userKey"`
	Username      string `json:"username"`
	DisplayName   string `json:"displayName"`
	PublicName    string `json:"publicName"`
	Email         string `json:"email"`
}

// account returns nil for whoever is deleted or never was: Data Center says
// unknown of a deleted user, Cloud closed.
func (u *wireUser) account() *rampforge.Account {
	if u == nil || u.Type == "anonymous" || u.AccountStatus == "closed" || u.AccountID == "" && u.Type == "unknown" {
		return nil
	}
	id := cmp.Or(u.AccountID, u.UserKey, u.Username)
	if id == "" {
		return nil
	}
	return &rampforge.Account{ID: id, Login: u.Username, Name: cmp.Or(u.DisplayName, u.PublicName), Email: u.Email, Bot: u.AccountType == "app"}
}

// part is a list within a document. It may be cut short.
type part struct {
	Results []json.RawMessage `json:"results"`
	Size    int               `json:"size"`
	Limit   int               `json:"limit"`
	Links   struct {
		Next string `json:"next"`
	} `json:"_links"`
}

// cut reports whether there may be more than came.
func (p *part) cut() bool {
	return p == nil || p.Links.Next != "" || p.Limit > 0 && len(p.Results) >= p.Limit || p.Size > len(p.Results)
}

// wireRestriction is who alone may read.
type wireRestriction struct {
	Restrictions struct {
		User  *part `json:"user"`
		Group *part `json:"group"`
	} `json:"restrictions"`
}

// restricted reports whether not everybody may read who sees the space. Where
// an answer does not say, it is taken to be so: the fault on the other side
// would show somebody what is kept from them.
func (r *wireRestriction) restricted() bool {
	return r == nil || r.Restrictions.User == nil || r.Restrictions.Group == nil ||
		len(r.Restrictions.User.Results) > 0 || r.Restrictions.User.Size > 0 ||
		len(r.Restrictions.Group.Results) > 0 || r.Restrictions.Group.Size > 0
}

type wireTitled struct {
	ID    ident  `json:"id"`
	Type  string `json:"type"`
	Title string `json:"title"`
}

// wireContent is a document as API v1 of Cloud and Data Center give it.
type wireContent struct {
	ID      ident       `json:"id"`
	Type    string      `json:"type"`
	Status  string      `json:"status"`
	Title   string      `json:"title"`
	Version wireVersion `json:"version"`
	Space   struct {
		ID  ident  `json:"id"`
		Key string `json:"key"`
	} `json:"space"`
	History struct {
		CreatedBy   *wireUser `json:"createdBy"`
		CreatedDate string    `json:"createdDate"`
	} `json:"history"`
	Ancestors []wireTitled `json:"ancestors"`
	Body      wireBody     `json:"body"`
	Metadata  struct {
		Labels *part `json:"labels"`
	} `json:"metadata"`
	Children struct {
		Attachment *part `json:"attachment"`
	} `json:"children"`
	Restrictions struct {
		Read *wireRestriction `json:"read"`
	} `json:"restrictions"`
	Links wireLinks `json:"_links"`

	parent ident // of API v2
}

type wireBody struct {
	Storage *struct {
		Value string `json:"value"`
	} `json:"storage"`
	Markdown *struct { // of MCP servers that do not tell the stored form
		Value string `json:"value"`
	} `json:"markdown"`
}

type wireLinks struct {
	WebUI string `json:"webui"`
}

// wirePage is a page or a blog post as API v2 gives it.
type wirePage struct {
	ID        ident       `json:"id"`
	Status    string      `json:"status"`
	Title     string      `json:"title"`
	SpaceID   ident       `json:"spaceId"`
	ParentID  ident       `json:"parentId"`
	AuthorID  string      `json:"authorId"`
	CreatedAt string      `json:"createdAt"`
	Version   wireVersion `json:"version"`
	Body      wireBody    `json:"body"`
	Links     wireLinks   `json:"_links"`
}

// content decodes a document whichever way it came in.
func (d *wireDocument) content() (*wireContent, error) {
	var c wireContent
	if len(d.Page) == 0 {
		if json.Unmarshal(d.Content, &c) != nil || c.ID == "" {
			return nil, malformed(errors.New("a document without an id"))
		}
		return &c, nil
	}
	var p wirePage
	if json.Unmarshal(d.Page, &p) != nil || p.ID == "" {
		return nil, malformed(errors.New("a page without an id"))
	}
	c = wireContent{ID: p.ID, Status: p.Status, Title: p.Title, Version: p.Version, Body: p.Body, Links: p.Links, parent: p.ParentID}
	c.Space.ID = p.SpaceID
	c.History.CreatedDate = p.CreatedAt
	if len(d.Author) > 0 && json.Unmarshal(d.Author, &c.History.CreatedBy) != nil {
		return nil, malformed(errors.New("an author of another shape"))
	}
	if len(d.Restriction) > 0 && json.Unmarshal(d.Restriction, &c.Restrictions.Read) != nil {
		return nil, malformed(errors.New("a restriction of another shape"))
	}
	for _, raw := range d.Ancestors {
		var a wireTitled
		if json.Unmarshal(raw, &a) != nil {
			return nil, malformed(errors.New("an ancestor of another shape"))
		}
		c.Ancestors = append(c.Ancestors, a)
	}
	return &c, nil
}

// Normalise makes a record of what was kept of a document. Reading takes the
// same way, so that a mapping which runs again comes to the same record.
func Normalise(stream rampforge.Stream, resourceID string, raw []byte) (rampforge.Record, error) {
	if stream != rampforge.StreamDocuments {
		return rampforge.Record{}, unsupported(stream)
	}
	var d wireDocument
	if json.Unmarshal(raw, &d) != nil {
		return rampforge.Record{}, malformed(errors.New("not what is kept of a document"))
	}
	c, err := d.content()
	if err != nil {
		return rampforge.Record{}, err
	}
	updated, err := c.Version.at()
	if err != nil {
		return rampforge.Record{}, err
	}
	created, err := timeOf(cmp.Or(c.History.CreatedDate, c.Version.When, c.Version.CreatedAt))
	if err != nil {
		return rampforge.Record{}, err
	}
	out := &rampforge.Document{
		Title: c.Title, URL: linkOf(d.Base, c.Links.WebUI), Format: "storage", Version: c.Version.Number,
		Labels: namesOf(whole(d.Labels, c.Metadata.Labels), "name"), Attachments: namesOf(whole(d.Attachments, c.Children.Attachment), "title"), Ancestors: []string{},
		Restricted: d.RestrictedAbove || c.Restrictions.Read.restricted(),
		Author:     c.History.CreatedBy.account(), CreatedAt: created, UpdatedAt: updated,
	}
	if c.Body.Storage != nil {
		out.Body = c.Body.Storage.Value
	} else if c.Body.Markdown != nil {
		out.Body, out.Format = c.Body.Markdown.Value, "markdown"
	}
	for _, a := range c.Ancestors {
		out.Ancestors = append(out.Ancestors, a.Title)
		out.ParentID = string(a.ID)
	}
	d.unknown(out, c)
	return rampforge.Record{Stream: stream, ID: string(c.ID), ResourceID: resourceID, UpdatedAt: updated, Raw: raw, Document: out}, nil
}

// unknown takes back what nobody told: not known is another thing than none. A
// page whose ancestors are not known may lie below one that not everybody may
// read, and counts as if it did.
func (d *wireDocument) unknown(out *rampforge.Document, c *wireContent) {
	for _, what := range d.Unknown {
		switch what {
		case unknownLabels:
			out.Labels = nil
		case unknownAttachments:
			out.Attachments = nil
		case unknownAncestors:
			out.Ancestors, out.ParentID = nil, string(c.parent)
			out.Restricted = out.Restricted || c.parent != ""
		}
	}
}

// whole prefers the list that was fetched to its end.
func whole(all []json.RawMessage, begun *part) []json.RawMessage {
	if all != nil || begun == nil {
		return all
	}
	return begun.Results
}

// namesOf takes a field of each row. Labels of other kinds than the team's own
// have a prefix (my:, team:), as people write them.
func namesOf(rows []json.RawMessage, field string) []string {
	names := []string{}
	for _, row := range rows {
		var r map[string]json.RawMessage
		var name, prefix string
		if json.Unmarshal(row, &r) != nil || json.Unmarshal(r[field], &name) != nil || name == "" {
			continue // a row of another shape costs its name, not the document
		}
		if json.Unmarshal(r["prefix"], &prefix) == nil && prefix != "" && prefix != "global" && !strings.HasPrefix(name, prefix+":") {
			name = prefix + ":" + name
		}
		names = append(names, name)
	}
	return names
}
