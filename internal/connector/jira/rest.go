package jira

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// rest makes requests and understands how they fail. Trying again is the
// client's part and its caller's.
type rest struct {
	client      *http.Client
	site        string // without a slash at its end
	credentials map[string]string
	now         func() time.Time
}

// maxBody bounds an answer whatever the client allows.
const maxBody = 64 << 20

// get asks for a path of the site and decodes its JSON.
func (r *rest) get(ctx context.Context, path string, query url.Values, into any) (http.Header, error) {
	address := r.site + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, malformed(err)
	}
	req.Header.Set("Accept", "application/json")
	if user := r.credentials["username"]; user != "" {
		req.SetBasicAuth(user, r.credentials["api_token"])
	} else {
		req.Header.Set("Authorization", "Bearer "+r.credentials["token"])
	}
	res, err := r.client.Do(req)
	if err != nil {
		return nil, unanswered(err)
	}
	defer res.Body.Close()
	if err := r.refusal(res); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if err != nil {
		return nil, interrupted(err)
	}
	if len(body) > maxBody {
		return nil, tooLarge(nil)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return nil, malformed(errors.New("no JSON, or JSON of another shape")) // the decoder's own words quote the answer
	}
	return res.Header, nil
}

// unanswered says why a request got no answer. The guard's sentences are about
// our own address, so they are passed on.
func unanswered(err error) error {
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return connector.Errorf(connector.ReasonTimeout, "Jira did not answer in time.",
			"Try again later, or give the service a longer timeout.", err)
	}
	if errors.Is(err, context.Canceled) {
		return connector.Errorf(connector.ReasonTimeout, "The request to Jira was stopped before its answer came.", "Try again.", err)
	}
	message := "Jira does not answer."
	if e, ok := errors.AsType[*rampforge.Error](err); ok {
		message = e.Message
	}
	return connector.Errorf(connector.ReasonUnreachable, message,
		"Check the endpoint's address, and that this machine may reach it.", err)
}

// interrupted says why the body of an answer did not come to its end.
func interrupted(err error) error {
	if _, ok := errors.AsType[*rampforge.Error](err); ok { // the guard's bound
		return tooLarge(err)
	}
	return unanswered(err)
}

func tooLarge(err error) error {
	return connector.Errorf(connector.ReasonTooLarge, "An answer of Jira is larger than is taken.",
		"Shorten the text of the work item in question, or exclude its project from the service's scope.", err)
}

// refusal makes an error of an answer that is not a success. Data Center asks
// for a CAPTCHA by a header, and lets a request with wrong credentials pass as
// nobody's where strangers may read.
func (r *rest) refusal(res *http.Response) error {
	seraph := res.Header.Get("X-Seraph-LoginReason")
	switch {
	case strings.Contains(seraph, "AUTHENTICATION_DENIED"):
		return connector.Errorf(connector.ReasonAuthentication, "Jira wants a person to sign in before it lets this account in again.",
			"Sign in to Jira in a browser with this account, solve the CAPTCHA, and connect again.", nil)
	case res.StatusCode == http.StatusUnauthorized, strings.Contains(seraph, "AUTHENTICATED_FAILED"):
		return connector.Errorf(connector.ReasonAuthentication, "Jira does not take these credentials.",
			"For Cloud give the account's e-mail address and an API token that has not expired; for Data Center a personal access token.", nil)
	case res.StatusCode < 300:
		return nil
	}
	cause := fmt.Errorf("status %d", res.StatusCode)
	switch code := res.StatusCode; {
	case code == http.StatusTooManyRequests:
		err := connector.Errorf(connector.ReasonRateLimited, "Jira asks for fewer requests.", "Lower the service's rate limits, or wait.", cause)
		err.RetryAfter = r.retryAfter(res.Header)
		return err
	case code == http.StatusForbidden:
		return connector.Errorf(connector.ReasonPermission, "The account may not read this in Jira.",
			"Give the account the permission to browse the project.", cause)
	case code == http.StatusNotFound:
		return connector.Errorf(connector.ReasonNotFound, "Jira has no such place, or hides it from this account.",
			"Check the endpoint's address, and that the account may browse the project.", cause)
	case code == http.StatusBadRequest:
		return &badRequest{connector.Errorf(connector.ReasonNotFound, "Jira does not accept the question: most often the project is gone or hidden from this account.",
			"Check that the project is still there and that the account may browse it.", cause)}
	case code == http.StatusRequestEntityTooLarge, code == http.StatusRequestURITooLong:
		return tooLarge(cause)
	case code >= 500:
		err := connector.Errorf(connector.ReasonVendor, "Jira has a fault of its own.", "Try again later, and look at the state of the Jira site.", cause)
		err.RetryAfter = r.retryAfter(res.Header)
		return err
	case code >= 400:
		return connector.Errorf(connector.ReasonUnsupported, "This Jira does not offer what was asked for.",
			"Check the version of the Jira site: Cloud, or Data Center from 8.14 on.", cause)
	}
	return malformed(cause)
}

