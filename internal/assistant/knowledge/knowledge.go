// Package knowledge keeps what people know beside the code that they know it of:
// it gathers what an [interview.Kit] is made of, makes knowledge items of the
// answers, resolves the links of items, and follows them through the code.
//
// It may import floors one and two, inspect, and its siblings below assistant.
package knowledge

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/assistant/interview"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/store"
)

// Files reads a repository that is on this machine.
type Files interface {
	File(ctx context.Context, r rampforge.Repository, commit, path string) ([]byte, error)
	Blame(ctx context.Context, r rampforge.Repository, commit, path string, first, last int) ([]string, error)
	Commits(ctx context.Context, r rampforge.Repository, commit string, each func(*rampforge.Commit) (more bool, err error)) error
}

// Maker makes kits for a project whose repository was analysed.
type Maker struct {
	Store *store.Store
	Files Files // nil: questions are of the code index and the report alone
	// Subject is what names the identity of a signature.
	Subject func(rampforge.Signature) string
	Now     func() time.Time
}

// Request says what to make a kit of.
type Request struct {
	Project    rampforge.Project
	Repository rampforge.Repository
	Viewer     store.Viewer
	AnalysisID string
	Index      *codeindex.Index
	Email      string // of who is asked
	Name       string // as they signed up, "" for none
	Paths      []string
	Components []string
	Limit      int
}

// The bounds of one kit.
const (
	gatherTime   = 12 * time.Second // for the history: who asks waits
	placeTime    = 6 * time.Second  // for finding the lines that commits wrote
	maxHistory   = 50_000           // commits
	maxLookedUp  = 25               // records that commits refer to
	maxBlamed    = 4000             // lines of a file
	maxFileBytes = 1 << 20
)

// Make makes the questions of a kit. Paths and components that the analysis does
// not know are VALIDATION_ERROR.
func (m *Maker) Make(ctx context.Context, r Request) (interview.Kit, error) {
	s := &interview.Sources{Index: r.Index, Report: &report.CodeReport{}, Limit: r.Limit, Contents: map[string][]byte{}, Records: map[string]interview.Record{}}
	kept, err := m.Store.Report(ctx, r.Viewer, r.AnalysisID)
	if err != nil {
		return interview.Kit{}, err
	}
	text, err := kept.JSON()
	if err == nil {
		err = json.Unmarshal(text, s.Report)
	}
	if err != nil {
		return interview.Kit{}, fmt.Errorf("reading the report of %s: %w", r.AnalysisID, err)
	}
	if s.Paths, err = chosen(r, s.Report); err != nil {
		return interview.Kit{}, err
	}
	who, err := m.person(ctx, r)
	if err != nil {
		return interview.Kit{}, err
	}
	s.Names, s.Mine = who.names, who.mine
	if s.Asked, err = m.Store.AskedOf(ctx, r.Project.ID, r.Email); err != nil {
		return interview.Kit{}, err
	}
	notes := who.notes
	if known, some := interview.Knows(s); !known {
		return interview.Kit{Questions: []rampforge.InterviewQuestion{}, Notes: []string{"The history of the repository has no commit by this person: there is nothing to ask about. If they sign with another address, a team lead can merge the people."}}, nil
	} else if !some {
		notes = append(notes, "This person is an author of none of the chosen code that is still there.")
	}
	if note, err := m.read(ctx, r, s); err != nil {
		return interview.Kit{}, err
	} else if note != "" {
		notes = append(notes, note)
	}
	kit, err := m.standing(ctx, r, s)
	kit.Notes = append(notes, kit.Notes...)
	if len(kit.Questions) == 0 && len(kit.Notes) == 0 {
		kit.Notes = append(kit.Notes, "Nothing was found that only this person could tell.")
	}
	return kit, err
}

// standing makes the questions, those first about commits whose lines still stand:
// of what was written anew since, nobody needs to know much.
func (m *Maker) standing(ctx context.Context, r Request, s *interview.Sources) (interview.Kit, error) {
	if s.Limit = 2 * r.Limit; r.Limit <= 0 {
		s.Limit = 2 * interview.DefaultLimit
	}
	all := interview.Make(s).Questions
	rewritten, err := m.place(ctx, r, all)
	if err != nil {
		return interview.Kit{}, err
	}
	gone := func(q rampforge.InterviewQuestion) bool {
		return rewritten[q.Case.Path+" "+q.Case.Related] && q.Case.What != "reverted" && q.Case.What != "record"
	}
	slices.SortStableFunc(all, func(a, b rampforge.InterviewQuestion) int {
		switch {
		case gone(a) == gone(b):
			return 0
		case gone(a):
			return 1
		}
		return -1
	})
	return interview.Choose(all, r.Limit), nil
}

