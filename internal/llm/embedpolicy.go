package llm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"
)

// EmbedOptions are what an EmbedPolicy asks an embedder under; they mean what
// those of a Policy do.
type EmbedOptions struct {
	Embedder Embedder
	Identity string
	Timeout  time.Duration // of one request, all attempts together
	Retries  int
	// Concurrency is how many requests are on their way at once; 0 is no bound.
	// Documents leave one of them to questions.
	Concurrency int
	Budget      Budget
	PerUser     int64
	// PerDay is what all may take in a day. Documents are embedded of its first
	// half alone: questions are asked of the rest.
	PerDay   int64
	Cache    Cache // of the vectors of questions
	CacheFor time.Duration
	Mask     func(text string) (string, int)
	Price    Price // of Input alone
	Registry prometheus.Registerer
	Sent     *Sent
	Logger   *slog.Logger
	Now      func() time.Time

	sleep func(ctx context.Context, d time.Duration) error // tests do not wait
}

// EmbedPolicy asks an Embedder within bounds: it masks secrets, cuts and parts
// what is too long or too much for one request, tries again what may pass, and
// refuses vectors that are none. It is an Embedder itself.
type EmbedPolicy struct {
	o       EmbedOptions
	gate    *gate
	metrics *metrics
}

// NewEmbedPolicy returns a policy around an embedder.
func NewEmbedPolicy(o EmbedOptions) (*EmbedPolicy, error) {
	if o.sleep == nil {
		o.sleep = sleep
	}
	p := &EmbedPolicy{o: o, gate: newGate(o.Embedder.Name(), o.Concurrency, o.Logger)}
	var err error
	p.metrics, err = newMetrics(o.Registry)
	return p, err
}

// Name is that of the model.
func (p *EmbedPolicy) Name() string { return p.o.Embedder.Name() }

// Dimensions is that of the model.
func (p *EmbedPolicy) Dimensions() int { return p.o.Embedder.Dimensions() }

// Bounds are those of the model; the policy keeps them by itself.
func (p *EmbedPolicy) Bounds() EmbedBounds { return p.o.Embedder.Bounds() }

// Space names what vectors can be compared in: those of one model, at one
// place, of one length.
func (p *EmbedPolicy) Space() string {
	where := sha256.Sum256([]byte(p.o.Identity))
	return fmt.Sprintf("%s/%d/%s", p.Name(), p.Dimensions(), hex.EncodeToString(where[:6]))
}

