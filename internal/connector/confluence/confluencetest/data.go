package confluencetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/rampforgeai/rampforge"
)

type space struct {
	id, key, name, status string
}

// Document is a page, a blog post or a folder of the fake.
type Document struct {
	ID          string
	Type        string // page, blogpost or folder
	Space       string // id
	Status      string // current, archived, draft or trashed
	Title       string
	Body        string
	Version     int
	Created     time.Time
	Updated     time.Time
	Labels      []string
	Attachments []string
	Parent      string
	Users       []string // who alone may read
	Groups      []string
	Author      map[string]any // nil where Confluence has forgotten it
	// Unindexed documents are not found by a search yet; Indexed is the version
	// that a search still has, 0 for the newest.
	Unindexed bool
	Indexed   int
}

// bodies have what breaks careless readers.
var bodies = []string{
	"<p>How to build.</p>",
	"<p>zero\x00byte</p>",
	"<p>\U0001F680 \U00020BB7 &amp; <ac:link><ri:page ri:content-title=\"Home\"/></ac:link></p>",
	"<p>Zürich\u2028line</p>",
}

func (s *Server) generate(o Options) {
	rnd := rand.New(rand.NewPCG(o.Seed, 7))
	s.clock = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	s.spaces = []*space{
		{"98305", "ENG", "Engineering", "current"},
		{"98306", "OPS", "Operations", "current"},
		{"1000000", "~ada", "Ada", "archived"},
	}
	s.users = []object{s.person(1), s.person(2), s.person(3), s.deleted(), nil}
	if !s.dc {
		s.users[2]["accountType"] = "app"
	}
	for i, n := range []int{cmp.Or(o.Documents, 72), 30, 6} {
		s.fill(rnd, s.spaces[i], n)
	}
}

func (s *Server) person(n int) object {
	id := strconv.Itoa(n)
	if s.dc {
		return object{"type": "known", "username": "dev" + id, "userKey": "ff80" + id, "displayName": "Developer " + id}
	}
	return object{"type": "known", "accountId": "5b10:" + id, "accountType": "atlassian", "accountStatus": "active", "displayName": "Developer " + id, "publicName": "Developer " + id, "email": ""}
}

func (s *Server) deleted() object {
	if s.dc {
		return object{"type": "unknown", "username": "gone", "userKey": "ff99", "displayName": "Unknown User (gone)"}
	}
	return object{"type": "known", "accountId": "5b10:9", "accountType": "atlassian", "accountStatus": "closed", "displayName": "Former user", "publicName": "Former user"}
}

// fill generates the documents of a space. A third comes from an import, all
// at one moment; some are no documents, as they are archived, drafts or trash.
func (s *Server) fill(rnd *rand.Rand, in *space, n int) {
	first := len(s.docs)
	for i := range n {
		if i < n/3 || i > 2*n/3 {
			s.clock = s.clock.Add(time.Duration(1+rnd.IntN(400))*time.Minute + time.Duration(rnd.IntN(1000))*time.Millisecond)
		}
		d := &Document{
			ID: strconv.Itoa(131073 + 7*len(s.docs)), Type: "page", Space: in.id, Status: "current", Version: 1 + rnd.IntN(4),
			Title: fmt.Sprintf("%s %d", in.name, i), Body: bodies[rnd.IntN(len(bodies))], Created: s.clock.Add(-48 * time.Hour), Updated: s.clock,
			Author: s.users[rnd.IntN(len(s.users))],
		}
		if rnd.IntN(3) == 0 {
			d.Labels = []string{"howto", "label-" + strconv.Itoa(i)}
		}
		switch {
		case i%6 == 5:
			d.Type = "blogpost"
		case i > 0:
			d.Parent = s.docs[first+i/3].ID
			if parent := s.docs[first+i/3]; parent.Type != "page" {
				d.Parent = ""
			}
		}
		switch i {
		case 1:
			d.Attachments = names("file", 43)
			d.Labels = names("label", 210)
		case 2:
			d.Users = []string{"someone"}
		case 3:
			d.Groups = []string{"leads"}
		}
		s.docs = append(s.docs, d)
	}
	if !s.dc {
		s.docs = append(s.docs, &Document{ID: strconv.Itoa(131073 + 7*len(s.docs)), Type: "folder", Space: in.id, Status: "current", Title: "Folder", Version: 1, Created: s.clock, Updated: s.clock, Groups: []string{"leads"}})
		s.docs[first].Parent = s.docs[len(s.docs)-1].ID
	}
	for _, status := range []string{"archived", "draft", "trashed"} {
		s.docs = append(s.docs, &Document{ID: strconv.Itoa(131073 + 7*len(s.docs)), Type: "page", Space: in.id, Status: status, Title: status, Version: 1, Created: s.clock, Updated: s.clock})
	}
}

func names(what string, n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%s-%03d", what, i))
	}
	return all
}

// IDs returns the ids of a space's current documents.
func (s *Server) IDs(spaceID string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for _, d := range s.docs {
		if d.Space == spaceID && d.Status == "current" && d.Type != "folder" {
			ids = append(ids, d.ID)
		}
	}
	return ids
}

// Blog reports whether a document is a blog post.
func (s *Server) Blog(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.find(id)
	return d != nil && d.Type == "blogpost"
}

// Edit changes a document without touching its date and version.
func (s *Server) Edit(id string, f func(*Document)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.find(id))
}

// Touch makes a new version of a document, as a person does who edits it.
func (s *Server) Touch(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(time.Minute)
	d := s.find(id)
	d.Version++
	d.Updated = s.clock
}

// Delete removes a document for good.
func (s *Server) Delete(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.docs = slices.DeleteFunc(s.docs, func(d *Document) bool { return d.ID == id })
}

// Change edits a document.
func (s *Server) Change() (rampforge.Stream, string) {
	id := s.IDs(s.spaces[0].id)[3]
	s.Touch(id)
	return rampforge.StreamDocuments, id
}

func (s *Server) find(id string) *Document {
	for _, d := range s.docs {
		if d.ID == id {
			return d
		}
	}
	return nil
}

// ancestorsOf are from the top.
func (s *Server) ancestorsOf(d *Document) []*Document {
	var all []*Document
	for parent := s.find(d.Parent); parent != nil; parent = s.find(parent.Parent) {
		all = append(all, parent)
	}
	slices.Reverse(all)
	return all
}

func (s *Server) spaceOf(d *Document) *space {
	for _, in := range s.spaces {
		if in.id == d.Space {
			return in
		}
	}
	return nil
}
