package gitlab

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	api "gitlab.com/gitlab-org/api/client-go"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// fault turns what a call ended with into an error of a connector. res is nil
// when there was no answer. The library's errors repeat the vendor's body, so
// none of them is kept as a cause.
func (c *gitlab) fault(res *api.Response, err error) error {
	if e, ok := errors.AsType[*rampforge.Error](err); ok && e.Code == rampforge.CodeMCPService {
		return e // an MCP server's tool has told already
	}
	if _, status := errors.AsType[*api.ErrorResponse](err); res != nil && (status || errors.Is(err, api.ErrNotFound)) {
		return c.refusal(res.StatusCode, res.Header)
	}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return connector.Errorf(connector.ReasonTimeout, "GitLab did not answer in time.", "Try again later, or raise the service's time-out.", context.DeadlineExceeded)
	}
	if e, ok := errors.AsType[*rampforge.Error](err); ok {
		return clientFault(e)
	}
	if errors.Is(err, context.Canceled) {
		return connector.Errorf(connector.ReasonTimeout, "The reading was stopped before GitLab had answered.", "Start it again.", context.Canceled)
	}
	return connector.Errorf(connector.ReasonUnreachable, "GitLab cannot be reached, or it closed the connection.", "Check the endpoint, and that the server runs and can be reached from here.", connector.SafeCause(err))
}

// clientFault maps what our own client says. Its sentences are ours.
func clientFault(e *rampforge.Error) error {
	told, _ := e.Details["reason"].(string)
	var out *rampforge.Error
	switch {
	case e.Code == rampforge.CodeRateLimited:
		out = connector.Errorf(connector.ReasonRateLimited, e.Message, "Nothing has to be done: reading goes on when that is over. Raise the service's rate limits if they are lower than GitLab's.", nil)
	case e.Code == rampforge.CodeExternal && told == "":
		out = connector.Errorf(connector.ReasonTooLarge, "GitLab sent more than is taken in one answer.", "Leave the largest project out of the service's scope, or ask an administrator why its records are that large.", nil)
	case e.Code == rampforge.CodeExternal:
		out = connector.Errorf(connector.ReasonUnreachable, e.Message, "Check the endpoint, and that the server runs and can be reached from here.", nil)
	default:
		out = connector.Errorf(connector.ReasonUnreachable, "The address of the GitLab server may not be reached from here.", "Check the endpoint; a server in a private network has to be allowed in the configuration.", nil)
	}
	out.RetryAfter = e.RetryAfter
	return out
}

func (c *gitlab) refusal(status int, h http.Header) error {
	switch {
	case status == http.StatusUnauthorized:
		return connector.Errorf(connector.ReasonAuthentication, "GitLab refuses the token.", "Make a new access token with the scope read_api and change the service's credentials.", nil)
	case status == http.StatusForbidden:
		return connector.Errorf(connector.ReasonPermission, "GitLab does not let the token read this.", "Give the token the scope read_api, and its account at least the role Reporter in the project.", nil)
	case status == http.StatusNotFound:
		return connector.Errorf(connector.ReasonNotFound, "GitLab has no such place, or hides it from the token.", "Check the endpoint, that the project is still there and that the token's account is a member of it.", nil)
	case status == http.StatusTooManyRequests:
		e := connector.Errorf(connector.ReasonRateLimited, "GitLab takes no more requests for now.", "Nothing has to be done: reading goes on when GitLab allows it. Lower the service's rate limits if it happens often.", nil)
		e.RetryAfter = retryAfter(h, c.now())
		return e
	case status == http.StatusRequestEntityTooLarge:
		return connector.Errorf(connector.ReasonTooLarge, "GitLab says that the answer would be too large.", "Try again later; if it stays, ask the server's administrator.", nil)
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return connector.Errorf(connector.ReasonTimeout, "GitLab did not finish its answer in time.", "Try again later.", nil)
	case status >= http.StatusInternalServerError && status != http.StatusNotImplemented:
		return connector.Errorf(connector.ReasonVendor, "GitLab failed with the status "+strconv.Itoa(status)+".", "Try again later; if it stays, ask the server's administrator.", nil)
	default:
		return connector.Errorf(connector.ReasonUnsupported, "GitLab refuses the request with the status "+strconv.Itoa(status)+".", "Check that the endpoint is a GitLab server of version 15 or later.", nil)
	}
}

// retryAfter reads Retry-After, in seconds or as a date, and RateLimit-Reset
// where it is missing; one minute, GitLab's window, where both are.
func retryAfter(h http.Header, now time.Time) time.Duration {
	var wait time.Duration
	value := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(now)
	} else if unix, err := strconv.ParseInt(h.Get("Ratelimit-Reset"), 10, 64); err == nil {
		wait = time.Unix(unix, 0).Sub(now)
	} else {
		return time.Minute
	}
	return min(max(wait, time.Second), 24*time.Hour)
}

func malformed() error {
	return connector.Errorf(connector.ReasonMalformed, "The answer is not what GitLab documents.", "Check that the endpoint is a GitLab server and no page for signing in, and that nothing on the way changes its answers.", nil)
}

func endless() error {
	return connector.Errorf(connector.ReasonMalformed, "GitLab's pages do not come to an end.", "Check that nothing on the way repeats or keeps answers.", nil)
}

func unsupported() error {
	return connector.Errorf(connector.ReasonUnsupported, "GitLab does not tell this.", "Nothing has to be done.", nil)
}
