// Package builder makes facts of records. It is pure: the same record gives the
// same facts, whatever was read before or after it. Nothing that a vendor
// tells makes it fail: clocks run backwards, histories have gaps, and what is
// known now may contradict what is told of then.
//
// It may import the root package and facts.
package builder

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Record is a record as it is kept.
type Record struct {
	Stream     rampforge.Stream
	ServiceID  string
	ResourceID string
	ID         string
	SyncedAt   time.Time
	Content    []byte // JSON of the record that the stream has
}

// Builder collects the facts of records. It is not safe for concurrent use.
type Builder struct {
	log  facts.Log
	runs []facts.Deployment

	service string // whose keys the caches hold
	account map[string]facts.Symbol
	status  map[statusRef]facts.Symbol
	scratch scratch
}

type statusRef struct{ id, name string }

// New returns a builder of an empty log.
func New() *Builder { return &Builder{log: facts.Log{Symbols: facts.NewSymbols(nil)}} }

// Batch is what records were made into, in the order in which they came.
type Batch struct {
	facts.Log

	Runs []facts.Deployment // of pipelines
}

// Batch returns what was built so far. The builder must not be used after it.
func (b *Builder) Batch() *Batch { return &Batch{Log: b.log, Runs: b.runs} }

// Rebase makes the facts refer to the symbols of another table; see
// facts.Log.Rebase.
func (b *Batch) Rebase(onto *facts.Symbols) {
	runs := facts.Log{Symbols: b.Symbols, Deployments: b.Runs}
	runs.Rebase(onto)
	b.Log.Rebase(onto)
}

// Add makes the facts of a record. It fails when its content is no JSON of its
// stream, or when no facts are made of the stream.
func (b *Builder) Add(r Record) error {
	if b.service != r.ServiceID || b.account == nil {
		b.service, b.account, b.status = r.ServiceID, map[string]facts.Symbol{}, map[statusRef]facts.Symbol{}
	}
	switch r.Stream {
	case rampforge.StreamWorkItems:
		return add(r, b.workItem)
	case rampforge.StreamSprints:
		return add(r, b.sprint)
	case rampforge.StreamPullRequests:
		return add(r, b.pullRequest)
	case rampforge.StreamCommits:
		return add(r, b.commit)
	case rampforge.StreamPipelineRuns:
		return add(r, b.run)
	case rampforge.StreamDeployments:
		return add(r, b.deployment)
	case rampforge.StreamDocuments:
	}
	return fmt.Errorf("no facts are made of a record of %q", r.Stream)
}

func add[T any](r Record, build func(Record, *T)) error {
	var content T
	if err := json.Unmarshal(r.Content, &content, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return fmt.Errorf("reading the content of %s %s: %w", r.Stream, r.ID, err)
	}
	build(r, &content)
	return nil
}

func (b *Builder) symbol(text string) facts.Symbol { return b.log.Symbols.Add(text) }

func (b *Builder) source(r Record) facts.Symbol {
	return b.symbol(facts.SourceKey(r.ServiceID, r.ResourceID))
}

// accountOf returns the symbol of an account's id, 0 for none.
func (b *Builder) accountOf(id string) facts.Symbol {
	if id == "" {
		return 0
	}
	s, ok := b.account[id]
	if !ok {
		s = b.symbol(facts.AccountKey(b.service, id))
		b.account[id] = s
	}
	return s
}

func (b *Builder) actor(a *account) facts.Symbol {
	if a == nil {
		return 0
	}
	return b.accountOf(a.ID)
}

// statusOf returns the symbol of a status; a status without id and name is
// none.
func (b *Builder) statusOf(id, name string) facts.Symbol {
	if id == "" && name == "" {
		return 0
	}
	ref := statusRef{id, name}
	if id != "" {
		ref.name = ""
	}
	s, ok := b.status[ref]
	if !ok {
		s = b.symbol(facts.StatusKey(b.service, id, name))
		b.status[ref] = s
	}
	return s
}

func (b *Builder) remarks(comments []comment) []facts.Remark {
	var list []facts.Remark
	for i := range comments {
		c := &comments[i]
		if at := facts.At(c.CreatedAt); at != 0 {
			list = append(list, facts.Remark{Account: b.actor(c.Author), At: at})
		}
	}
	slices.SortStableFunc(list, func(x, y facts.Remark) int { return cmp.Compare(x.At, y.At) })
	return list
}

// symbols returns the symbols of texts, each once.
func (b *Builder) symbols(texts []string) []facts.Symbol {
	var list []facts.Symbol
	for _, text := range texts {
		if s := b.symbol(text); s != 0 && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}
