package store

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge"
)

// maxProjected bounds the text that is kept beside a record for lists, in
// bytes; all of it is in the record.
const maxProjected = 1000

// processors are those of the machine: a server lets more goroutines run at once,
// so that some are left for requests.
var processors = runtime.GOMAXPROCS(0)

// recordRows makes the rows of a page, on every processor: most of what a page
// costs this side is writing it as JSON and packing it.
func recordRows(p Place, records []rampforge.Record, now time.Time) ([][]any, error) {
	rows := make([][]any, len(records))
	var group errgroup.Group
	group.SetLimit(processors)
	for i := range records {
		group.Go(func() (err error) {
			rows[i], err = recordRow(p, &records[i], now)
			return err
		})
	}
	return rows, group.Wait()
}

func recordRow(p Place, r *rampforge.Record, now time.Time) ([]any, error) {
	if r.Stream != p.Stream || r.ID == "" {
		return nil, fmt.Errorf("a record %q of the stream %q does not belong to the page of %q", r.ID, r.Stream, p.Stream)
	}
	kept := projection(r)
	text, err := json.Marshal(kept.content)
	if err != nil {
		return nil, fmt.Errorf("encoding a record: %w", err)
	}
	var raw []byte
	if len(r.Raw) > 0 {
		raw = rawPacker().EncodeAll(r.Raw, nil)
	}
	resource := r.ResourceID
	if resource == "" {
		resource = p.ResourceID
	}
	return []any{p.ServiceID, r.Stream, r.ID, resource, plain(kept.key), plain(kept.title), short(kept.state), r.UpdatedAt, string(text), raw, now,
		short(kept.kind), short(kept.status), assigneeLines(kept.assignees), searched(kept.title)}, nil
}

// projected is what of a record is kept in columns of its own.
type projected struct {
	content                         any
	key, title, state, kind, status string
	assignees                       []rampforge.Account
}

func projection(r *rampforge.Record) projected {
	switch {
	case r.WorkItem != nil:
		w := r.WorkItem
		content := any(w)
		if w.EventLog {
			content = leanCaseOf(w)
		}
		return projected{content: content, key: w.Key, title: w.Title, state: string(w.StatusCategory), kind: w.Type, status: w.Status, assignees: w.Assignees}
	case r.Sprint != nil:
		return projected{content: r.Sprint, key: r.Sprint.Name, title: r.Sprint.Name, state: r.Sprint.State}
	case r.PullRequest != nil:
		p := r.PullRequest
		return projected{content: p, key: strconv.Itoa(p.Number), title: p.Title, state: p.State, assignees: p.Assignees}
	case r.Commit != nil:
		subject, _, _ := strings.Cut(r.Commit.Message, "\n")
		return projected{content: r.Commit, key: r.Commit.Hash, title: subject}
	case r.PipelineRun != nil:
		return projected{content: r.PipelineRun, key: r.PipelineRun.Name, title: r.PipelineRun.Name, state: r.PipelineRun.State}
	case r.Deployment != nil:
		return projected{content: r.Deployment, key: r.Deployment.Environment, title: r.Deployment.Environment, state: r.Deployment.State}
	case r.Document != nil:
		return projected{content: r.Document, key: r.Document.Title, title: r.Document.Title}
	}
	return projected{}
}

// maxIndexed bounds the text of a column that is in an index, in bytes: a row
// of PostgreSQL's indexes has room for 2,704.
const maxIndexed = 200

func short(text string) string { return cut(plain(text), maxIndexed) }

// cut is a text of at most so many bytes.
func cut(text string, most int) string {
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// What lists are narrowed by lies in their index, too: of an entry's 2,704 bytes
// these two may have so many.
const (
	maxSearched  = 800
	maxAssignees = 500
)

// searched is the text that a title is found by.
func searched(title string) string { return cut(strings.ToLower(plain(title)), maxSearched) }

// assigneeLines is a line for each account, between line breaks, so that one of
// them can be looked for. Of more accounts than there is room for, dozens, the
// first are found.
func assigneeLines(accounts []rampforge.Account) string {
	if len(accounts) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteByte('\n')
	for i := range accounts {
		id := plain(accounts[i].ID)
		if b.Len()+len(id)+1 > maxAssignees {
			break
		}
		b.WriteString(id)
		b.WriteByte('\n')
	}
	return b.String()
}

// whole makes a vendor's text fit for a text column: PostgreSQL takes no NUL.
// In JSON it is escaped and stays as it is.
func whole(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// plain is whole, and no longer than a column for looking things up takes.
func plain(text string) string { return cut(whole(text), maxProjected) }

func accountRows(serviceID string, accounts map[string]rampforge.Account, now time.Time) [][]any {
	ids := sortedKeys(accounts) // in one order, so that two pages never wait for each other
	rows := make([][]any, 0, len(ids))
	seen := map[string]bool{} // ids may differ in what no text column takes
	for _, id := range ids {
		a := accounts[id]
		if seen[plain(a.ID)] {
			continue
		}
		seen[plain(a.ID)] = true
		rows = append(rows, []any{serviceID, plain(a.ID), plain(a.Login), plain(a.Name), plain(a.Email), a.EmailVerified, a.Bot, now})
	}
	return rows
}
