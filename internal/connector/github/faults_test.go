package github_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/github"
	"github.com/rampforgeai/rampforge/internal/connector/github/githubtest"
)

// planted is what a vendor must not bring into an error.
const planted = "PLANTED-BY-THE-VENDOR"

func respond(status int, header map[string]string, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	date := now.Format(http.TimeFormat)
	says := `{"message":"` + planted + `","documentation_url":"https://docs.github.com/`
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		reason  string
		wait    time.Duration
	}{
		"primary limit":      {respond(403, map[string]string{"Date": date, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": strconv.FormatInt(now.Unix()+95, 10)}, says+`rest"}`), connector.ReasonRateLimited, 95 * time.Second},
		"primary, 429":       {respond(429, map[string]string{"Date": date, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": strconv.FormatInt(now.Unix()+40, 10)}, says+`rest"}`), connector.ReasonRateLimited, 40 * time.Second},
		"secondary limit":    {respond(403, nil, says+`rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`), connector.ReasonRateLimited, time.Minute},
		"secondary, seconds": {respond(403, map[string]string{"Retry-After": "30"}, says+`rest"}`), connector.ReasonRateLimited, 30 * time.Second},
		"secondary, date":    {respond(429, map[string]string{"Date": date, "Retry-After": now.Add(20 * time.Second).Format(http.TimeFormat)}, "{}"), connector.ReasonRateLimited, 20 * time.Second},
		"limit that is over": {respond(429, map[string]string{"Date": date, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": strconv.FormatInt(now.Unix()-50, 10)}, "{}"), connector.ReasonRateLimited, time.Second},
		"limit for a year":   {respond(429, map[string]string{"Retry-After": "31536000"}, "{}"), connector.ReasonRateLimited, 2 * time.Hour},
		"permission":         {respond(403, map[string]string{"X-RateLimit-Remaining": "4999"}, says+`rest"}`), connector.ReasonPermission, 0},
		"two factors":        {respond(401, map[string]string{"X-GitHub-OTP": "required; app"}, says+`rest"}`), connector.ReasonAuthentication, 0},
		"not found":          {respond(404, nil, says+`rest"}`), connector.ReasonNotFound, 0},
		"gone":               {respond(410, nil, says+`rest"}`), connector.ReasonNotFound, 0},
		"bad gateway":        {respond(502, nil, "<html>"+planted), connector.ReasonVendor, 0},
		"gateway time-out":   {respond(504, nil, planted), connector.ReasonTimeout, 0},
		"later":              {respond(202, nil, says+`rest"}`), connector.ReasonVendor, 0},
		"validation":         {respond(422, nil, says+`rest"}`), connector.ReasonMalformed, 0},
		"nothing":            {respond(200, nil, ""), connector.ReasonMalformed, 0},
		"null":               {respond(200, nil, "null"), connector.ReasonMalformed, 0},
		"another type":       {respond(200, nil, `{"id":"`+planted+`"}`), connector.ReasonMalformed, 0},
		"an array":           {respond(200, nil, `["`+planted+`"]`), connector.ReasonMalformed, 0},
		"two documents":      {respond(200, nil, `{"id":1,"login":"a"} {`), connector.ReasonMalformed, 0},
		"cut off":            {respond(200, map[string]string{"Content-Length": "500"}, `{"id":1,`), connector.ReasonUnreachable, 0},
		"redirect nowhere":   {respond(302, nil, planted), connector.ReasonMalformed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, githubtest.Options{})
			b.fake.Fail(test.handler)
			_, err := b.conn.Check(t.Context())
			if connector.Reason(err) != test.reason {
				t.Fatalf("%v, want %s", err, test.reason)
			}
			if e, _ := errors.AsType[*rampforge.Error](err); e.RetryAfter != test.wait {
				t.Errorf("wait %v, want %v", e.RetryAfter, test.wait)
			}
			if strings.Contains(err.Error(), planted) || strings.Contains(fmt.Sprintf("%+v", err), planted) {
				t.Errorf("the error holds the vendor's text: %v", err)
			}
		})
	}
}

// TestNoHTTP speaks to something else, and to nobody.
func TestNoHTTP(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1024)) // an answer before the question is another fault
			_, _ = io.WriteString(conn, planted+"\r\n\r\n")
			_ = conn.Close()
		}
	}()
	b := setup(t, githubtest.Options{})
	o := options(b.fake)
	o.Service.Endpoint = "http://" + listener.Addr().String()
	conn := b.open(o)
	if _, err := conn.Check(t.Context()); connector.Reason(err) != connector.ReasonMalformed || strings.Contains(err.Error(), planted) {
		t.Errorf("no HTTP: %v", err)
	}
	_ = listener.Close()
	if _, err := conn.Check(t.Context()); connector.Reason(err) != connector.ReasonUnreachable {
		t.Errorf("nobody: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := conn.Check(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestElsewhere is led to another host by a redirect and by Link headers: no
// token may come there.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	var carried atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			carried.Add(1)
		}
		_, _ = io.WriteString(w, "[]")
	}))
	t.Cleanup(other.Close)
	address := strings.Replace(other.URL, "127.0.0.1", "localhost", 1)
	b := setup(t, githubtest.Options{})
	b.fake.Fail(http.RedirectHandler(address, http.StatusTemporaryRedirect))
	if _, err := b.conn.Check(t.Context()); connector.Reason(err) != connector.ReasonMalformed {
		t.Errorf("redirected: %v", err)
	}
	pages := 0
	b.fake.Fail(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if pages++; pages == 1 {
			w.Header().Set("Link", "<"+address+`/?page=2>; rel="next"`)
		}
		_, _ = io.WriteString(w, "[]")
	}))
	for _, err := range b.conn.Resources(t.Context()) {
		if err != nil {
			t.Error(err)
		}
	}
	if carried.Load() > 0 || pages < 2 {
		t.Errorf("the token went elsewhere %d times; %d pages", carried.Load(), pages)
	}
}

