package github

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v74/github"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

const (
	// defaultWait is how long GitHub asks to wait when a limit is hit and no
	// header says for how long.
	defaultWait = time.Minute
	// maxWait bounds what a header may demand: the limits of GitHub are hourly.
	maxWait = 2 * time.Hour
)

// fault turns what a call ended with into an error for people. Errors of
// go-github quote the body, and those of net/http a line of the answer, so
// neither is kept as the cause: path and status say enough in a log.
func fault(path string, err error, now time.Time) error {
	guarded, ok := errors.AsType[*rampforge.Error](err)
	if ok && guarded.Code == rampforge.CodeMCPService {
		return guarded // of a session with an MCP server
	}
	if ok && guarded.Code == rampforge.CodeRateLimited {
		out := connector.Errorf(connector.ReasonRateLimited, guarded.Message, "Wait, or raise the rate limits of the service if they are lower than GitHub's.", failed(path, "a rate limit"))
		out.RetryAfter = guarded.RetryAfter
		return out
	}
	if errors.Is(err, context.Canceled) {
		return connector.Errorf(connector.ReasonTimeout, "The request was given up before GitHub answered.", "Start it again.", fmt.Errorf("GET %s: %w", path, context.Canceled))
	}
	if timeout, is := errors.AsType[net.Error](err); errors.Is(err, context.DeadlineExceeded) || is && timeout.Timeout() {
		return connector.Errorf(connector.ReasonTimeout, "GitHub did not answer in time.", "Try again later, or raise the time-out of the service.", fmt.Errorf("GET %s: %w", path, context.DeadlineExceeded))
	}
	if strings.Contains(err.Error(), "malformed HTTP") {
		return connector.Errorf(connector.ReasonMalformed, "What answers at this address does not speak HTTP.", "Check the endpoint of the service.", failed(path, "no HTTP"))
	}
	if ok {
		return guardFault(path, guarded)
	}
	if res := responseOf(err); res != nil { //nolint:bodyclose // go-github has closed it
		return statusFault(path, res, err, now)
	}
	return connector.Errorf(connector.ReasonUnreachable, "GitHub cannot be reached.", checkNetwork, failed(path, "the connection failed"))
}

// checkNetwork is what to do when nobody answers.
const checkNetwork = "Check the endpoint of the service and the network between here and there."

func failed(path, how string) error { return fmt.Errorf("GET %s: %s", path, how) }

// guardFault passes on what the guarded client found. Its sentences are ours;
// their causes may quote the vendor.
func guardFault(path string, e *rampforge.Error) error {
	reason, _ := e.Details["reason"].(string)
	var out *rampforge.Error
	switch reason {
	case httpclient.ReasonBlocked:
		out = connector.Errorf(connector.ReasonUnreachable, e.Message, "Check the endpoint of the service, or have this address allowed for outgoing requests.", failed(path, reason))
	case "":
		out = connector.Errorf(connector.ReasonTooLarge, "GitHub sent more than is read at once.", "Leave out the repository that has such large records.", failed(path, "too large"))
	default:
		out = connector.Errorf(connector.ReasonUnreachable, e.Message, checkNetwork, failed(path, reason))
	}
	out.RetryAfter = e.RetryAfter
	return out
}

// responseOf returns the response that an error of go-github is about.
func responseOf(err error) *http.Response {
	if e, ok := errors.AsType[*github.RateLimitError](err); ok {
		return e.Response
	}
	if e, ok := errors.AsType[*github.AbuseRateLimitError](err); ok {
		return e.Response
	}
	if e, ok := errors.AsType[*github.TwoFactorAuthError](err); ok {
		return e.Response
	}
	if e, ok := errors.AsType[*github.RedirectionError](err); ok {
		return e.Response
	}
	if e, ok := errors.AsType[*github.ErrorResponse](err); ok {
		return e.Response
	}
	if _, ok := errors.AsType[*github.AcceptedError](err); ok {
		return &http.Response{StatusCode: http.StatusAccepted, Body: http.NoBody}
	}
	return nil
}

