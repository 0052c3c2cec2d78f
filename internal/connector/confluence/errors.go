package confluence

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/atlassian"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// unanswered says why a request got no whole answer. The guard's sentences are
// about our own address, so they are passed on; the words of net/http may
// quote what came and are not.
func unanswered(err error) error {
	if e, ok := errors.AsType[*rampforge.Error](err); ok {
		return guarded(e)
	}
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, context.Canceled):
		return connector.Errorf(connector.ReasonTimeout, "The request to Confluence was stopped before its answer came.", "Try again.", context.Canceled)
	case errors.Is(err, context.DeadlineExceeded), isNet && timeout.Timeout():
		return connector.Errorf(connector.ReasonTimeout, "Confluence did not answer in time.",
			"Try again later, or give the service a longer timeout.", context.DeadlineExceeded)
	case err != nil && strings.Contains(err.Error(), "malformed HTTP"):
		return malformed(errors.New("what answers does not speak HTTP"))
	}
	return connector.Errorf(connector.ReasonUnreachable, "Confluence does not answer.",
		"Check the endpoint's address, and that this machine may reach it.", errors.New("the connection failed or broke off"))
}

// guarded turns what the guarded client found into an error of a connector.
func guarded(e *rampforge.Error) error {
	if e.Code == rampforge.CodeMCPService && connector.Reason(e) != "" {
		if mcpclient.Status(e) == http.StatusBadRequest { // as by REST
			return notOffered(e)
		}
		return e
	}
	switch {
	case e.Code == rampforge.CodeRateLimited:
		err := connector.Errorf(connector.ReasonRateLimited, e.Message, "Wait, or raise the service's own rate limits.", e)
		err.RetryAfter = e.RetryAfter
		return err
	case connector.Reason(e) != "": // a blocked address, or a host that is not there
		err := connector.Errorf(connector.ReasonUnreachable, e.Message, "Check the endpoint's address, and that this machine may reach it.", e)
		err.RetryAfter = e.RetryAfter
		return err
	}
	return tooLarge(e)
}

func tooLarge(cause error) error {
	return connector.Errorf(connector.ReasonTooLarge, "An answer of Confluence is larger than is taken.",
		"Shorten the page in question, or exclude its space from the service's scope.", cause)
}

func malformed(cause error) error {
	return connector.Errorf(connector.ReasonMalformed, "What came is not what Confluence documents.",
		"Check that the endpoint is the address of the Confluence site, with its path (/wiki in the cloud).", cause)
}

func unsupported(stream rampforge.Stream) error {
	return connector.Errorf(connector.ReasonUnsupported, fmt.Sprintf("Confluence has no %s.", strings.ReplaceAll(string(stream), "_", " ")),
		"Read the documents of a space.", nil)
}

// refusal makes an error of an answer that is not a success. Confluence asks
// for a CAPTCHA by a header, and lets a request with wrong credentials pass as
// nobody's where strangers may read: that would look like an empty wiki.
func (r *rest) refusal(path string, res *http.Response) error {
	seraph := res.Header.Get("X-Seraph-Loginreason")
	switch {
	case strings.Contains(seraph, "AUTHENTICATION_DENIED"):
		return connector.Errorf(connector.ReasonAuthentication, "Confluence wants a person to sign in before it lets this account in again.",
			"Sign in to Confluence in a browser with this account, solve the CAPTCHA, and connect again.", nil)
	case res.StatusCode == http.StatusUnauthorized, strings.Contains(seraph, "AUTHENTICATED_FAILED"):
		return connector.Errorf(connector.ReasonAuthentication, "Confluence does not take these credentials.",
			"For Cloud give the account's e-mail address and an API token that has not expired; for Data Center a personal access token.", nil)
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return nil
	}
	return r.status(res, fmt.Errorf("%s: status %d", path, res.StatusCode))
}

func (r *rest) status(res *http.Response, cause error) error {
	later := func(reason, message, hint string) error {
		err := connector.Errorf(reason, message, hint, cause)
		err.RetryAfter = atlassian.RetryAfter(res.Header, r.now())
		return err
	}
	switch code := res.StatusCode; {
	case code == http.StatusTooManyRequests:
		return later(connector.ReasonRateLimited, "Confluence asks for fewer requests.", "Lower the service's rate limits, or wait.")
	case code == http.StatusForbidden:
		return connector.Errorf(connector.ReasonPermission, "The account may not read this in Confluence.",
			"Give the account the permission to use Confluence and to view the space; an API token needs the scopes to read.", cause)
	case code == http.StatusNotFound, code == http.StatusGone:
		return connector.Errorf(connector.ReasonNotFound, "Confluence has no such place, or hides it from this account.",
			"Check the endpoint's address, and that the account may view the space.", cause)
	case code == http.StatusRequestTimeout, code == http.StatusGatewayTimeout:
		return later(connector.ReasonTimeout, "Confluence did not answer in time.", "Try again later.")
	case code == http.StatusRequestEntityTooLarge, code == http.StatusRequestURITooLong:
		return tooLarge(cause)
	case code >= 500:
		return later(connector.ReasonVendor, "Confluence has a fault of its own.", "Try again later, and look at the state of the Confluence site.")
	case code >= 400:
		return notOffered(cause)
	}
	return malformed(cause)
}

func notOffered(cause error) error {
	return connector.Errorf(connector.ReasonUnsupported, "This Confluence does not offer what was asked for.",
		"Check the version of the site: Cloud, or Data Center from 7.9 on.", cause)
}