// TestEndless has a vendor whose pages do not end: the same page again, or
// another number with the same records.
func TestEndless(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(page int) string{
		"the same page": func(int) string { return "page=2" },
		"more pages":    func(page int) string { return fmt.Sprintf("page=%d", page+1) },
	} {
		for _, stream := range []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamDeployments, rampforge.StreamPipelineRuns} {
			t.Run(name+" "+string(stream), func(t *testing.T) {
				t.Parallel()
				b := setup(t, githubtest.Options{})
				var asked atomic.Int32
				b.fake.Fail(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					n := int(asked.Add(1))
					if strings.HasSuffix(r.URL.Path, "/501") {
						_, _ = io.WriteString(w, `{"id":501,"full_name":"acme/api"}`)
						return
					}
					w.Header().Set("Link", `<https://github.test/?`+next(n)+`>; rel="next"`)
					body := `[{"id":1,"number":1,"title":"a","created_at":"2025-01-01T00:00:00Z","updated_at":"2025-01-01T00:00:00Z"}]`
					if stream == rampforge.StreamPipelineRuns {
						body = `{"total_count":1,"workflow_runs":` + body + `}`
					}
					_, _ = io.WriteString(w, body)
				}))
				var last error
				for _, err := range b.conn.Read(t.Context(), b.repo, stream, nil) {
					last = err
				}
				if connector.Reason(last) != connector.ReasonMalformed || asked.Load() > 1000 {
					t.Errorf("%v after %d requests", last, asked.Load())
				}
			})
		}
	}
}

// TestUnsorted has a vendor that ignores the order that was asked for: to go
// on by time would lose what comes later.
func TestUnsorted(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{})
	b.fake.Fail(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/501") {
			_, _ = io.WriteString(w, `{"id":501,"full_name":"acme/api"}`)
			return
		}
		_, _ = io.WriteString(w, `[{"id":1,"number":1,"updated_at":"2025-01-02T00:00:00Z"},{"id":2,"number":2,"updated_at":"2025-01-01T00:00:00Z"}]`)
	}))
	for _, err := range b.conn.Read(t.Context(), b.repo, rampforge.StreamWorkItems, nil) {
		if connector.Reason(err) != connector.ReasonMalformed {
			t.Errorf("%v", err)
		}
	}
}

// limit is a client that takes answers up to a length, as the guarded one.
type limit int

func (l limit) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if len(body) > int(l) {
		return nil, rampforge.Errorf(rampforge.CodeExternal, "The answer is longer than %d bytes.", int(l))
	}
	res.Body = io.NopCloser(strings.NewReader(string(body)))
	return res, err
}