// badRequest is an answer 400, which boards without sprints give too.
type badRequest struct{ err *rampforge.Error }

func (e *badRequest) Error() string { return e.err.Error() }
func (e *badRequest) Unwrap() error { return e.err }

func isBadRequest(err error) bool {
	_, ok := errors.AsType[*badRequest](err)
	return ok
}

// maxWait bounds what a server may ask to wait for.
const maxWait = 24 * time.Hour

// retryAfter reads how long to wait: Retry-After in seconds or as a date, or
// the moment of X-RateLimit-Reset. 0 is not told.
func (r *rest) retryAfter(h http.Header) time.Duration {
	wait := time.Duration(0)
	after := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseInt(after, 10, 64); err == nil {
		wait = time.Duration(min(seconds, int64(maxWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(after); err == nil {
		wait = at.Sub(r.now())
	} else if at, ok := resetOf(h); ok {
		wait = at.Sub(r.now())
	}
	return min(max(wait, 0), maxWait)
}

// resetOf reads X-RateLimit-Reset, a time without seconds on Cloud.
func resetOf(h http.Header) (time.Time, bool) {
	s := h.Get("X-RateLimit-Reset")
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	if seconds, err := strconv.ParseInt(s, 10, 64); err == nil && seconds > 0 {
		return time.Unix(seconds, 0).UTC(), true
	}
	return time.Time{}, false
}

func ratesOf(h http.Header) *connector.Rates {
	remaining, err := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	if err != nil {
		return nil
	}
	reset, _ := resetOf(h)
	return &connector.Rates{Remaining: remaining, Reset: reset}
}

// offsetPage is a page of the lists that count from startAt.
type offsetPage struct {
	Values []json.RawMessage `json:"values"`
	IsLast *bool             `json:"isLast"`
	Total  *int              `json:"total"`
}

func (p *offsetPage) last(start int) bool {
	return len(p.Values) == 0 || p.IsLast != nil && *p.IsLast || p.IsLast == nil && p.Total != nil && start+len(p.Values) >= *p.Total
}

// maxRestarts is how often a list may shift under a reading.
const maxRestarts = 5

// offsets yields the pages of a list that counts from startAt. Such a list
// shifts when something in front goes away, and would then hide a row. So each
// page begins with the row that ended the one before; where it does not, the
// list is read again, and only what is new is yielded.
func (r *rest) offsets(ctx context.Context, path string, query url.Values, id func(json.RawMessage) string) iter.Seq2[[]json.RawMessage, error] {
	return func(yield func([]json.RawMessage, error) bool) {
		seen := map[string]bool{}
		for start, last, restarts := 0, "", 0; ; {
			q := url.Values{"startAt": {strconv.Itoa(start)}, "maxResults": {"50"}}
			for k, v := range query {
				q[k] = v
			}
			var page offsetPage
			if _, err := r.get(ctx, path, q, &page); err != nil {
				yield(nil, err)
				return
			}
			shifted := last != "" && (len(page.Values) == 0 || id(page.Values[0]) != last)
			if shifted && restarts < maxRestarts {
				start, last, restarts = 0, "", restarts+1
				continue
			}
			var fresh []json.RawMessage
			for _, v := range page.Values {
				if key := id(v); !seen[key] {
					seen[key] = true
					fresh = append(fresh, v)
				}
			}
			if len(seen) > maxRows {
				yield(nil, tooLarge(fmt.Errorf("more than %d rows", maxRows)))
				return
			}
			if len(fresh) > 0 && !yield(fresh, nil) || len(fresh) == 0 && shifted { // a list that shifts forever has no end
				return
			}
			if page.last(start) || len(page.Values) == 1 && last != "" { // the overlap alone
				return
			}
			start += len(page.Values) - 1
			last = id(page.Values[len(page.Values)-1])
			if len(page.Values) == 1 { // a server that gives one at a time: no overlap, so that it ends
				start, last = start+1, ""
			}
		}
	}
}

// idOf reads the id of a row, which is a number here and a text there.
func idOf(raw json.RawMessage) string {
	var row struct {
		ID any `json:"id"`
	}
	if json.Unmarshal(raw, &row) != nil || row.ID == nil {
		return string(raw)
	}
	if n, ok := row.ID.(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return fmt.Sprint(row.ID)
}