// Embed embeds texts in as many requests as are needed; all or none.
func (p *EmbedPolicy) Embed(ctx context.Context, r *EmbedRequest) (*Embedded, error) {
	texts, masked := p.prepared(r.Texts)
	if cached := p.remembered(ctx, r.Task, texts); cached != nil {
		p.metrics.count(p.Name(), purpose(r.Task), outcomeCached, 0)
		return cached, nil
	}
	p.metrics.masked.Add(float64(masked))
	batches := p.Bounds().batches(texts)
	parts := make([]*Embedded, len(batches))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, p.o.Concurrency-1)) // the last turn is for questions
	for i, batch := range batches {
		group.Go(func() (err error) {
			secrets := 0
			if i == 0 {
				secrets = masked // they are counted once
			}
			parts[i], err = p.request(groupCtx, &EmbedRequest{User: r.User, Task: r.Task, Texts: batch}, secrets)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out := &Embedded{}
	for _, part := range parts {
		out.Vectors = append(out.Vectors, part.Vectors...)
		out.Tokens += part.Tokens
	}
	if err := checkVectors(out.Vectors, len(texts), p.Dimensions()); err != nil {
		return nil, err // requests that differ from each other
	}
	p.remember(ctx, r.Task, texts, out)
	return out, nil
}

// prepared are the texts as they are sent, and how many secrets were in them.
func (p *EmbedPolicy) prepared(texts []string) ([]string, int) {
	out, n := make([]string, len(texts)), 0
	for i, text := range texts {
		if p.o.Mask != nil {
			masked, found := p.o.Mask(text)
			text, n = masked, n+found
		}
		out[i] = p.Bounds().cut(strings.ToValidUTF8(text, ""))
	}
	return out, n
}

// request is one request with all its attempts.
func (p *EmbedPolicy) request(ctx context.Context, r *EmbedRequest, masked int) (*Embedded, error) {
	began := p.o.Now()
	shown := &Request{Purpose: purpose(r.Task), User: r.User}
	for _, text := range r.Texts {
		shown.Messages = append(shown.Messages, Message{Role: RoleUser, Text: text})
	}
	need := int64(estimate(shown))
	promised, err := p.reserve(ctx, began, r, need)
	if err != nil {
		p.metrics.count(p.Name(), shown.Purpose, string(KindBudget), p.o.Now().Sub(began))
		return nil, err
	}
	spanned, span := startSpan(ctx, "embeddings", p.Name(), shown.Purpose)
	res, err := p.within(spanned, r)
	took, outcome := Tokens{}, outcomeOK
	if err == nil {
		took.Input = res.Tokens
		if took.Input == 0 {
			took.Input = int(need)
		}
		res.Tokens = took.Input
	} else {
		outcome = string(Failure(ctx, err).Kind)
		if ctx.Err() != nil {
			outcome = outcomeCancelled
		}
	}
	endSpan(span, outcome, took)
	p.settle(ctx, began, r.User, promised, took)
	p.metrics.count(p.Name(), shown.Purpose, outcome, p.o.Now().Sub(began))
	p.metrics.took(p.Name(), shown.Purpose, took, p.o.Price.of(took), 0)
	p.o.Sent.add(SentRequest{At: began, Model: p.Name(), Request: *shown, Masked: masked, Outcome: outcome, Tokens: took, Took: p.o.Now().Sub(began)})
	return res, err
}

// within asks for as long as the bounds allow.
func (p *EmbedPolicy) within(ctx context.Context, r *EmbedRequest) (*Embedded, error) {
	ctx, cancel := timeout(ctx, p.o.Timeout, "The model did not embed a text within %s.")
	defer cancel()
	pauses := newPauses()
	for attempt := 0; ; attempt++ {
		res, err := p.once(ctx, r)
		if err == nil {
			return res, nil
		}
		e := Failure(ctx, err)
		if attempt >= p.o.Retries || !e.mayPass() || !rested(ctx, pauses, e, p.o.sleep) {
			return nil, e
		}
	}
}

func (p *EmbedPolicy) once(ctx context.Context, r *EmbedRequest) (*Embedded, error) {
	done, err := p.gate.enter(ctx)
	if err != nil {
		return nil, err
	}
	told := errTold // a panic below must not leave the circuit waiting
	defer func() { done(told) }()
	res, err := p.o.Embedder.Embed(ctx, r)
	if err == nil {
		err = checkVectors(res.Vectors, len(r.Texts), p.Dimensions())
	}
	if e, ok := errors.AsType[*Error](context.Cause(ctx)); ok && err != nil {
		err = e // our own bound
	}
	if ctx.Err() == nil || isWhole(ctx) {
		told = err
	}
	if err != nil {
		return nil, err
	}
	return res, nil
}

// reserve takes what a request may need from the budgets; see Policy.reserve.
func (p *EmbedPolicy) reserve(ctx context.Context, at time.Time, r *EmbedRequest, need int64) (int64, error) {
	if p.o.Budget == nil {
		return 0, nil
	}
	perDay := p.o.PerDay
	if r.Task == TaskDocument {
		perDay /= 2
	}
	spent, err := p.o.Budget.ReserveTokens(ctx, at, r.User, need, p.o.PerUser, perDay)
	switch {
	case err != nil && ctx.Err() != nil: // nobody waits any more: nothing will be sent
		return 0, nil
	case err != nil:
		p.o.Logger.ErrorContext(ctx, "the tokens of a model are not counted", slog.Any("error", err))
		return 0, nil
	case spent != "":
		return 0, &Error{Kind: KindBudget, Message: "Today's tokens for embeddings are spent; there are new ones after midnight, UTC."}
	}
	return need, nil
}

func (p *EmbedPolicy) settle(ctx context.Context, at time.Time, user string, promised int64, took Tokens) {
	if promised == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	if err := p.o.Budget.SettleTokens(ctx, at, user, promised, int64(took.Input), 0, 0); err != nil {
		p.o.Logger.ErrorContext(ctx, "the tokens of a model are not counted", slog.Any("error", err))
	}
}

// purpose is what metrics and the log of what was sent call a task.
func purpose(t Task) string {
	if t == TaskQuery {
		return "embed_question"
	}
	return "embed"
}

// key names the vector of a question; "" where none is kept.
func (p *EmbedPolicy) key(t Task, texts []string) string {
	if p.o.Cache == nil || p.o.CacheFor <= 0 || t != TaskQuery || len(texts) != 1 {
		return ""
	}
	sum := sha256.Sum256([]byte(p.Space() + "\x00" + texts[0]))
	return "embedding:" + hex.EncodeToString(sum[:])
}

func (p *EmbedPolicy) remembered(ctx context.Context, t Task, texts []string) *Embedded {
	key := p.key(t, texts)
	if key == "" {
		return nil
	}
	content, ok := p.o.Cache.Get(ctx, key)
	var v []float32
	if !ok || json.Unmarshal(content, &v) != nil || checkVectors([][]float32{v}, 1, p.Dimensions()) != nil {
		return nil
	}
	return &Embedded{Vectors: [][]float32{v}}
}

func (p *EmbedPolicy) remember(ctx context.Context, t Task, texts []string, res *Embedded) {
	if key := p.key(t, texts); key != "" {
		if content, err := json.Marshal(res.Vectors[0]); err == nil { // numbers alone
			p.o.Cache.Set(ctx, key, content, p.o.CacheFor)
		}
	}
}

// Check reports whether the model can be asked, without taking tokens.
func (p *EmbedPolicy) Check(ctx context.Context) error {
	if err := p.gate.open(); err != nil {
		return err
	}
	pinger, ok := p.o.Embedder.(interface {
		Ping(ctx context.Context) error
	})
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	return pinger.Ping(ctx)
}