// TestTooLarge asks for fewer issues at once when a page is too long, and gives
// up when one is.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{Seed: 20, Issues: 40, Pulls: 5})
	want, numbers := b.fake.Issues()
	for _, number := range numbers {
		b.fake.SetBody(number, strings.Repeat("x", 10_000))
	}
	o := options(b.fake)
	o.Client = &http.Client{Transport: limit(60_000)}
	b.conn = b.open(o)
	got, _ := b.read(rampforge.StreamWorkItems, nil)
	wantSame(t, "smaller pages", recordIDs(got), want)
	b.fake.SetBody(numbers[20], strings.Repeat("x", 100_000))
	var last error
	for _, err := range b.conn.Read(t.Context(), b.repo, rampforge.StreamWorkItems, nil) {
		last = err
	}
	if connector.Reason(last) != connector.ReasonTooLarge {
		t.Errorf("%v", last)
	}
}

func TestUnsupported(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{})
	for _, stream := range []rampforge.Stream{rampforge.StreamSprints, rampforge.StreamDocuments} {
		for _, err := range b.conn.Read(t.Context(), b.repo, stream, nil) {
			if connector.Reason(err) != connector.ReasonUnsupported {
				t.Errorf("%s: %v", stream, err)
			}
		}
	}
	for _, err := range b.conn.IDs(t.Context(), b.repo, rampforge.StreamCommits) {
		if connector.Reason(err) != connector.ReasonUnsupported {
			t.Error(err)
		}
	}
	for _, err := range b.conn.Read(t.Context(), b.repo, rampforge.StreamWorkItems, connector.Cursor(`"?"`)) {
		if connector.Reason(err) != connector.ReasonUnsupported {
			t.Error(err)
		}
	}
	for _, id := range []string{"", "acme/api", "../user", "-1"} {
		for _, err := range b.conn.Read(t.Context(), rampforge.Resource{ID: id}, rampforge.StreamCommits, nil) {
			if connector.Reason(err) != connector.ReasonNotFound {
				t.Errorf("%q: %v", id, err)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{})
	got, err := b.conn.Check(t.Context())
	if err != nil || got.Account.Login != "reader" || got.Server != "GitHub Enterprise Server "+githubtest.Version {
		t.Errorf("%+v, %v", got, err)
	}
	if got.Rates == nil || got.Rates.Remaining != 4999 || time.Until(got.Rates.Reset) < 50*time.Minute {
		t.Errorf("rates: %+v", got.Rates)
	}
	if _, err := github.Open(connector.Options{Service: rampforge.Service{Endpoint: b.fake.URL}}); rampforge.ErrorCode(err) != rampforge.CodeInvalid {
		t.Errorf("without a token: %v", err)
	}
}

// flaky fails some of the requests, half of them in the middle of the answer.
type flaky struct {
	mu     sync.Mutex
	random *rand.Rand
}

func (f *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	dice := f.random.IntN(100)
	f.mu.Unlock()
	if dice < 4 {
		return nil, errors.New("connection reset by peer")
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && dice < 8 {
		res.Body = io.NopCloser(io.MultiReader(io.LimitReader(res.Body, 20), iotest.ErrReader(io.ErrUnexpectedEOF)))
	}
	return res, err
}

// TestFaultRun ends every reading by a fault after a while, goes on from the
// last page that came, and arrives where a clean reading does.
func TestFaultRun(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{Seed: 21, PerPage: 15, Issues: 40, Pulls: 12, Commits: 40, Runs: 40, Deploys: 40})
	o := options(b.fake)
	o.Client = &http.Client{Transport: &flaky{random: rand.New(rand.NewPCG(21, 21))}}
	broken := b.open(o)
	total := 0
	for _, stream := range []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamPullRequests, rampforge.StreamCommits, rampforge.StreamPipelineRuns, rampforge.StreamDeployments} {
		clean, _ := b.read(stream, nil)
		want := map[string]rampforge.Record{}
		for _, r := range clean {
			want[r.ID] = r
		}
		got := map[string]rampforge.Record{}
		var cursor connector.Cursor
		var last error
		doubled, faults := 0, 0
		for range 2000 {
			last = nil
			for page, err := range broken.Read(t.Context(), b.repo, stream, cursor) {
				if last = err; err != nil {
					faults++
					break
				}
				for _, r := range page.Records {
					if _, ok := got[r.ID]; ok {
						doubled++
					}
					got[r.ID] = r
				}
				cursor = page.Next
			}
			if last == nil {
				break
			}
		}
		if last != nil || !reflect.DeepEqual(want, got) {
			t.Errorf("%s: %d of %d records after %d faults, the last %v", stream, len(got), len(want), faults, last)
		}
		if total += faults; doubled > 0 {
			t.Errorf("%s: %d records came twice after %d faults", stream, doubled, faults)
		}
	}
	if total < 10 {
		t.Errorf("%d faults only", total)
	}
}