// chosen are the paths that a kit is narrowed to.
func chosen(r Request, rep *report.CodeReport) ([]string, error) {
	var paths []string
	var issues []rampforge.FieldIssue
	for i, p := range r.Paths {
		clean := strings.Trim(strings.TrimPrefix(strings.TrimSpace(p), "./"), "/")
		if clean == "" || clean == "." {
			clean = "."
		} else if _, err := r.Index.Browse(clean, codeindex.Page{Limit: 1}); err != nil {
			issues = append(issues, rampforge.FieldIssue{Field: fmt.Sprintf("paths[%d]", i), Issue: fmt.Sprintf("the analysis knows no file or folder %q", p)})
		}
		paths = append(paths, clean)
	}
	for i, name := range r.Components {
		found := componentPaths(rep.Architecture.Components, name)
		if found == nil {
			issues = append(issues, rampforge.FieldIssue{Field: fmt.Sprintf("components[%d]", i), Issue: fmt.Sprintf("the report has no component %q", name)})
		}
		paths = append(paths, found...)
	}
	if len(issues) > 0 {
		return nil, rampforge.Invalid(issues...)
	}
	return paths, nil
}

func componentPaths(list []report.Component, name string) []string {
	for i := range list {
		if list[i].Name == name {
			return list[i].Paths
		}
		if list[i].Inside != nil {
			if found := componentPaths(list[i].Inside.Components, name); found != nil {
				return found
			}
		}
	}
	return nil
}

// read reads the history and the files that are looked into, as far as the
// repository is on this machine.
func (m *Maker) read(ctx context.Context, r Request, s *interview.Sources) (note string, err error) {
	if m.Files == nil {
		return "The repository is not on this machine: no question is about a commit or a line.", nil
	}
	within, cancel := context.WithTimeout(ctx, gatherTime)
	defer cancel()
	err = m.Files.Commits(within, r.Repository, r.Index.Commit, func(c *rampforge.Commit) (bool, error) {
		s.Commits = append(s.Commits, *c)
		return len(s.Commits) < maxHistory, nil
	})
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case within.Err() != nil:
		note = "The history is long: only its newest part was looked into."
	case rampforge.ErrorCode(err) == rampforge.CodeUnavailable:
		return "The repository is not on this machine: no question is about a commit or a line.", nil
	default:
		return "", fmt.Errorf("reading the history: %w", err)
	}
	for _, path := range interview.Wanted(s) {
		content, err := m.Files.File(ctx, r.Repository, r.Index.Commit, path)
		if err != nil {
			return "", fmt.Errorf("reading a file for an interview: %w", err)
		}
		if len(content) <= maxFileBytes {
			s.Contents[path] = content
		}
	}
	return note, m.lookUp(ctx, r, s)
}

// lookUp finds the work items and pull requests that the newest own commits refer
// to.
func (m *Maker) lookUp(ctx context.Context, r Request, s *interview.Sources) error {
	asked := 0
	for i := range s.Commits {
		c := &s.Commits[i]
		found := search.References(c.Subject+"\n"+c.Body, 1)
		if len(found) == 0 || !s.Mine(c.Author) {
			continue
		}
		key := found[0]
		if _, known := s.Records[key]; known {
			continue
		}
		if asked++; asked > maxLookedUp {
			return nil
		}
		hits, err := search.Ask(ctx, m.Store, r.Viewer, r.Project.ID, search.Question{Text: key, Kinds: []rampforge.PassageKind{rampforge.PassageWorkItem, rampforge.PassagePullRequest}})
		if err != nil {
			return err
		}
		for _, hit := range hits.Hits {
			if first, title, _ := strings.Cut(hit.Title, " "); first == key || first == "#"+strings.TrimPrefix(key, "!") {
				s.Records[key] = interview.Record{Title: title, URL: hit.URL}
				break
			}
		}
	}
	return nil
}

// place gives questions about commits the lines that these wrote and that still
// stand, so that a reader sees them, and what is answered can be followed. It
// returns the paths and commits of which none does, as far as there was time to
// look.
func (m *Maker) place(ctx context.Context, r Request, questions []rampforge.InterviewQuestion) (map[string]bool, error) {
	rewritten := map[string]bool{}
	if m.Files == nil {
		return rewritten, nil
	}
	within, cancel := context.WithTimeout(ctx, placeTime)
	defer cancel()
	files := map[string][]string{}
	for i := range questions {
		c := &questions[i].Case
		if c.StartLine != nil || c.Path == "" || len(c.Related) < 40 {
			continue
		}
		blamed, known := files[c.Path]
		if !known {
			var err error
			blamed, err = m.blame(within, r, c.Path)
			switch {
			case err == nil:
				files[c.Path] = blamed
			case ctx.Err() != nil:
				return nil, context.Cause(ctx)
			case within.Err() != nil, rampforge.ErrorCode(err) == rampforge.CodeUnavailable:
				return rewritten, nil
			default:
				return nil, fmt.Errorf("blaming the lines of a question: %w", err)
			}
		}
		if first, last := longestRun(blamed, c.Related); last > 0 {
			c.StartLine, c.EndLine = &first, &last
		} else if blamed != nil {
			rewritten[c.Path+" "+c.Related] = true
		}
	}
	return rewritten, nil
}

