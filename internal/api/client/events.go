package client

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge"
)

// Event is one event of the stream.
type Event struct {
	ID  int64 // its place, for a reconnect
	Job rampforge.JobEvent
}

// maxEventLine bounds the memory that one line of a stream takes, in bytes.
const maxEventLine = 1 << 20

// Events opens the stream of events and returns them as they come. A lastID
// above 0 begins with what came after it. The sequence ends with the stream or
// with ctx; reconnecting is the caller's.
func (c *Client) Events(ctx context.Context, lastID int64) (iter.Seq2[Event, error], error) {
	headers := []string{"Accept", "text/event-stream"}
	if lastID > 0 {
		headers = append(headers, "Last-Event-ID", strconv.FormatInt(lastID, 10))
	}
	response, err := c.send(ctx, http.MethodGet, "/api/v1/events", nil, headers...) //nolint:bodyclose // the sequence closes it
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		return nil, readError(response)
	}
	return func(yield func(Event, error) bool) {
		defer response.Body.Close()
		readEvents(response.Body, yield)
	}, nil
}

func readEvents(body io.Reader, yield func(Event, error) bool) {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, maxEventLine)
	var kind, data string
	var e Event
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "id":
			e.ID, _ = strconv.ParseInt(value, 10, 64) // 0 for an id that is none of ours
		case "event":
			kind = value
		case "data":
			data += value
		}
		if lines.Text() != "" {
			continue
		}
		if kind == "job" && !yieldJob(&e, data, yield) {
			return
		}
		kind, data = "", ""
	}
	if err := lines.Err(); err != nil {
		yield(Event{}, fmt.Errorf("reading the events: %w", err))
	}
}

func yieldJob(e *Event, data string, yield func(Event, error) bool) bool {
	e.Job = rampforge.JobEvent{}
	if err := json.Unmarshal([]byte(data), &e.Job); err != nil {
		return yield(Event{}, fmt.Errorf("reading an event: %w", err))
	}
	return yield(*e, nil)
}
