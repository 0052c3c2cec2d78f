package azuredevops

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// fault turns what a call without an answer ended with into an error of a
// connector.
func fault(err error) error {
	if e, ok := errors.AsType[*rampforge.Error](err); ok && e.Code == rampforge.CodeMCPService {
		return e // an MCP server in between has told what it is
	}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return connector.Errorf(connector.ReasonTimeout, "Azure DevOps did not answer in time.", "Try again later, or raise the service's time-out.", context.DeadlineExceeded)
	}
	if errors.Is(err, context.Canceled) {
		return connector.Errorf(connector.ReasonTimeout, "The reading was stopped before Azure DevOps had answered.", "Start it again.", context.Canceled)
	}
	if e, ok := errors.AsType[*rampforge.Error](err); ok {
		return clientFault(e)
	}
	return connector.Errorf(connector.ReasonUnreachable, "Azure DevOps cannot be reached, or it closed the connection.", "Check the endpoint, and that the server runs and can be reached from here.", connector.SafeCause(err))
}

// clientFault maps what our own client says: the limit of the service is used
// up, the address is not allowed, the service is left alone for a while, or
// the answer is longer than is taken.
func clientFault(e *rampforge.Error) error {
	told, _ := e.Details["reason"].(string)
	var out *rampforge.Error
	switch {
	case e.Code == rampforge.CodeRateLimited:
		out = refusal(http.StatusTooManyRequests)
	case e.Code == rampforge.CodeInvalid:
		out = connector.Errorf(connector.ReasonUnreachable, "The address of Azure DevOps may not be reached from here.", "Check the endpoint; a server in a private network has to be allowed in the configuration.", nil)
	case told == "":
		out = connector.Errorf(connector.ReasonTooLarge, "Azure DevOps sent more than is taken in one answer.", "Leave the largest project out of the service's scope, or ask an administrator why its records are that large.", nil)
	default:
		out = connector.Errorf(connector.ReasonUnreachable, "Azure DevOps cannot be reached, or it closed the connection.", "Check the endpoint, and that the server runs and can be reached from here.", connector.SafeCause(e))
	}
	out.RetryAfter = e.RetryAfter
	return out
}

// refusal is the error of an answer with a status that is no success, and of
// 203: that is how Azure DevOps sends a page for signing in.
func refusal(status int) *rampforge.Error {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusNonAuthoritativeInfo:
		return connector.Errorf(connector.ReasonAuthentication, "Azure DevOps refuses the token.", "Make a new personal access token for this organization and change the service's credentials.", nil)
	case status == http.StatusForbidden:
		return connector.Errorf(connector.ReasonPermission, "Azure DevOps does not let the token read this.", "Give the token the scopes to read work items, code, builds, releases and projects, and its account access to the project.", nil)
	case status == http.StatusNotFound, status == http.StatusGone:
		return connector.Errorf(connector.ReasonNotFound, "Azure DevOps has no such place, or hides it from the token.", "Check the endpoint and the organization, that the project is still there and that the token's account may see it.", nil)
	case status == http.StatusTooManyRequests:
		return connector.Errorf(connector.ReasonRateLimited, "Azure DevOps takes no more requests for now.", "Nothing has to be done: reading goes on when Azure DevOps allows it. Lower the service's rate limits if it happens often.", nil)
	case status == http.StatusRequestEntityTooLarge:
		return connector.Errorf(connector.ReasonTooLarge, "Azure DevOps says that the answer would be too large.", "Try again later; if it stays, ask the administrator.", nil)
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return connector.Errorf(connector.ReasonTimeout, "Azure DevOps did not finish its answer in time.", "Try again later.", nil)
	case status >= http.StatusInternalServerError && status != http.StatusNotImplemented:
		return connector.Errorf(connector.ReasonVendor, "Azure DevOps failed with the status "+strconv.Itoa(status)+".", "Try again later; if it stays, ask the administrator.", nil)
	default:
		return connector.Errorf(connector.ReasonUnsupported, "Azure DevOps refuses the request with the status "+strconv.Itoa(status)+".", "Check that the endpoint is Azure DevOps Services, or a server of version 2020 or later.", nil)
	}
}

// refused adds to refusal what the headers say: 503 with a time to come back
// is how Azure DevOps throttles besides 429.
func refused(status int, h http.Header, now time.Time) error {
	wait, told := retryAfter(h, now)
	if status == http.StatusServiceUnavailable && told {
		status = http.StatusTooManyRequests
	}
	e := refusal(status)
	if status == http.StatusTooManyRequests {
		e.RetryAfter = wait
	}
	return e
}

// retryAfter reads Retry-After, in seconds or as a date, and X-RateLimit-Reset
// where it is missing; five minutes, the vendor's window, where both are.
func retryAfter(h http.Header, now time.Time) (wait time.Duration, told bool) {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		wait = time.Duration(min(max(seconds, 0), 86400) * float64(time.Second))
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(now)
	} else if unix, err := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64); err == nil {
		wait = time.Unix(unix, 0).Sub(now)
	} else {
		return 5 * time.Minute, false
	}
	return min(max(wait, time.Second), 24*time.Hour), true
}

func malformed() error {
	return connector.Errorf(connector.ReasonMalformed, "The answer is not what Azure DevOps documents.", "Check that the endpoint is Azure DevOps and no page for signing in, and that nothing on the way changes its answers.", nil)
}

func endless() error {
	return connector.Errorf(connector.ReasonMalformed, "Azure DevOps's pages do not come to an end.", "Check that nothing on the way repeats or keeps answers.", nil)
}

func unsupported() error {
	return connector.Errorf(connector.ReasonUnsupported, "Azure DevOps does not tell this.", "Nothing has to be done.", nil)
}