// blame says which commit wrote each line of a file; nil for a document, and for a
// file that is too long to be blamed while somebody waits.
func (m *Maker) blame(ctx context.Context, r Request, path string) ([]string, error) {
	at, err := r.Index.Browse(path, codeindex.Page{Limit: 1})
	if err != nil || at.File == nil || at.File.TotalLines < 1 || at.File.TotalLines > maxBlamed {
		return nil, nil //nolint:nilerr // the index does not know it: it is no code
	}
	return m.Files.Blame(ctx, r.Repository, r.Index.Commit, path, 1, int(at.File.TotalLines))
}

// gap is how many lines of others may lie between lines of one commit that are
// shown together.
const gap = 2

// longestRun are the most lines in a row that a commit wrote, from 1; 0, 0 for
// none.
func longestRun(blamed []string, commit string) (first, last int) {
	from, until := 0, 0
	for i, hash := range blamed {
		if hash != commit {
			continue
		}
		if from == 0 || i+1-until > gap+1 {
			from = i + 1
		}
		until = i + 1
		if until-from > last-first || last == 0 {
			first, last = from, until
		}
	}
	return first, last
}

// CaseLinks are the links of what may be answered in an interview, by question.
func (m *Maker) CaseLinks(ctx context.Context, r rampforge.Repository, i rampforge.Interview) (map[string][]rampforge.KnowledgeLink, error) {
	out := map[string][]rampforge.KnowledgeLink{}
	for at := range i.Questions {
		q := &i.Questions[at]
		if q.Answer == nil {
			continue
		}
		links, err := m.linksOfCase(ctx, r, i.Commit, &q.Case)
		if err != nil {
			return nil, err
		}
		out[q.ID] = links
	}
	return out, nil
}

// Left is an answer that is too thin to be knowledge: it stays with the interview.
type Left struct {
	QuestionID string   `json:"question_id"`
	Topic      string   `json:"topic"`
	Thin       []string `json:"thin" doc:"Why: evasive, restates, no_reason, not_concrete, short"`
}

// LeftOut are the answers of an interview of which no item is made, as they are
// thin though they were asked about again.
func LeftOut(questions []rampforge.InterviewQuestion) []Left {
	out := []Left{}
	for i := range questions {
		if q := &questions[i]; answered(q) && len(q.Thin) > 0 {
			out = append(out, Left{q.ID, q.Topic, q.Thin})
		}
	}
	return out
}

func answered(q *rampforge.InterviewQuestion) bool {
	return q.Answer != nil && (q.Status == rampforge.QuestionAnswered || q.Status == rampforge.QuestionAskedAgain)
}

// Items makes drafts of what was answered in an interview, but for what is thin.
func Items(i rampforge.Interview, questions []rampforge.InterviewQuestion, links map[string][]rampforge.KnowledgeLink, now time.Time) []rampforge.KnowledgeItem {
	var out []rampforge.KnowledgeItem
	for at := range questions {
		q := &questions[at]
		if !answered(q) || len(q.Thin) > 0 || i.Person.UserID == nil {
			continue
		}
		out = append(out, rampforge.KnowledgeItem{
			ID: store.NewID("kno"), ProjectID: i.ProjectID, Title: titleOf(q), Text: *q.Answer, Question: q.Text, Author: &rampforge.KnowledgeAuthor{UserID: *i.Person.UserID, Name: i.Person.Name},
			InterviewID: &i.ID, QuestionID: &q.ID, State: rampforge.KnowledgeDraft, Links: append([]rampforge.KnowledgeLink{}, links[q.ID]...), CreatedAt: now, UpdatedAt: now,
		})
	}
	return out
}

// maxTitle bounds the title of an item, in bytes.
const maxTitle = 200

func titleOf(q *rampforge.InterviewQuestion) string {
	title := strings.Join(strings.Fields(q.Topic), " ")
	if len(title) > maxTitle {
		title = strings.ToValidUTF8(title[:maxTitle-3], "") + "…"
	}
	return title
}
