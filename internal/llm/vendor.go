package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

const (
	// MaxAnswer is the longest text of an answer in bytes. What models can say at
	// once is a tenth of it.
	MaxAnswer = 1 << 20
	// maxBody is the longest answer of a vendor with all that is around the text:
	// each piece of a stream comes in an object of its own.
	maxBody = 8 << 20
	// maxFault is how much of a refusal is read.
	maxFault = 64 << 10
)

// VendorClient returns the client that a vendor is asked with: guarded, and
// answers that are refusals come back as *Error, as the vendors' SDKs drop what
// the headers say. It repeats nothing and follows no redirect, which would take
// the key and the request somewhere else.
func VendorClient(guard *httpclient.Guard, timeout time.Duration) *http.Client {
	client := guard.Client(httpclient.ClientOptions{Timeout: timeout, MaxBytes: maxBody + 1})
	client.Transport = &refusals{next: client.Transport}
	return client
}

// refusals turns refusals and answers beyond our bound into errors.
type refusals struct{ next http.RoundTripper }

func (t *refusals) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode < http.StatusMultipleChoices {
		res.Body = &boundedBody{body: res.Body, left: maxBody}
		return res, nil
	}
	defer res.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(res.Body, maxFault)) // what came of it is enough
	return nil, refusal(res.StatusCode, res.Header.Get("Retry-After"), said)
}

type boundedBody struct {
	body io.ReadCloser
	left int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, TooLong()
	}
	return n, err
}

func (b *boundedBody) Close() error { return b.body.Close() }

// TooLong is the error of an answer beyond MaxAnswer.
func TooLong() *Error {
	return &Error{Kind: KindTooLong, Message: "The model's answer is longer than is taken."}
}

// BrokenOff is the error of an answer that ended before its end.
func BrokenOff(err error) *Error {
	return &Error{Kind: KindBroken, Message: "The model's answer broke off or made no sense.", Err: err}
}

// Refusal says what a status of HTTP means that a vendor answered with, in the
// answer's head or, later, in a stream.
func Refusal(status int, said string) *Error { return refusal(status, "", []byte(said)) }

func refusal(status int, retryAfter string, said []byte) *Error {
	e := &Error{Status: status, Err: fmt.Errorf("the vendor answered %d: %s", status, shorten(string(said), 500))}
	switch {
	case status == http.StatusTooManyRequests:
		e.Kind, e.Message = KindLimited, "The model's service takes no more requests at the moment."
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		e.Kind, e.Message = KindTimeout, "The model's service did not answer in time."
	case status >= http.StatusInternalServerError:
		e.Kind, e.Message = KindUnavailable, fmt.Sprintf("The model's service does not work at the moment (status %d).", status)
	case status == http.StatusUnauthorized, status == http.StatusForbidden, strings.Contains(string(said), "API_KEY_INVALID"):
		e.Kind, e.Message = KindRefused, "The model's service refuses the configured credentials."
	case status == http.StatusNotFound:
		e.Kind, e.Message = KindRefused, "The model's service does not know the configured model."
	default:
		e.Kind, e.Message = KindInvalid, fmt.Sprintf("The model's service refuses the request (status %d).", status)
	}
	e.RetryAfter = waitOf(retryAfter, said)
	return e
}

// waitOf reads how long to wait from the header, in seconds or as a date, or
// from the details that Google's errors carry instead.
func waitOf(header string, said []byte) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		return time.Duration(max(seconds, 0)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(time.Until(at), 0)
	}
	var google struct {
		Error struct {
			Details []struct {
				RetryDelay string `json:"retryDelay"`
			} `json:"details"`
		} `json:"error"`
	}
	_ = json.Unmarshal(said, &google) // others say it otherwise, or not at all
	for _, detail := range google.Error.Details {
		if d, err := time.ParseDuration(detail.RetryDelay); err == nil {
			return max(d, 0)
		}
	}
	return 0
}

// Failure says what an error means that asking a vendor ended with.
func Failure(ctx context.Context, err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if ctx.Err() != nil {
		return &Error{Kind: KindTimeout, Message: "The model was not waited for any longer.", Err: errors.Join(context.Cause(ctx), err)}
	}
	if e, ok := errors.AsType[*rampforge.Error](err); ok {
		kind := KindUnavailable
		if e.Details["reason"] == httpclient.ReasonBlocked {
			kind = KindRefused
		}
		return &Error{Kind: kind, Message: e.Message, Err: err}
	}
	if network, ok := errors.AsType[net.Error](err); ok && network.Timeout() {
		return &Error{Kind: KindTimeout, Message: "The model did not answer in time.", Err: err}
	}
	if _, ok := errors.AsType[*url.Error](err); ok {
		return &Error{Kind: KindUnavailable, Message: "The model's service cannot be reached.", Err: err}
	}
	return BrokenOff(err)
}

func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
