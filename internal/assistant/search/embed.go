package search

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/vector"
)

// Embeds is what passages are embedded with, and where their vectors are kept.
type Embeds struct {
	Embedder interface {
		Embed(ctx context.Context, r *llm.EmbedRequest) (*llm.Embedded, error)
	}
	Space int64 // as UseEmbeddings returned it
}

const (
	// embedChunk is how many passages are embedded between two writes.
	embedChunk = 64
	// embedSlice is how long a job embeds until others have their turn.
	embedSlice = time.Minute
	// embedBytes is how much of a passage counts. What it is about stands at its
	// beginning, and models take a few thousand tokens at most.
	embedBytes = 6000
	// The pauses after failures: they double.
	firstEmbedPause = time.Minute
	lastEmbedPause  = time.Hour
)

// embeddedText is what of a passage is embedded; its place is not in it, so that
// what is moved keeps its vector.
func embeddedText(p *rampforge.Passage) string {
	text := p.Text
	if p.Title != "" {
		text = p.Title + "\n\n" + text
	}
	if len(text) > embedBytes {
		text = text[:embedBytes]
	}
	return cleaned(text)
}

func hashOf(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:16]
}

// embedder embeds what a scope lacks.
type embedder struct {
	*Indexer

	claim store.SearchClaim
	was   store.SearchScope
	began time.Time
}

// embed embeds passages of a scope that have no vector, until all do, or words
// are wanted, or its time is over. A vendor that does not answer is no error: it
// is noted, and asked again later.
func (x *Indexer) embed(ctx context.Context, c store.SearchClaim, was store.SearchScope) error {
	e := &embedder{Indexer: x, claim: c, was: was, began: x.Now()}
	kinds, err := x.Store.SendableKinds(ctx, was)
	if err == nil {
		err = x.Store.DropEmbeddings(ctx, was.Number, kinds)
	}
	rest := store.EmbedRest{Space: x.Embeds.Space, Began: e.began}
	for _, kind := range kinds {
		more := false
		if err == nil {
			more, err = e.kind(ctx, kind)
		}
		if more {
			now := x.Now()
			rest.Next = &now
			break
		}
	}
	if fault, ok := errors.AsType[*llm.Error](err); ok && ctx.Err() == nil {
		rest.Failures = was.EmbedFailures + 1
		next := x.Now().Add(max(min(firstEmbedPause<<min(was.EmbedFailures, 10), lastEmbedPause), fault.RetryAfter))
		rest.Next, rest.Note, err = &next, fault.Message, nil
	}
	if err != nil {
		return err
	}
	return x.Store.RestEmbedding(ctx, c, rest, x.Now())
}

// kind embeds the passages of one kind. It reports whether there is more to do.
func (e *embedder) kind(ctx context.Context, kind rampforge.PassageKind) (more bool, err error) {
	for from := int64(0); ; {
		list, err := e.Store.Unembedded(ctx, e.was.Number, kind, e.Embeds.Space, from, embedChunk)
		if err != nil || len(list) == 0 {
			return false, err
		}
		if err := e.some(ctx, list); err != nil {
			return false, err
		}
		from = list[len(list)-1].ID + 1
		wanted, err := e.Store.SearchWanted(ctx, e.was.Number)
		if err != nil || wanted || e.Now().Sub(e.began) > embedSlice {
			return true, err
		}
		// What may be sent is asked before each request.
		kinds, err := e.Store.SendableKinds(ctx, e.was)
		if err != nil || !slices.Contains(kinds, kind) {
			return true, err
		}
	}
}

// some embeds those of some passages whose text has no vector yet, and notes
// which text each has.
func (e *embedder) some(ctx context.Context, list []rampforge.Passage) error {
	hashes := map[int64][]byte{}
	texts := map[string]string{} // by hash
	var order [][]byte
	for i := range list {
		text := embeddedText(&list[i])
		hash := hashOf(text)
		hashes[list[i].ID] = hash
		if _, there := texts[string(hash)]; !there {
			texts[string(hash)] = text
			order = append(order, hash)
		}
	}
	known, err := e.Store.KnownEmbeddings(ctx, e.Embeds.Space, order)
	if err != nil {
		return err
	}
	order = slices.DeleteFunc(order, func(hash []byte) bool { return known[string(hash)] })
	made, err := e.vectors(ctx, order, texts)
	if err != nil {
		return err
	}
	return e.Store.PutEmbeddings(ctx, e.claim, e.Embeds.Space, made, hashes, e.Now())
}

// vectors embeds texts. Where the model refuses them together, each is asked for
// alone, and one that it refuses beside others that it takes has no vector; where
// it refuses all of them, it is the request that it does not like.
func (e *embedder) vectors(ctx context.Context, order [][]byte, texts map[string]string) ([]store.TextVector, error) {
	if len(order) == 0 {
		return nil, nil
	}
	r := &llm.EmbedRequest{Task: llm.TaskDocument}
	for _, hash := range order {
		r.Texts = append(r.Texts, texts[string(hash)])
	}
	res, err := e.Embeds.Embedder.Embed(ctx, r)
	if err == nil {
		made := make([]store.TextVector, len(order))
		for i, hash := range order {
			made[i] = textVector(hash, res.Vectors[i])
		}
		return made, nil
	}
	if len(order) == 1 || !refusesText(err) {
		return nil, err
	}
	var made []store.TextVector
	taken := false
	for _, hash := range order {
		one, oneErr := e.vectors(ctx, [][]byte{hash}, texts)
		switch {
		case oneErr == nil:
			made, taken = append(made, one...), true
		case refusesText(oneErr):
			made = append(made, store.TextVector{Hash: hash})
		default:
			return nil, oneErr
		}
	}
	if !taken {
		return nil, err
	}
	return made, nil
}

// refusesText reports whether an error may be one of a text, not of the service.
func refusesText(err error) bool {
	e, ok := errors.AsType[*llm.Error](err)
	return ok && (e.Kind == llm.KindInvalid || e.Kind == llm.KindBlocked || e.Kind == llm.KindUnreadable)
}

func textVector(hash []byte, v []float32) store.TextVector {
	q := vector.Quantise(v)
	return store.TextVector{Hash: hash, Scale: q.Scale, Vector: q.Bytes()}
}
