package connector

import (
	"errors"
	"io"
	"syscall"

	"github.com/rampforgeai/rampforge"
)

// The reasons of errors.
const (
	ReasonAuthentication = "authentication" // the credentials are wrong or have expired
	ReasonPermission     = "permission"     // they are right and not enough
	ReasonNotFound       = "not_found"      // no such place, or it is hidden from these credentials
	ReasonUnreachable    = "unreachable"    // nobody answers
	ReasonTimeout        = "timeout"
	ReasonRateLimited    = "rate_limited" // RetryAfter says until when
	ReasonVendor         = "vendor"       // the vendor's own fault: 5xx
	ReasonMalformed      = "malformed"    // the answer is not what the vendor documents
	ReasonTooLarge       = "too_large"
	ReasonUnsupported    = "unsupported" // this vendor, or this server, cannot do that
)

// Errorf returns an error of a connector. message and hint are sentences for a
// person and hold nothing that a vendor sent.
func Errorf(reason, message, hint string, cause error) *rampforge.Error {
	return &rampforge.Error{
		Code: rampforge.CodeMCPService, Message: message, Err: cause,
		Details: map[string]any{"reason": reason, "hint": hint},
	}
}

// Reason returns the reason of a connector's error, "" for any other.
func Reason(err error) string {
	e, ok := errors.AsType[*rampforge.Error](err)
	if !ok {
		return ""
	}
	reason, _ := e.Details["reason"].(string)
	return reason
}

// Absent reports whether a part is not there, or not for these credentials:
// features of paid tiers answer so.
func Absent(err error) bool {
	reason := Reason(err)
	return reason == ReasonNotFound || reason == ReasonPermission
}

// SafeCause keeps of a network's error what no vendor can have written.
func SafeCause(err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	for _, known := range []error{io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, known) {
			return known
		}
	}
	return nil
}
