package gitlab

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// The types of this file name what is mapped of GitLab's answers. They are not
// the library's: GitLab's MCP servers tell the same objects with ids as
// strings, and one mapping serves both ways.

// id is a numeric id, told as a number or as a string.
type id string

func (i *id) UnmarshalJSON(raw []byte) error {
	text := string(raw)
	if text == "null" {
		return nil
	}
	if strings.HasPrefix(text, `"`) {
		if err := json.Unmarshal(raw, &text); err != nil {
			return err
		}
	}
	if text == "" {
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return errors.New("an id is no number")
	}
	*i = id(strconv.FormatUint(n, 10))
	return nil
}

func formatID(n float64) string { return strconv.FormatUint(uint64(n), 10) }

// instant is a time, in UTC; zero when GitLab tells none.
type instant struct{ time.Time }

func (t *instant) UnmarshalJSON(raw []byte) error {
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	if text == nil || *text == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil {
		return errors.New("a time is none")
	}
	t.Time = at.UTC()
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads.
func (t instant) MarshalJSON() ([]byte, error) { return json.Marshal(t.Time) }

func (t instant) pointer() *time.Time {
	if t.IsZero() {
		return nil
	}
	at := t.Time
	return &at
}

type titled struct {
	ID        id     `json:"id"`
	IID       id     `json:"iid"`
	Title     string `json:"title"`
	Name      string `json:"name"` // of a label
	StartDate string `json:"start_date"`
	DueDate   string `json:"due_date"`
}

// resourceEvent is a change of an issue or a merge request; which of the
// fields are set depends on its kind.
type resourceEvent struct {
	ID        id       `json:"id"`
	User      *user    `json:"user"`
	CreatedAt instant  `json:"created_at"`
	State     string   `json:"state"`
	Action    string   `json:"action"` // add or remove
	Label     *titled  `json:"label"`
	Iteration *titled  `json:"iteration"`
	Weight    *float64 `json:"weight"`
}

type note struct {
	ID        id      `json:"id"`
	Body      string  `json:"body"`
	Author    *user   `json:"author"`
	System    bool    `json:"system"`
	CreatedAt instant `json:"created_at"`
	UpdatedAt instant `json:"updated_at"`
	Position  *struct {
		NewPath string `json:"new_path"`
		OldPath string `json:"old_path"`
		NewLine *int   `json:"new_line"`
		OldLine *int   `json:"old_line"`
	} `json:"position"`
}

type issue struct {
	ID         id       `json:"id"`
	IID        id       `json:"iid"`
	Type       string   `json:"issue_type"`
	Title      string   `json:"title"`
	Body       *string  `json:"description"`
	URL        string   `json:"web_url"`
	State      string   `json:"state"`
	Labels     labels   `json:"labels"`
	Author     *user    `json:"author"`
	Assignees  []user   `json:"assignees"`
	Weight     *float64 `json:"weight"`
	Iteration  *titled  `json:"iteration"`
	MovedTo    id       `json:"moved_to_id"`
	CreatedAt  instant  `json:"created_at"`
	UpdatedAt  instant  `json:"updated_at"`
	ClosedAt   instant  `json:"closed_at"`
	References struct {
		Short string `json:"short"`
	} `json:"references"`
	Links struct {
		DuplicateOf string `json:"closed_as_duplicate_of"`
	} `json:"_links"`
}

// labels are names, or objects where the list was asked for details.
type labels []string

func (l *labels) UnmarshalJSON(raw []byte) error {
	var all []json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	*l = labels{}
	for _, item := range all {
		var name string
		if json.Unmarshal(item, &name) != nil {
			var object titled
			if err := json.Unmarshal(item, &object); err != nil {
				return err
			}
			name = object.Name
		}
		*l = append(*l, name)
	}
	return nil
}

type mergeRequest struct {
	ID           id      `json:"id"`
	IID          id      `json:"iid"`
	Title        string  `json:"title"`
	Body         *string `json:"description"`
	URL          string  `json:"web_url"`
	State        string  `json:"state"`
	Draft        bool    `json:"draft"`
	WIP          bool    `json:"work_in_progress"`
	Author       *user   `json:"author"`
	MergeUser    *user   `json:"merge_user"`
	MergedBy     *user   `json:"merged_by"` // of older servers
	Assignees    []user  `json:"assignees"`
	Reviewers    []user  `json:"reviewers"`
	Labels       labels  `json:"labels"`
	SourceBranch string  `json:"source_branch"`
	TargetBranch string  `json:"target_branch"`
	SHA          string  `json:"sha"`
	MergeCommit  string  `json:"merge_commit_sha"`
	Squash       bool    `json:"squash"`
	SquashCommit maybe   `json:"squash_commit_sha"`
	CreatedAt    instant `json:"created_at"`
	UpdatedAt    instant `json:"updated_at"`
	ClosedAt     instant `json:"closed_at"`
	MergedAt     instant `json:"merged_at"`
	ChangesCount *string `json:"changes_count"` // "1000+" where there are more
}

// maybe is a text of which it counts whether it was told at all.
type maybe struct {
	text string
	told bool // null is told
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *maybe) UnmarshalJSON(raw []byte) error {
	m.told = true
	return json.Unmarshal(raw, &m.text)
}

type commit struct {
	ID             string   `json:"id"`
	Parents        []string `json:"parent_ids"`
	Message        string   `json:"message"`
	Title          string   `json:"title"`
	AuthorName     string   `json:"author_name"`
	AuthorEmail    string   `json:"author_email"`
	AuthoredAt     instant  `json:"authored_date"`
	CommitterName  string   `json:"committer_name"`
	CommitterEmail string   `json:"committer_email"`
	CommittedAt    instant  `json:"committed_date"`
}

type pipeline struct {
	ID         id      `json:"id"`
	Name       *string `json:"name"`
	URL        string  `json:"web_url"`
	Ref        string  `json:"ref"`
	SHA        string  `json:"sha"`
	Source     string  `json:"source"`
	Status     string  `json:"status"`
	User       *user   `json:"user"`
	CreatedAt  instant `json:"created_at"`
	UpdatedAt  instant `json:"updated_at"`
	StartedAt  instant `json:"started_at"`
	FinishedAt instant `json:"finished_at"`
}

type deployment struct {
	ID          id      `json:"id"`
	Ref         string  `json:"ref"`
	SHA         string  `json:"sha"`
	Status      string  `json:"status"`
	User        *user   `json:"user"`
	CreatedAt   instant `json:"created_at"`
	UpdatedAt   instant `json:"updated_at"`
	Environment struct {
		Name string `json:"name"`
	} `json:"environment"`
	Deployable *struct {
		URL        string  `json:"web_url"`
		FinishedAt instant `json:"finished_at"`
	} `json:"deployable"`
}

type iteration struct {
	ID          id      `json:"id"`
	GroupID     id      `json:"group_id"`
	Title       *string `json:"title"`
	Description *string `json:"description"`
	State       int     `json:"state"` // 1 upcoming, 2 current, 3 closed
	CreatedAt   instant `json:"created_at"`
	UpdatedAt   instant `json:"updated_at"`
	StartDate   string  `json:"start_date"`
	DueDate     string  `json:"due_date"`
}

type wikiPage struct {
	Slug    string `json:"slug"`
	Title   string `json:"title"`
	Content string `json:"content"`
	Format  string `json:"format"`
}
