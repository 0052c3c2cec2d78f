package httpclient

import (
	"context"
	"crypto/sha256"
	"net/http"
	"slices"
	"strings"

	"github.com/maypok86/otter/v2"
)

// maxRemembered is how many bytes of answers a client remembers, unless
// options say otherwise.
const maxRemembered = 16 << 20

// entryCost is roughly what an answer costs besides its body and headers.
const entryCost = 512

// conditional remembers answers that have an ETag or a Last-Modified, asks
// whether they still hold, and gives the remembered one when they do.
type conditional struct {
	next    http.RoundTripper
	names   []string // of headers that hold credentials, besides the usual ones
	answers *otter.Cache[[sha256.Size]byte, *remembered]
}

type remembered struct {
	header http.Header
	body   []byte
}

func newConditional(next http.RoundTripper, names []string, size int64) *conditional {
	return &conditional{next: next, names: names, answers: otter.Must(&otter.Options[[sha256.Size]byte, *remembered]{
		MaximumWeight: uint64(size), //nolint:gosec // it is positive
		Weigher:       func(_ [sha256.Size]byte, r *remembered) uint32 { return r.weight() },
		Executor:      func(tidy func()) { tidy() }, // at once, so that the bound holds
	})}
}

func (r *remembered) weight() uint32 {
	n := len(r.body) + entryCost
	for name, values := range r.header {
		n += len(name)
		for _, value := range values {
			n += len(value)
		}
	}
	return uint32(n) //nolint:gosec // maxWhole and the bound of headers are 1 MiB each
}

type freshKey struct{}

// Fresh marks the requests of a context as not to be answered from what is
// remembered: what came of that could not be understood. The answer takes its
// place.
func Fresh(ctx context.Context) context.Context { return context.WithValue(ctx, freshKey{}, true) }

func (t *conditional) RoundTrip(req *http.Request) (*http.Response, error) {
	if !conditionable(req) {
		return t.next.RoundTrip(req)
	}
	key := t.key(req)
	known, held := t.answers.GetIfPresent(key)
	if fresh, _ := req.Context().Value(freshKey{}).(bool); fresh {
		held = false
	}
	if held {
		clone := req.Clone(req.Context())
		if tag := known.header.Get("ETag"); tag != "" {
			clone.Header.Set("If-None-Match", tag)
		}
		if at := known.header.Get("Last-Modified"); at != "" {
			clone.Header.Set("If-Modified-Since", at)
		}
		req = clone
	}
	res, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode == http.StatusNotModified && held {
		return known.answer(res), nil
	}
	t.remember(key, res)
	return res, nil
}

// conditionable leaves alone what the caller makes conditional itself, parts,
// and what must not be stored.
func conditionable(req *http.Request) bool {
	if req.Method != http.MethodGet && req.Method != "" || req.Body != nil && req.Body != http.NoBody {
		return false
	}
	for _, name := range []string{"If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Range"} {
		if req.Header.Get(name) != "" {
			return false
		}
	}
	return !has(req.Header, "Cache-Control", "no-store")
}

// varying are the headers of a request that change its answer, besides
// credentials: an answer is remembered for the same values only.
var varying = []string{"Accept", "Accept-Encoding", "Accept-Language", "X-Github-Api-Version"}

// key holds credentials as part of a hash only.
func (t *conditional) key(req *http.Request) [sha256.Size]byte {
	hash := sha256.New()
	write := func(s string) {
		hash.Write([]byte(s))
		hash.Write([]byte{0})
	}
	write(req.URL.String())
	for _, names := range [][]string{varying, credentials, t.names} {
		for _, name := range names {
			for _, value := range req.Header.Values(name) {
				write(name)
				write(value)
			}
		}
	}
	return [sha256.Size]byte(hash.Sum(nil))
}

// remember keeps an answer that is whole, has a validator and may be kept.
// Otherwise it forgets what it knew: that does not hold any more.
func (t *conditional) remember(key [sha256.Size]byte, res *http.Response) {
	if res.StatusCode != http.StatusOK {
		if res.StatusCode < http.StatusInternalServerError {
			t.answers.Invalidate(key)
		}
		return
	}
	body, ok := res.Body.(*whole)
	validator := res.Header.Get("ETag") != "" || res.Header.Get("Last-Modified") != ""
	if !ok || !validator || has(res.Header, "Cache-Control", "no-store") || !t.known(res.Header) {
		t.answers.Invalidate(key)
		return
	}
	t.answers.Set(key, &remembered{header: res.Header.Clone(), body: body.content})
}

// known reports whether the answer depends on headers only that are part of
// the key. What a client sends always alike (Origin, User-Agent) is.
func (t *conditional) known(h http.Header) bool {
	for _, line := range h.Values("Vary") {
		for name := range strings.SplitSeq(line, ",") {
			name = http.CanonicalHeaderKey(strings.TrimSpace(name))
			alike := name == "" || name == "Origin" || name == "User-Agent" || name == "X-Requested-With" || name == "X-Github-Otp"
			if !alike && !slices.Contains(varying, name) && !slices.Contains(credentials, name) && !slices.Contains(t.names, name) {
				return false
			}
		}
	}
	return true
}

func has(h http.Header, name, directive string) bool {
	for _, line := range h.Values(name) {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(part), directive) {
				return true
			}
		}
	}
	return false
}

// answer is the remembered answer, with the headers that came now: what they
// say of limits and time is fresh.
func (r *remembered) answer(res *http.Response) *http.Response {
	_ = res.Body.Close()
	header := r.header.Clone()
	for name, values := range res.Header {
		switch name {
		case "Content-Length", "Content-Encoding", "Content-Type", "Transfer-Encoding":
		default:
			header[name] = slices.Clone(values)
		}
	}
	fresh := *res
	fresh.Status, fresh.StatusCode = "200 OK", http.StatusOK
	fresh.Header, fresh.Trailer, fresh.TransferEncoding = header, nil, nil
	fresh.Body, fresh.ContentLength = newWhole(r.body), int64(len(r.body))
	return &fresh
}
