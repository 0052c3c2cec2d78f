package api_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/store"
)

// follow opens a stream and hands out its events until the test ends. The
// channel is closed with the stream.
func (w *world) follow(ctx context.Context, c *client.Client, lastID int64) <-chan client.Event {
	w.t.Helper()
	stream, err := c.Events(ctx, lastID)
	if err != nil {
		w.t.Fatal(err)
	}
	events := make(chan client.Event, 100)
	go func() {
		defer close(events)
		for e, err := range stream {
			if err != nil {
				return // how a stream ends is not what is tested here
			}
			events <- e
		}
	}()
	return events
}

// next returns the next event, and fails the test when none comes.
func next(t *testing.T, events <-chan client.Event) client.Event {
	t.Helper()
	select {
	case e, ok := <-events:
		if !ok {
			t.Fatal("the stream ended")
		}
		return e
	case <-time.After(20 * time.Second):
		t.Fatal("no event")
	}
	return client.Event{}
}

// ended waits for the end of a stream.
func ended(t *testing.T, events <-chan client.Event) {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case _, ok := <-events:
			if !ok {
				return
			}
		case <-timeout:
			t.Fatal("the stream goes on")
		}
	}
}

func TestEvents(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		r := w.repository("https://example.com/team/followed")
		hidden := w.repository("https://example.com/team/hidden")
		if _, err := w.lead().CreateProject(ctx, client.NewProject{Name: "p", RepositoryURL: r.URL, TeamMembers: []string{"observer@example.com"}}); err != nil {
			t.Fatal(err)
		}
		events := w.follow(ctx, w.observer(), 0)
		for _, repository := range []string{hidden.ID, r.ID} {
			started, err := w.lead().Analyze(ctx, repository, client.AnalysisRequest{}, 0)
			if err != nil {
				t.Fatal(err)
			}
			c := w.claim(started.AnalysisID)
			if _, err := w.store.ProgressRun(ctx, c, rampforge.Progress{Done: 1, Total: 2, Unit: "files", Stage: "parse"}, time.Now()); err != nil {
				t.Fatal(err)
			}
			if _, err := w.store.FinishRun(ctx, c, store.Outcome{Status: rampforge.AnalysisFailed, Error: new("No."), Message: "No."}, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		// The hidden repository's events came first and were left out.
		var states []rampforge.JobState
		var ids []int64
		for range 4 {
			e := next(t, events)
			states, ids = append(states, e.Job.State), append(ids, e.ID)
			if e.Job.Kind != "analysis" || !strings.HasPrefix(e.Job.ID, "ana_") {
				t.Errorf("%+v", e)
			}
			if e.Job.State == rampforge.JobRunning && e.Job.Progress.Unit != "" && e.Job.Progress != (rampforge.Progress{Done: 1, Total: 2, Unit: "files", Stage: "parse"}) {
				t.Errorf("%+v", e)
			}
		}
		want := []rampforge.JobState{rampforge.JobQueued, rampforge.JobRunning, rampforge.JobRunning, rampforge.JobFailed}
		if diff := cmp.Diff(want, states); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}

		again := w.follow(ctx, w.observer(), ids[1])
		replayed := map[int64]rampforge.JobState{}
		for range 2 {
			e := next(t, again)
			replayed[e.ID] = e.Job.State
		}
		if diff := cmp.Diff(map[int64]rampforge.JobState{ids[2]: rampforge.JobRunning, ids[3]: rampforge.JobFailed}, replayed); diff != "" {
			t.Errorf("after a reconnect (-want +got):\n%s", diff)
		}
		// What comes now reaches both, once.
		started, err := w.lead().Analyze(ctx, r.ID, client.AnalysisRequest{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, stream := range []<-chan client.Event{events, again} {
			if e := next(t, stream); e.Job.ID != started.AnalysisID || e.Job.State != rampforge.JobQueued {
				t.Errorf("%+v", e)
			}
		}
	})
}

// TestEventsEnd ends streams by the end of their session, of the server, and
// of their reader.
func TestEventsEnd(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		ctx, leave := context.WithCancel(t.Context())
		left := w.follow(ctx, w.lead(), 0)
		leave()
		ended(t, left)

		bySession, byServer := w.follow(t.Context(), w.observer(), 0), w.follow(t.Context(), w.admin(), 0)
		if err := w.observer().Logout(t.Context()); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		ended(t, bySession)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("the stream outlived its session by %s", took)
		}
		w.api.Close()
		ended(t, byServer)
		if n := w.api.Watchers(); n != 0 {
			t.Errorf("%d watchers are left", n)
		}
		w.api.Close() // a second time is fine
		if _, err := w.lead().Events(t.Context(), 0); err != nil {
			t.Errorf("a stream that begins after the end should just end: %v", err)
		}
	})
}

// TestEventStreamForm reads the stream as bytes.
func TestEventStreamForm(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.server.URL+"/api/v1/events", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+w.people[rampforge.RoleTeamLead].session.AccessToken)
		request.Header.Set("Last-Event-ID", "of another server") // ignored
		response, err := w.server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if got := response.Header; got.Get("Content-Type") != "text/event-stream" || got.Get("X-Accel-Buffering") != "no" || got.Get("Cache-Control") != "no-store" {
			t.Errorf("%v", got)
		}
		r := w.repository("https://example.com/team/form")
		if _, err := w.lead().Analyze(t.Context(), r.ID, client.AnalysisRequest{}, 0); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(response.Body)
		for _, want := range []string{"retry: 2000", "", "id: 1", "event: job", `data: {"id":"ana_`, ""} {
			if !lines.Scan() || !strings.HasPrefix(lines.Text(), want) || (want == "") != (lines.Text() == "") {
				t.Fatalf("line %q, want %q; %v", lines.Text(), want, lines.Err())
			}
		}
	})
}

// TestEventStreamTellsOfAGap reconnects with an id that is not kept.
func TestEventStreamTellsOfAGap(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		r := w.repository("https://example.com/team/gap")
		if _, err := w.lead().Analyze(t.Context(), r.ID, client.AnalysisRequest{}, 0); err != nil {
			t.Fatal(err)
		}
		for last, want := range map[string][]string{"1": {"retry: 2000", "", "id: ", "event: job"}, "4000": {"retry: 2000", "", "event: gap", "data: {}", ""}} {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.server.URL+"/api/v1/events", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer "+w.people[rampforge.RoleTeamLead].session.AccessToken)
			request.Header.Set("Last-Event-ID", last)
			response, err := w.server.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if last == "1" { // nothing is missing: what comes first is of a job, perhaps once more
				if _, err := w.lead().Analyze(t.Context(), w.repository("https://example.com/team/next").ID, client.AnalysisRequest{}, 0); err != nil {
					t.Fatal(err)
				}
			}
			lines := bufio.NewScanner(response.Body)
			for _, line := range want {
				if !lines.Scan() || !strings.HasPrefix(lines.Text(), line) || (line == "") != (lines.Text() == "") {
					t.Errorf("after %s: line %q, want %q; %v", last, lines.Text(), line, lines.Err())
				}
			}
		}
	})
}

// TestTokensInURLs must not work: addresses are written to logs.
func TestTokensInURLs(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		if a := w.raw("GET", "/api/v1/events?access_token="+w.people[rampforge.RoleAdmin].session.AccessToken, ""); a.status != http.StatusUnauthorized {
			t.Errorf("%d", a.status)
		}
	})
}
