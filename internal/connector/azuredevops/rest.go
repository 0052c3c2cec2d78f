package azuredevops

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// maxPages bounds a list that claims to have no end.
const maxPages = 20000

// errStop is what an emitter returns when its reader wants no more.
var errStop = errors.New("the reader has enough")

type emitter[T any] func(T) error

// emit hands a page out.
type emit emitter[connector.Page]

// sequence makes a sequence of a function that hands out one value after the
// other and may fail.
func sequence[T any](run func(emitter[T]) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := run(func(v T) error {
			if !yield(v, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			var none T
			yield(none, err)
		}
	}
}

// get reads one JSON value. The library's clients are not used for it: they
// ask for the place of every call first and keep headers to themselves. The
// body is read to its end before it is decoded, so that a connection that
// breaks is told from an answer that is no JSON.
func (c *azure) get(ctx context.Context, address string, query url.Values) (json.RawMessage, http.Header, error) {
	return c.call(ctx, http.MethodGet, address, query, nil)
}

func (c *azure) call(ctx context.Context, method, address string, query url.Values, body []byte) (raw json.RawMessage, header http.Header, err error) {
	full := url.Values{"api-version": {c.version}}
	maps.Copy(full, query)
	err = connector.Again(ctx, c.again, func(ctx context.Context) (bool, error) {
		raw, header, err = c.fetch(ctx, method, address+"?"+full.Encode(), body)
		if err == nil && !json.Valid(raw) {
			return false, malformed()
		}
		return true, err
	})
	if err != nil {
		return nil, nil, err
	}
	return raw, header, nil
}

// fetch reads one answer to its end.
func (c *azure) fetch(ctx context.Context, method, address string, body []byte) (json.RawMessage, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, nil, malformed()
	}
	req.Header.Set("Authorization", c.auth)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "RampForge")
	req.Header.Set("X-Tfs-Fedauthredirect", "Suppress") // 401 instead of a page for signing in
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, nil, fault(err)
	}
	defer res.Body.Close()
	// Another host at the end of redirects is the page for signing in.
	if res.StatusCode == http.StatusOK && res.Request != nil && res.Request.URL.Host != req.URL.Host {
		return nil, nil, refusal(http.StatusUnauthorized)
	}
	if res.StatusCode != http.StatusOK {
		return nil, nil, refused(res.StatusCode, res.Header, c.now())
	}
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, nil, fault(err)
	}
	return raw, res.Header, nil
}

// list reads one page of a list.
func (c *azure) list(ctx context.Context, address string, query url.Values) ([]json.RawMessage, http.Header, error) {
	raw, header, err := c.get(ctx, address, query)
	if err != nil {
		return nil, nil, err
	}
	var page struct {
		Value []json.RawMessage `json:"value"`
	}
	if json.Unmarshal(raw, &page) != nil || page.Value == nil {
		return nil, nil, malformed()
	}
	return page.Value, header, nil
}

func next(h http.Header) string { return h.Get("X-Ms-Continuationtoken") }

// follow reads a list to its end by continuation tokens.
func (c *azure) follow(ctx context.Context, address string, query url.Values, take func([]json.RawMessage) error) error {
	for range maxPages {
		items, header, err := c.list(ctx, address, query)
		if err != nil {
			return err
		}
		if err := take(items); err != nil {
			return err
		}
		token := next(header)
		if token == "" {
			return nil
		}
		if token == query.Get("continuationToken") {
			return endless()
		}
		query.Set("continuationToken", token)
	}
	return endless()
}

// skip reads a list to its end by $top and $skip: for lists that only grow at
// their end. An empty page is the end, for a short one may be the vendor's own
// limit.
func (c *azure) skip(ctx context.Context, address string, query url.Values) ([]json.RawMessage, error) {
	all := []json.RawMessage{}
	var first json.RawMessage
	for range maxPages {
		query.Set("$skip", strconv.Itoa(len(all)))
		items, _, err := c.list(ctx, address, query)
		if smaller(query, err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(items) == 0 {
			return all, nil
		}
		if bytes.Equal(first, items[0]) {
			return nil, endless()
		}
		first = items[0]
		all = append(all, items...)
	}
	return nil, endless()
}

// atOnce is how many records have their parts fetched at the same time: each
// takes several calls, and a reading by turns would wait for most of its time.
const atOnce = 4

// parallel runs a function for 0 to n-1 and returns the first error.
func parallel(ctx context.Context, n int, run func(context.Context, int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := range n {
		group.Go(func() error { return run(ctx, i) })
	}
	return group.Wait()
}

// smaller halves the page that is asked for when an answer was too large, and
// says whether it did: a few records with huge texts cost more requests and
// not the stream.
func smaller(query url.Values, err error) bool {
	top, errTop := strconv.Atoi(query.Get("$top"))
	if connector.Reason(err) != connector.ReasonTooLarge || errTop != nil || top <= 1 {
		return false
	}
	query.Set("$top", strconv.Itoa(top/2))
	return true
}

// decodeCursor reads a cursor of ours. One that cannot be read begins anew,
// which costs time and loses nothing.
func decodeCursor[T any](at connector.Cursor) T {
	var v, none T
	if len(at) == 0 || json.Unmarshal(at, &v) != nil {
		return none
	}
	return v
}

func encode(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil { // structs of numbers, texts, times and what was JSON before: it cannot be
		return nil
	}
	return raw
}

func digest(raw []byte) string {
	h := fnv.New64a()
	_, _ = h.Write(raw)
	return strconv.FormatUint(h.Sum64(), 36)
}

// stamp writes a time as a query takes it, with the ticks of 100 ns.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }

func ratesOf(h http.Header) *connector.Rates {
	left, err := strconv.ParseFloat(h.Get("X-Ratelimit-Remaining"), 64)
	reset, errReset := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64)
	if err != nil || errReset != nil {
		return nil
	}
	return &connector.Rates{Remaining: int(left), Reset: time.Unix(reset, 0).UTC()}
}

func records(stream rampforge.Stream, resource string, raws [][]byte) ([]rampforge.Record, error) {
	all := make([]rampforge.Record, 0, len(raws))
	for _, raw := range raws {
		r, err := Normalise(stream, resource, raw)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}