func statusFault(path string, res *http.Response, err error, now time.Time) error {
	status := res.StatusCode
	cause := &statusError{path: path, status: status}
	if limited(res, err) {
		out := connector.Errorf(connector.ReasonRateLimited, "GitHub has had too many requests and asks to wait.", "Wait; if it happens often, lower the rate limits of the service or give it a token of its own.", cause)
		out.RetryAfter = retryAfter(res.Header, now)
		return out
	}
	switch {
	case status == http.StatusUnauthorized:
		return connector.Errorf(connector.ReasonAuthentication, "GitHub does not take the token.", "Make a new token at GitHub and store it in the service.", cause)
	case status == http.StatusForbidden || status == http.StatusUnavailableForLegalReasons:
		return connector.Errorf(connector.ReasonPermission, "The token may not read this.", "Give the token read access to issues, pull requests, contents, actions and deployments, and authorise it for the organisation's single sign-on.", cause)
	case status == http.StatusNotFound || status == http.StatusGone:
		return connector.Errorf(connector.ReasonNotFound, "GitHub has no such place, or hides it from this token.", "Check that the repository is there and that the token may see it.", cause)
	case status == http.StatusRequestTimeout || status == http.StatusGatewayTimeout:
		return connector.Errorf(connector.ReasonTimeout, "GitHub did not answer in time.", "Try again later.", cause)
	case status >= http.StatusInternalServerError, status == http.StatusAccepted:
		return connector.Errorf(connector.ReasonVendor, "GitHub has a fault of its own.", "Try again later; GitHub's status page tells of outages.", cause)
	case status >= http.StatusMultipleChoices && status < http.StatusBadRequest:
		return connector.Errorf(connector.ReasonMalformed, "GitHub sends to another address that is not followed.", "Check the endpoint of the service.", cause)
	}
	return connector.Errorf(connector.ReasonMalformed, "GitHub refused a request that it documents.", "Check the endpoint of the service, and that its GitHub is of a supported version.", cause)
}

// limited tells a limit from a lack of permission: both come as 403. The
// secondary limits are known by Retry-After or by where the answer points to.
func limited(res *http.Response, err error) bool {
	if res.StatusCode == http.StatusTooManyRequests {
		return true
	}
	if _, ok := errors.AsType[*github.RateLimitError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*github.AbuseRateLimitError](err); ok {
		return true
	}
	return res.StatusCode == http.StatusForbidden && res.Header.Get("Retry-After") != ""
}

// retryAfter says how long to wait: Retry-After in seconds or as a date, then
// the reset of the limit if it is used up, then what GitHub asks for in general.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date // both times are the vendor's, whose clock may differ from ours
	}
	wait := defaultWait
	after := h.Get("Retry-After")
	if s, err := strconv.ParseInt(after, 10, 32); err == nil {
		wait = time.Duration(s) * time.Second
	} else if date, err := http.ParseTime(after); err == nil {
		wait = date.Sub(now)
	} else if reset, err := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64); err == nil && h.Get("X-Ratelimit-Remaining") == "0" {
		wait = time.Unix(reset, 0).Sub(now)
	}
	return min(max(wait, time.Second), maxWait)
}

// statusError is the cause of an error that GitHub answered with.
type statusError struct {
	path   string
	status int
}

func (e *statusError) Error() string { return fmt.Sprintf("GET %s: status %d", e.path, e.status) }

// status returns what GitHub answered with, 0 when it is another kind of error.
func status(err error) int {
	if e, ok := errors.AsType[*statusError](err); ok {
		return e.status
	}
	return mcpclient.Status(err)
}

// malformed is an answer that is not as documented. What names the record and
// is a word of ours.
func malformed(what string) error {
	return connector.Errorf(connector.ReasonMalformed, "What came is not what GitHub documents.", "Check that the endpoint of the service is GitHub's API.", fmt.Errorf("%s: the answer is not as documented", what))
}
