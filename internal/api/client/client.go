// Package client speaks the HTTP contract, for the command line and for tests.
// It may import the root package only.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

// Client calls one server, as one person or as nobody. It is safe for
// concurrent use.
type Client struct {
	base  string
	http  *http.Client
	token string
}

// New returns a client of the server at base, such as http://localhost:8000,
// that is not signed in. A nil httpClient is http.DefaultClient.
func New(base string, httpClient *http.Client) *Client {
	if httpClient == nil {
		httpClient = http.DefaultClient
	}
	return &Client{base: strings.TrimSuffix(base, "/"), http: httpClient}
}

// As returns a client of the same server that presents a bearer token: an
// access token or an API token.
func (c *Client) As(token string) *Client {
	with := *c
	with.token = token
	return &with
}

// Token is the bearer token that the client presents, "" for none.
func (c *Client) Token() string { return c.token }

// Error is an answer that is not a success. It unwraps to a rampforge.Error
// with the answer's code, message and fields.
type Error struct {
	Status    int
	Code      rampforge.Code
	Message   string
	Detail    string
	Details   map[string]any
	Fields    []rampforge.FieldIssue
	RequestID string
	Header    http.Header
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message) }

// Unwrap returns the error as the server meant it.
func (e *Error) Unwrap() error {
	return &rampforge.Error{Code: e.Code, Message: e.Message, Fields: e.Fields, Details: e.Details}
}

// StatusOf returns the status of a failed call, and 0 for anything else.
func StatusOf(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return 0
}

// Answer is what came back besides the body.
type Answer struct {
	Status int
	Header http.Header
}

// Call sends one request. A body that is not nil goes out as JSON, bytes as
// they are, and a success is read into out, unless that is nil. Headers come as pairs of name
// and value.
func (c *Client) Call(ctx context.Context, method, path string, body, out any, headers ...string) (Answer, error) {
	response, err := c.send(ctx, method, path, body, headers...)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	answer := Answer{response.StatusCode, response.Header}
	if response.StatusCode >= http.StatusMultipleChoices && response.StatusCode != http.StatusNotModified {
		return answer, readError(response)
	}
	if out == nil || response.StatusCode == http.StatusNoContent || response.StatusCode == http.StatusNotModified {
		_, err = io.Copy(io.Discard, response.Body)
		return answer, err
	}
	if err := json.NewDecoder(response.Body).Decode(out); err != nil {
		return answer, fmt.Errorf("reading the answer of %s %s: %w", method, path, err)
	}
	return answer, nil
}

func (c *Client) send(ctx context.Context, method, path string, body any, headers ...string) (*http.Response, error) {
	var reader io.Reader
	if raw, ok := body.([]byte); ok {
		reader = bytes.NewReader(raw)
	} else if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("writing the request %s %s: %w", method, path, err)
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, reader)
	if err != nil {
		return nil, fmt.Errorf("making the request %s %s: %w", method, path, err)
	}
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return response, nil
}

// maxError bounds how much of a failed answer is read.
const maxError = 1 << 20

func readError(response *http.Response) error {
	e := &Error{Status: response.StatusCode, Header: response.Header}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxError))
	if err != nil {
		return errors.Join(e, err)
	}
	var envelope struct {
		Code      rampforge.Code `json:"code"`
		Message   string         `json:"message"`
		Detail    string         `json:"detail"`
		Details   map[string]any `json:"details"`
		RequestID string         `json:"request_id"`
	}
	if err := json.Unmarshal(text, &envelope); err != nil {
		e.Message = fmt.Sprintf("the answer is no error of this API: %.200q", text)
		return e
	}
	e.Code, e.Message, e.Detail, e.Details, e.RequestID = envelope.Code, envelope.Message, envelope.Detail, envelope.Details, envelope.RequestID
	var listed struct {
		Details struct {
			Fields []rampforge.FieldIssue `json:"fields"`
		} `json:"details"`
	}
	if json.Unmarshal(text, &listed) == nil {
		e.Fields = listed.Details.Fields
	}
	return e
}

// Page is where a list stands.
type Page struct {
	Total   int  `json:"total"`
	Limit   int  `json:"limit"`
	Offset  int  `json:"offset"`
	HasMore bool `json:"has_more"`
}

// Query is what narrows a list: limit, offset, and the filters of the call.
type Query map[string]string

// Paging returns the query for one page.
func Paging(limit, offset int) Query {
	return Query{"limit": strconv.Itoa(limit), "offset": strconv.Itoa(offset)}
}

func (q Query) on(path string) string {
	if len(q) == 0 {
		return path
	}
	values := url.Values{}
	for name, v := range q {
		values.Set(name, v)
	}
	return path + "?" + values.Encode()
}

// get reads path into a T.
func get[T any](ctx context.Context, c *Client, path string, headers ...string) (T, error) {
	var out T
	_, err := c.Call(ctx, http.MethodGet, path, nil, &out, headers...)
	return out, err
}

// send sends body to path and reads a T.
func send[T any](ctx context.Context, c *Client, method, path string, body any, headers ...string) (T, error) {
	var out T
	_, err := c.Call(ctx, method, path, body, &out, headers...)
	return out, err
}

// counted reads a bare array and its total.
func counted[T any](ctx context.Context, c *Client, path string) (out []T, total int, err error) {
	_, err = c.countedInto(ctx, path, &out, &total)
	return out, total, err
}

// countedInto reads a bare array into out, and what its headers say besides.
func (c *Client) countedInto(ctx context.Context, path string, out any, total *int) (http.Header, error) {
	answer, err := c.Call(ctx, http.MethodGet, path, nil, out)
	if err != nil {
		return nil, err
	}
	if *total, err = strconv.Atoi(answer.Header.Get("X-Total-Count")); err != nil {
		return nil, fmt.Errorf("reading the total of %s: %w", path, err)
	}
	return answer.Header, nil
}

// Health is the answer of /api/health.
type Health struct {
	Status    string    `json:"status"`
	Timestamp time.Time `json:"timestamp"`
	Version   string    `json:"version"`
	Service   string    `json:"service"`
}

// Health asks whether the server works.
func (c *Client) Health(ctx context.Context) (Health, error) {
	return get[Health](ctx, c, "/api/health")
}
