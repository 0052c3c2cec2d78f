package search

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/vector"
)

const (
	// DefaultPatience is how long a search waits for what passages mean.
	DefaultPatience = 1500 * time.Millisecond
	// loadWithin bounds the reading of vectors, which goes on when nobody waits any
	// more: the next search finds them in memory.
	loadWithin = time.Minute
	// nearest is how many passages are taken by meaning.
	nearest = 100
	// spare is how far a block may grow beyond the passages that there are, by those
	// that are gone, until it is read anew.
	spare = 1.25
)

// Meaning finds passages by what they mean. The vectors of what was searched last
// are kept in memory. It is safe for concurrent use.
type Meaning struct {
	Embeds

	Store    *store.Store
	MaxBytes int64
	Patience time.Duration
	Logger   *slog.Logger

	mu     sync.Mutex
	blocks map[int64]*block // by scope
	turn   int64
}

// block are the vectors of a scope.
type block struct {
	mu      sync.Mutex // of who reads more of it
	vectors vector.Block
	version int64

	used int64 // the turn when it last was, guarded by Meaning
	size int64
}

// ByMeaning is what a search found by meaning.
type ByMeaning struct {
	Used bool
	// Note says, in a sentence for a person, why it was not.
	Note string

	ids []int64 // best first
}

// begin looks for a question's nearest passages, as far as v may see them. What
// it returns waits for them, as long as its patience lasts.
func (m *Meaning) begin(ctx context.Context, v store.Viewer, projectID string, q Question) func() ByMeaning {
	if m == nil || strings.TrimSpace(q.Text) == "" {
		return func() ByMeaning { return ByMeaning{} }
	}
	waiting, stop := context.WithTimeout(ctx, m.Patience)
	done := make(chan ByMeaning, 1)
	go func() {
		found, err := m.near(waiting, v, projectID, q)
		if err != nil {
			found = ByMeaning{Note: noteOf(err)}
			m.Logger.WarnContext(ctx, "a search goes by words alone", slog.Any("error", err))
		}
		done <- found
	}()
	return func() ByMeaning {
		defer stop()
		select {
		case found := <-done:
			return found
		case <-waiting.Done():
			return ByMeaning{Note: late}
		}
	}
}

const late = "This was found by words alone: what passages mean was not known in time."

func noteOf(err error) string {
	if e, ok := errors.AsType[*llm.Error](err); ok && e.Kind != llm.KindTimeout {
		return "This was found by words alone. " + e.Message
	}
	return late
}

func (m *Meaning) near(ctx context.Context, v store.Viewer, projectID string, q Question) (ByMeaning, error) {
	scopes, err := m.Store.EmbeddedScopes(ctx, v, projectID, m.Space)
	if len(q.Kinds) > 0 {
		scopes = slices.DeleteFunc(scopes, func(c store.EmbeddedScope) bool {
			return !slices.ContainsFunc(q.Kinds, func(k rampforge.PassageKind) bool { return slices.Contains(c.Kinds, k) })
		})
	}
	if err != nil || len(scopes) == 0 {
		return ByMeaning{}, err
	}
	res, err := m.Embedder.Embed(ctx, &llm.EmbedRequest{User: v.UserID, Task: llm.TaskQuery, Texts: []string{cleaned(cut(q.Text))}})
	if err != nil {
		return ByMeaning{}, err
	}
	asked := vector.Quantise(res.Vectors[0])
	best := vector.NewBest(nearest)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadWithin)
	defer cancel()
	for i := range scopes {
		wanted := wantedOf(scopes[i].Kinds, q.Kinds)
		if err := m.scope(ctx, &scopes[i], asked, wanted, best); err != nil {
			return ByMeaning{}, err
		}
	}
	found := ByMeaning{}
	for _, f := range best.List() {
		found.ids = append(found.ids, f.ID)
	}
	found.Used = len(found.ids) > 0 // they may all be of another model yet
	return found, nil
}

// wantedOf tells passages of the kinds that may be sent and are asked for.
func wantedOf(sendable, asked []rampforge.PassageKind) func(id int64) bool {
	return func(id int64) bool {
		kind := store.KindOfPassage(id)
		return slices.Contains(sendable, kind) && (len(asked) == 0 || slices.Contains(asked, kind))
	}
}

// scope offers the passages of a scope.
func (m *Meaning) scope(ctx context.Context, c *store.EmbeddedScope, asked vector.Quantised, wanted func(int64) bool, best *vector.Best) error {
	if vector.Size(int(c.Passages), len(asked.Values)) > m.MaxBytes {
		return m.Store.Vectors(ctx, c.Number, m.Space, 0, c.Version, func(v store.PassageVector) {
			if score, ok := asked.Product(v.Scale, v.Vector); ok && wanted(v.ID) {
				best.Offer(v.ID, score)
			}
		})
	}
	vectors, err := m.load(ctx, c, len(asked.Values))
	if err == nil {
		vectors.Near(asked, wanted, best)
	}
	return err
}

// load returns the vectors of a scope, from memory as far as they are there.
func (m *Meaning) load(ctx context.Context, c *store.EmbeddedScope, dimensions int) (vector.Block, error) {
	b := m.block(c.Number)
	b.mu.Lock()
	defer b.mu.Unlock()
	if float64(b.vectors.Len()) > spare*float64(c.Passages) || b.vectors.Dimensions() != dimensions || b.version > c.Version {
		b.vectors, b.version = vector.NewBlock(dimensions, int(c.Passages)), 0
	}
	if b.version < c.Version {
		grown := b.vectors
		err := m.Store.Vectors(ctx, c.Number, m.Space, b.version, c.Version, func(v store.PassageVector) { grown = grown.With(v.ID, v.Scale, v.Vector) })
		if err != nil {
			return vector.Block{}, err
		}
		b.vectors, b.version = grown, c.Version
		m.resize(b, c.Number)
	}
	return b.vectors, nil
}

// block returns the block of a scope, which may be empty yet.
func (m *Meaning) block(scope int64) *block {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.blocks == nil {
		m.blocks = map[int64]*block{}
	}
	b := m.blocks[scope]
	if b == nil {
		b = &block{}
		m.blocks[scope] = b
	}
	m.turn++
	b.used = m.turn
	return b
}

// resize forgets the blocks that were not used for the longest until the rest
// fits.
func (m *Meaning) resize(b *block, scope int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b.size = b.vectors.Bytes()
	for {
		total, oldest := int64(0), scope
		for number, other := range m.blocks {
			total += other.size
			if other.used < m.blocks[oldest].used {
				oldest = number
			}
		}
		if total <= m.MaxBytes || oldest == scope {
			return
		}
		delete(m.blocks, oldest)
	}
}

// Bytes is about how many bytes the vectors in memory take.
func (m *Meaning) Bytes() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	total := int64(0)
	for _, b := range m.blocks {
		total += b.size
	}
	return total
}

func cleaned(text string) string { return strings.ToValidUTF8(text, "") }
