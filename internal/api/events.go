package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

func (a *API) registerEvents() {
	handle(a, route{id: "events", method: http.MethodGet, path: "/api/v1/events", tag: tagEvents, policy: observers,
		summary: "Follow long work as it happens", description: eventsDescription, errors: []int{http.StatusServiceUnavailable}}, a.events)
	a.answers("/api/v1/events", "text/event-stream", reflect.TypeFor[rampforge.JobEvent](),
		"Server-sent events: `id` is the place in the log, `event` is `job`, and `data` is JSON of this schema")
}

const eventsDescription = `Server-sent events (` + "`event: job`" + `) about the work on what you may see. After a reconnect with ` + "`Last-Event-ID`" + ` the stream begins with
what was missed; an event may come twice, and the last one about a job is how it is. Where not all that was missed is kept any more
(EVENT_RETENTION, and the newest thousand), ` + "`event: gap`" + ` comes first: read anew how your jobs are. The stream ends when the session does, when its reader
is too slow, and when the server stops: reconnect then. The token goes into the Authorization header only, as URLs are written to logs: browsers need
an EventSource that is based on fetch.`

const (
	// heartbeat keeps proxies from closing a quiet stream.
	heartbeat = 15 * time.Second
	// recheck is how often a stream asks whether its session still lives.
	recheck = 5 * time.Second
	// retryHint is how long a client should wait before it reconnects.
	retryHint = 2 * time.Second
)

type eventsInput struct {
	LastEventID string `header:"Last-Event-ID" doc:"The id of the last event that was received. One that is none of ours is ignored"`
}

type streamAnswer struct{ Body func(huma.Context) }

func (a *API) events(ctx context.Context, in *eventsInput) (*streamAnswer, error) {
	select {
	case <-a.hub.stands:
	case <-time.After(checkTimeout):
		return nil, &rampforge.Error{Code: rampforge.CodeUnavailable, Message: "Events cannot be read at this moment: try again.", RetryAfter: retryHint}
	}
	closeStream, err := a.streams.open(requestOf(ctx).identity.User.ID)
	if err != nil {
		return nil, err
	}
	watch := a.hub.watch() // before the replay, so that nothing falls between
	var missed []rampforge.Event
	whole := true
	if last, err := strconv.ParseInt(in.LastEventID, 10, 64); err == nil && last > 0 {
		if missed, whole, err = a.options.Store.ReplayEvents(ctx, requestOf(ctx).viewer(), last); err != nil {
			a.hub.leave(watch)
			closeStream()
			return nil, err
		}
	}
	return &streamAnswer{func(c huma.Context) {
		defer closeStream()
		defer a.hub.leave(watch)
		r, w := humago.Unwrap(c)
		h := w.Header()
		h.Set("Content-Type", "text/event-stream")
		h.Set("X-Accel-Buffering", "no") // nginx would hold events back
		w.WriteHeader(http.StatusOK)
		if r.Method == http.MethodHead {
			return
		}
		a.metrics.streams.Inc()
		defer a.metrics.streams.Dec()
		s := &stream{api: a, req: requestOf(ctx), w: w, control: http.NewResponseController(w), sent: map[int64]bool{}, visible: map[string]sight{}}
		// How a stream ends is the client's to see; there is nobody to tell.
		_ = s.run(ctx, watch, missed, whole)
	}}, nil
}

// stream is one open stream of events.
type stream struct {
	api     *API
	req     *request
	w       io.Writer
	control *http.ResponseController
	sent    map[int64]bool // what the replay sent and the hub may bring again
	visible map[string]sight
}

// sight is whether a repository's events may be seen, and until when that is
// taken for true.
type sight struct {
	may   bool
	until time.Time
}

func (s *stream) run(ctx context.Context, watch *watcher, missed []rampforge.Event, whole bool) error {
	if err := s.write("retry: %d\n\n", retryHint.Milliseconds()); err != nil {
		return err
	}
	if !whole {
		if err := s.write("event: gap\ndata: {}\n\n"); err != nil {
			return err
		}
	}
	for _, e := range missed {
		if err := s.send(e); err != nil {
			return err
		}
		s.sent[e.Sequence] = true
	}
	beat, check := time.NewTicker(heartbeat), time.NewTicker(recheck)
	defer beat.Stop()
	defer check.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e, ok := <-watch.events:
			if !ok {
				return nil
			}
			if err := s.pass(ctx, e); err != nil {
				return err
			}
		case <-beat.C:
			if err := s.write(": still here\n\n"); err != nil {
				return err
			}
		case <-check.C:
			identity, err := s.api.options.Auth.Authenticate(ctx, s.req.bearer)
			if err != nil {
				return err
			}
			s.req.identity = identity // a new role sees something else
		}
	}
}

// pass sends an event that the viewer may see and has not seen.
func (s *stream) pass(ctx context.Context, e rampforge.Event) error {
	if s.sent[e.Sequence] {
		delete(s.sent, e.Sequence)
		return nil
	}
	may, err := s.maySee(ctx, s.req.viewer(), e)
	if err != nil || !may {
		return err
	}
	return s.send(e)
}

func (s *stream) maySee(ctx context.Context, v store.Viewer, e rampforge.Event) (bool, error) {
	now := time.Now()
	if known, ok := s.visible[e.RepositoryID]; ok && now.Before(known.until) {
		return known.may, nil
	}
	may, err := s.api.options.Store.MaySeeEvent(ctx, v, e)
	if err != nil {
		return false, err
	}
	if len(s.visible) >= watcherBuffer {
		clear(s.visible)
	}
	s.visible[e.RepositoryID] = sight{may: may, until: now.Add(recheck)}
	return may, nil
}

func (s *stream) send(e rampforge.Event) error {
	data, err := json.Marshal(e.Job)
	if err != nil {
		return err
	}
	return s.write("id: %d\nevent: job\ndata: %s\n\n", e.Sequence, data)
}

func (s *stream) write(format string, args ...any) error {
	// Not every writer has deadlines; net/http's has.
	_ = s.control.SetWriteDeadline(time.Now().Add(s.api.patience.Stream))
	if _, err := fmt.Fprintf(s.w, format, args...); err != nil {
		return err
	}
	return s.control.Flush()
}
