package mcpclient

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"github.com/rampforgeai/rampforge/internal/connector"
)

// errDamaged is the cause of an error of a call whose answers all came damaged:
// it has been asked for again as often as the service may.
var errDamaged = errors.New("the answers came damaged")

// callOf returns the id of the call of a tool, or of their list, that a request
// makes. Of others there is none: how a connection begins is for the library to
// judge, as what it does not understand there tells it the server's era.
func callOf(req *http.Request) (id jsonrpc.ID, ok bool) {
	if req.Method != http.MethodPost || req.GetBody == nil {
		return id, false
	}
	body, err := req.GetBody()
	if err != nil {
		return id, false
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		return id, false
	}
	message, err := jsonrpc.DecodeMessage(text)
	if err != nil {
		return id, false
	}
	call, ok := message.(*jsonrpc.Request)
	if !ok || !strings.HasPrefix(call.Method, "tools/") {
		return id, false
	}
	return call.ID, call.IsCall()
}

// patiently sends a call until its answer comes whole, as often as the service
// may. The library gives a connection up over one damaged answer, and with it
// all other calls on it; so it gets to see whole ones only.
func (t *spoken) patiently(req *http.Request, id jsonrpc.ID) (*http.Response, error) {
	_ = req.Body.Close() // it is sent from memory each time
	var res *http.Response
	err := connector.Again(req.Context(), t.attempts, func(ctx context.Context) (bool, error) {
		body, err := req.GetBody()
		if err != nil {
			return true, err
		}
		// A stream of events has no time of its own in the client, and neither has
		// what is long: it is counted from the header on.
		ctx, cancel := context.WithCancelCause(ctx)
		sent := req.Clone(ctx)
		sent.Body = body
		if res, err = t.send(sent); err != nil { //nolint:bodyclose // whoever gets res closes it
			cancel(nil)
			return true, err
		}
		if res.StatusCode < 200 || res.StatusCode > 299 {
			res.Body = closing{res.Body, res.Body, func() { cancel(nil) }}
			return true, nil
		}
		timer := time.AfterFunc(t.timeout, func() { cancel(context.DeadlineExceeded) })
		end := func() { timer.Stop(); cancel(nil) }
		if err = whole(res, id, end); err == nil {
			return true, nil
		}
		cause := context.Cause(ctx)
		end()
		if errors.Is(err, errTooLong) {
			return true, tooLong()
		}
		return req.Context().Err() != nil, damaged(errors.Join(err, cause))
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

func damaged(err error) error {
	hint := "Check the endpoint and that the MCP server runs."
	if errors.Is(err, context.DeadlineExceeded) {
		return connector.Errorf(connector.ReasonTimeout, "The MCP server did not answer in time.", hint, errors.Join(errDamaged, err))
	}
	return connector.Errorf(connector.ReasonMalformed, "What answers at the endpoint does not speak the Model Context Protocol.", hint, errors.Join(errDamaged, err))
}

// whole reads an answer until it holds what was asked for, which it puts into
// its place. end frees what the answer holds.
func whole(res *http.Response, id jsonrpc.ID, end func()) error {
	body := res.Body
	var answer []byte
	var err error
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		var asked bool
		if answer, asked, err = eventOf(body, id); asked {
			// What the server asks of a client is the library's to answer.
			res.Body = closing{io.MultiReader(bytes.NewReader(answer), body), body, end}
			return nil
		}
	} else if answer, err = io.ReadAll(body); err == nil && !answers(answer, id) {
		err = errors.New("it is not the answer to the call")
	}
	_ = body.Close()
	if err != nil {
		return err
	}
	end()
	res.Header = res.Header.Clone()
	res.Header.Set("Content-Type", "application/json")
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(answer)), int64(len(answer))
	return nil
}

// answers reports whether a message is the answer to a call: one JSON value,
// and nothing behind it.
func answers(message []byte, id jsonrpc.ID) bool {
	decoded, err := jsonrpc.DecodeMessage(message)
	if err != nil || !json.Valid(message) { // the library takes no offence at what comes behind
		return false
	}
	answer, ok := decoded.(*jsonrpc.Response)
	return ok && answer.ID == id
}

// eventOf returns the message of a stream of events that answers a call. Where
// the server asks something itself before, it returns that event and what was
// read behind it, and asked. Other events are of no use to anybody here.
func eventOf(stream io.Reader, id jsonrpc.ID) (message []byte, asked bool, err error) {
	lines := bufio.NewReader(stream)
	var data [][]byte
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, false, err
		}
		text := bytes.TrimRight(line, "\r\n")
		if value, found := bytes.CutPrefix(text, []byte("data:")); found {
			data = append(data, value)
		}
		if len(text) > 0 && err == nil {
			continue
		}
		message := bytes.Join(data, []byte("\n"))
		switch {
		case answers(message, id):
			return message, false, nil
		case err != nil:
			return nil, false, io.ErrUnexpectedEOF
		case asks(message):
			behind, _ := lines.Peek(lines.Buffered()) // what is there already cannot fail
			return slices.Concat([]byte("data:"), bytes.Join(data, []byte("\ndata:")), []byte("\n\n"), behind), true, nil
		}
		data = nil
	}
}

// asks reports whether a message asks for an answer.
func asks(message []byte) bool {
	var told struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
	}
	return json.Unmarshal(message, &told) == nil && told.Method != "" && len(told.ID) > 0
}

// closing is a body that frees something when it is closed.
type closing struct {
	io.Reader
	body io.Closer
	end  func()
}

// Close implements io.Closer.
func (c closing) Close() error {
	defer c.end()
	return c.body.Close()
}
