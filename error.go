package rampforge

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code names a kind of fault. The codes are part of the HTTP contract.
type Code string

// The codes of the HTTP contract. CodeInvalid is a request that cannot be
// carried out as it stands; everything else says whose move it is.
const (
	CodeInvalid          Code = "VALIDATION_ERROR"
	CodeUnauthenticated  Code = "AUTHENTICATION_ERROR"
	CodeForbidden        Code = "AUTHORIZATION_ERROR"
	CodeNotFound         Code = "RESOURCE_NOT_FOUND"
	CodeMethodNotAllowed Code = "METHOD_NOT_ALLOWED"
	CodeConflict         Code = "RESOURCE_CONFLICT"
	CodeTooLarge         Code = "PAYLOAD_TOO_LARGE"
	CodeUnsupportedMedia Code = "UNSUPPORTED_MEDIA_TYPE"
	CodeRateLimited      Code = "RATE_LIMITED"
	CodeInternal         Code = "INTERNAL_ERROR"
	CodeMCPService       Code = "MCP_SERVICE_ERROR"
	CodeExternal         Code = "EXTERNAL_SERVICE_ERROR"
	CodeUnavailable      Code = "SERVICE_UNAVAILABLE"
	CodeAnalysis         Code = "ANALYSIS_ERROR"
	CodeAI               Code = "AI_SERVICE_ERROR"
)

// FieldIssue is one fault of one field of a request.
type FieldIssue struct {
	Field string `json:"field"`
	Issue string `json:"issue"`
}

// Error is a fault with a code for programs and one sentence for a person.
// The sentence says what to change and never holds a secret or an internal.
type Error struct {
	Code       Code
	Message    string
	Fields     []FieldIssue   // every fault of the request at once, for CodeInvalid
	Details    map[string]any // further facts for programs, nil when there are none
	RetryAfter time.Duration  // when to come back; 0 when it makes no difference
	Err        error          // the cause, for logs only; may be nil
}

// Errorf returns an Error whose message is formatted as by fmt.Sprintf. A %w
// in the format makes the wrapped error part of the message: use Wrap to keep
// a cause out of it.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), Err: errors.Unwrap(err)}
}

// Wrap returns an Error with the given message that keeps err as its cause.
// The cause is logged and never shown.
func Wrap(code Code, err error, message string) *Error {
	return &Error{Code: code, Message: message, Err: err}
}

// Invalid returns a CodeInvalid error for the given faults.
func Invalid(fields ...FieldIssue) *Error {
	e := &Error{Code: CodeInvalid, Message: "The request has faults.", Fields: fields}
	if len(fields) > 0 {
		e.Message = fmt.Sprintf("%s: %s.", fields[0].Field, strings.TrimSuffix(fields[0].Issue, "."))
	}
	return e
}

// Error returns the code, the message and the cause, for logs.
func (e *Error) Error() string {
	if e.Err != nil && e.Err.Error() != e.Message {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Err)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode returns the code of the first Error in err's chain, CodeInternal
// for any other error and "" for nil.
func ErrorCode(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}

// ErrorMessage returns the sentence of the first Error in err's chain, and a
// sentence without internals for any other error.
func ErrorMessage(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Message
	}
	return "Internal server error"
}
