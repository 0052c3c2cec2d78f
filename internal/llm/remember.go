package llm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Cache keeps answers for a while; it may lose them.
type Cache interface {
	Get(ctx context.Context, key string) ([]byte, bool)
	Set(ctx context.Context, key string, value []byte, keep time.Duration)
	// Turn waits until nobody else makes what is to be kept under key, or until ctx
	// ends, and tells whether it had to. The caller calls done afterwards.
	Turn(ctx context.Context, key string) (done func(), waited bool)
}

// maxKept is the longest answer that is remembered.
const maxKept = 256 << 10

// key names a request by everything that goes into its answer.
func (p *Policy) key(r *Request) string {
	if p.o.Cache == nil || p.o.CacheFor <= 0 {
		return ""
	}
	asked := *r
	asked.User, asked.Purpose = "", "" // neither is sent
	content, err := json.Marshal(struct {
		Version         int // of this form and of Response
		Identity, Model string
		Request         Request
	}{1, p.o.Identity, p.Name(), asked})
	if err != nil {
		return "" // a schema that is no JSON; the model will say so
	}
	sum := sha256.Sum256(content)
	return "answer:" + hex.EncodeToString(sum[:])
}

// remembered returns the answer that the same request had, or nil.
func (p *Policy) remembered(ctx context.Context, key string) *Response {
	if key == "" {
		return nil
	}
	content, ok := p.o.Cache.Get(ctx, key)
	var res Response
	if !ok || json.Unmarshal(content, &res) != nil {
		return nil
	}
	res.Cached, res.Took = true, 0
	return &res
}

// turn waits while somebody asks the very same, and returns what they were
// answered, or nil when it is the caller's turn to ask, until done is called.
func (p *Policy) turn(ctx context.Context, key string) (res *Response, done func()) {
	if key == "" {
		return nil, func() {}
	}
	done, waited := p.o.Cache.Turn(ctx, key)
	if waited {
		res = p.remembered(ctx, key)
	}
	return res, done
}

// remember keeps an answer that is whole.
func (p *Policy) remember(ctx context.Context, key string, res *Response) {
	if key == "" || res.Finish != FinishStop && res.Finish != FinishTools {
		return
	}
	if content, err := json.Marshal(res); err == nil && len(content) <= maxKept {
		p.o.Cache.Set(ctx, key, content, p.o.CacheFor)
	}
}

// masked returns a request without the secrets that are in it. What is ours is
// left alone.
func (p *Policy) masked(r *Request) (*Request, int) {
	out := *r
	if p.o.Mask == nil {
		return &out, 0
	}
	n := 0
	clean := func(text *string) {
		masked, found := p.o.Mask(*text)
		*text, n = masked, n+found
	}
	clean(&out.Question)
	out.Messages = append([]Message(nil), r.Messages...)
	for i := range out.Messages {
		m := &out.Messages[i]
		clean(&m.Text)
		m.Results = append([]CallResult(nil), m.Results...)
		for j := range m.Results {
			clean(&m.Results[j].Content)
		}
	}
	inMessages := n
	out.Sources = append([]Source(nil), r.Sources...)
	for i := range out.Sources {
		clean(&out.Sources[i].Title)
		clean(&out.Sources[i].Text)
	}
	return &out, max(inMessages, n-inMessages) // the messages hold the sources too
}
