package jira

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/atlassian"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// fault is a cause in our own words. The words of decoders and of protocols
// quote what the vendor sent, which has no place in an error.
type fault string

func (f fault) Error() string { return string(f) }

// malformed is an answer that cannot be understood. Of its cause, our own words
// are kept.
func malformed(err error) error {
	cause := fault("JSON of another shape than documented")
	_ = errors.As(err, &cause)
	return connector.Errorf(connector.ReasonMalformed, "Jira answered with something that it does not document.",
		"Check that the endpoint is the address of the Jira site itself, and that no sign-in page or proxy stands before it.", cause)
}

func unsupported(stream rampforge.Stream) error {
	return connector.Errorf(connector.ReasonUnsupported, fmt.Sprintf("Jira has no %s.", stream),
		"Read work_items or sprints from Jira, and everything else from the service that has it.", nil)
}

// causeOf keeps of a cause what the machine itself says.
func causeOf(err error) error {
	var (
		op          *net.OpError
		number      syscall.Errno
		certificate *tls.CertificateVerificationError
	)
	switch ours, ok := errors.AsType[*rampforge.Error](err); {
	case ok:
		return ours
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.As(err, &op):
		return op
	case errors.As(err, &number):
		return number
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	case errors.As(err, &certificate):
		return fault("the certificate is not trusted")
	default:
		return fault("the connection ended, or what came is no HTTP")
	}
}

// ofTool hands on what a session with an MCP server said, except that a
// question which Jira does not accept is understood as it is by REST.
func ofTool(e *rampforge.Error) error {
	if mcpclient.Status(e) == http.StatusBadRequest {
		return badRequest(e)
	}
	return e
}

func badRequest(cause error) error {
	return &badRequestError{connector.Errorf(connector.ReasonNotFound, "Jira does not accept the question: most often the project is gone or hidden from this account.",
		"Check that the project is still there and that the account may browse it.", cause)}
}

// unanswered says why a request got no answer. The guard's sentences are about
// our own address, so they are passed on.
func unanswered(err error) error {
	var timeout net.Error
	if e, ok := errors.AsType[*rampforge.Error](err); ok && e.Code == rampforge.CodeMCPService {
		return ofTool(e)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return connector.Errorf(connector.ReasonTimeout, "Jira did not answer in time.",
			"Try again later, or give the service a longer timeout.", causeOf(err))
	}
	if errors.Is(err, context.Canceled) {
		return connector.Errorf(connector.ReasonTimeout, "The request to Jira was stopped before its answer came.", "Try again.", causeOf(err))
	}
	message := "Jira does not answer."
	e, ours := errors.AsType[*rampforge.Error](err)
	if ours && e.Code == rampforge.CodeRateLimited {
		limited := connector.Errorf(connector.ReasonRateLimited, e.Message,
			"Nothing has to be done: reading goes on when that is over. Raise the service's rate limits if they are lower than Jira's.", e)
		limited.RetryAfter = e.RetryAfter
		return limited
	}
	if ours {
		message = e.Message
	}
	out := connector.Errorf(connector.ReasonUnreachable, message,
		"Check the endpoint's address and its certificate, and that this machine may reach it.", causeOf(err))
	if ours {
		out.RetryAfter = e.RetryAfter
	}
	return out
}

// interrupted says why the body of an answer did not come to its end.
func interrupted(err error) error {
	e, ours := errors.AsType[*rampforge.Error](err)
	if ours && e.Code == rampforge.CodeExternal && e.Details["reason"] == nil { // the guard's bound on the length
		return tooLarge(causeOf(err))
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
	seraph := res.Header.Get("X-Seraph-Loginreason")
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
		err.RetryAfter = atlassian.RetryAfter(res.Header, r.now())
		return err
	case code == http.StatusForbidden:
		return connector.Errorf(connector.ReasonPermission, "The account may not read this in Jira.",
			"Give the account the permission to browse the project.", cause)
	case code == http.StatusNotFound:
		return connector.Errorf(connector.ReasonNotFound, "Jira has no such place, or hides it from this account.",
			"Check the endpoint's address, and that the account may browse the project.", cause)
	case code == http.StatusBadRequest:
		return badRequest(cause)
	case code == http.StatusRequestEntityTooLarge, code == http.StatusRequestURITooLong:
		return tooLarge(cause)
	case code >= 500:
		err := connector.Errorf(connector.ReasonVendor, "Jira has a fault of its own.", "Try again later, and look at the state of the Jira site.", cause)
		err.RetryAfter = atlassian.RetryAfter(res.Header, r.now())
		return err
	case code >= 400:
		return connector.Errorf(connector.ReasonUnsupported, "This Jira does not offer what was asked for.",
			"Check the version of the Jira site: Cloud, or Data Center from 8.14 on.", cause)
	}
	return malformed(cause)
}

// badRequestError is an answer 400, which boards without sprints give too.
type badRequestError struct{ err *rampforge.Error }

func (e *badRequestError) Error() string { return e.err.Error() }
func (e *badRequestError) Unwrap() error { return e.err }

func isBadRequest(err error) bool {
	_, ok := errors.AsType[*badRequestError](err)
	return ok
}
