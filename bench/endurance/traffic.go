package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rampforgeai/rampforge/bench/program"
	"github.com/rampforgeai/rampforge/bench/services"
)

// world is what the traffic is about.
type world struct {
	token, project, repository, service string
	projects                            []string
}

func newWorld(s *program.Server, o options, dir, vendor string) (*world, error) {
	w := &world{token: s.Token}
	path := filepath.Join(dir, "repository")
	if err := program.SampleRepository(path, 20); err != nil {
		return nil, err
	}
	for n := range 2 * o.connections { // one for each worker of a paced run
		body := map[string]any{"name": fmt.Sprint("Project ", n)}
		if n == 0 {
			body["repository_url"] = path
		}
		made, err := s.Do("POST", "/api/v1/projects", body)
		if err != nil {
			return nil, err
		}
		id, _ := made["id"].(string)
		w.projects = append(w.projects, id)
		if n == 0 {
			w.project = id
			w.repository, _ = made["repository_id"].(string)
		}
	}
	made, err := s.Do("POST", "/api/v1/mcp/services", map[string]any{"service_type": "jira", "name": "Tracker", "endpoint": vendor + "/jira", "credentials": map[string]string{"token": "bench"}})
	if err != nil {
		return nil, err
	}
	w.service, _ = made["id"].(string)
	run, err := s.Do("POST", "/api/v1/projects/"+w.project+"/analyze", map[string]any{})
	id, _ := run["analysis_id"].(string)
	for deadline := time.Now().Add(2 * time.Minute); err == nil && run["status"] != "completed"; time.Sleep(100 * time.Millisecond) {
		if run["status"] == "failed" || time.Now().After(deadline) {
			return nil, fmt.Errorf("the analysis does not end well: %v", run)
		}
		run, err = s.Do("GET", "/api/v1/analyses/"+id, nil)
	}
	return w, err
}

// call is one request: of a kind, whose first word says what is asked of it.
type call struct{ kind, method, path, body string }

// next draws a call: of 1000, 780 are plain reads, 155 writes, 40 searches and 25
// questions.
// Each worker has settings of its own to write: two that write the same at once
// are told so with 409.
func (w *world) next(r *rand.Rand, worker int) call {
	one := w.projects[r.IntN(len(w.projects))]
	of := "/api/v1/projects/"
	switch n := r.IntN(1000); {
	case n < 370:
		return call{"read me", "GET", "/api/v1/auth/me", ""}
	case n < 520:
		return call{"read projects", "GET", of[:len(of)-1] + "?limit=20", ""}
	case n < 710:
		return call{"read project", "GET", of + one, ""}
	case n < 780:
		return call{"read report", "GET", of + w.project + "/analysis", ""}
	case n < 885:
		return call{"write project", "PUT", of + one, fmt.Sprintf(`{"description":"What it is about, %d"}`, r.IntN(1_000_000))}
	case n < 935:
		return call{"write settings", "PUT", of + w.projects[worker] + "/workflow/settings", fmt.Sprintf(`{"person_wip_limit":%d}`, 1+r.IntN(9))}
	case n < 975:
		return call{"search", "GET", of + w.project + "/search?q=" + []string{"F1", "package", "Step", "F19"}[r.IntN(4)], ""}
	}
	return call{"ask", "POST", of + w.project + "/ask", fmt.Sprintf(`{"question":"Where is F%d?"}`, r.IntN(20))}
}

// timed is what happens by the clock however many requests a server bears: people
// sign in, and services and repositories change.
type timed struct {
	every time.Duration
	call  call
}

func (w *world) timed() []timed {
	return []timed{
		{2 * time.Second, call{"sign-in", "POST", "/api/v1/auth/login", `{"email":"bench@example.com","password":"correct horse battery"}`}},
		{15 * time.Second, call{"sync", "POST", "/api/v1/mcp/sync", fmt.Sprintf(`{"service_ids":[%q]}`, w.service)}},
		{15 * time.Second, call{"analysis", "POST", "/api/v1/repositories/" + w.repository + "/analyze", `{"force_refresh":true}`}},
	}
}

// pace is how traffic comes.
type pace struct {
	lasts     time.Duration
	perSecond float64           // of the drawn calls; 0: as many as can be
	timed     bool              // and what comes by the clock
	windows   *services.Windows // in which something fails; may be nil
}

// outcome is what a time of traffic showed. What went on while something failed is
// counted apart: it says nothing about a server at rest.
type outcome struct {
	took            time.Duration
	requests        int
	errors          int
	first           string // the first error
	disturbed       int
	disturbedErrors int
	perSecond       float64
	latencies       map[string][]latency // by kind
}

// latency is that of one call.
type latency struct {
	minutes float64 // after the beginning, when it was due
	ms      float64
}

// drive sends calls for a time. Where they come by the clock, a latency begins when
// its call was due, so that a server that stands still is not asked less.
func (w *world) drive(ctx context.Context, address string, o options, p pace) *outcome {
	transport := &http.Transport{MaxIdleConnsPerHost: 2 * o.connections, MaxConnsPerHost: 4 * o.connections}
	defer transport.CloseIdleConnections()
	t := &traffic{world: w, address: address, client: &http.Client{Transport: transport, Timeout: time.Minute}, pace: p, began: time.Now(), out: &outcome{latencies: map[string][]latency{}}}
	ctx, cancel := context.WithTimeout(ctx, p.lasts)
	defer cancel()
	var all sync.WaitGroup
	workers := o.connections
	if p.perSecond > 0 {
		workers *= 2 // late ones must not hold up those that are due
	}
	var due atomic.Int64
	for n := range workers {
		all.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(n)))
			t.work(func() (call, time.Time, bool) {
				at := time.Now()
				if p.perSecond > 0 {
					at = t.began.Add(time.Duration(float64(due.Add(1)) / p.perSecond * float64(time.Second)))
				}
				return w.next(r, n), at, until(ctx, at)
			})
		})
	}
	if p.timed {
		for _, of := range w.timed() {
			all.Go(func() {
				n := 0
				t.work(func() (call, time.Time, bool) {
					n++
					at := t.began.Add(time.Duration(n) * of.every)
					return of.call, at, until(ctx, at)
				})
			})
		}
	}
	all.Wait()
	t.out.took = time.Since(t.began)
	t.out.perSecond = float64(t.out.requests+t.out.disturbed-t.out.errors-t.out.disturbedErrors) / t.out.took.Seconds()
	return t.out
}

// until waits for a moment and reports whether it came before the end.
func until(ctx context.Context, at time.Time) bool {
	if end, _ := ctx.Deadline(); at.After(end) {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(time.Until(at)):
		return ctx.Err() == nil
	}
}

// traffic is one drive under way.
type traffic struct {
	world   *world
	address string
	client  *http.Client
	pace    pace
	began   time.Time

	mu  sync.Mutex
	out *outcome
}

// work sends what next gives until it gives no more.
func (t *traffic) work(next func() (call, time.Time, bool)) {
	for {
		c, at, ok := next()
		if !ok {
			return
		}
		err := t.world.send(t.client, t.address, c)
		end := time.Now()
		disturbed := t.pace.windows != nil && t.pace.windows.Disturbed(at, end)
		t.mu.Lock()
		if disturbed {
			t.out.disturbed++
			if err != nil {
				t.out.disturbedErrors++
			}
		} else {
			t.out.requests++
			if err != nil {
				if t.out.errors++; t.out.first == "" {
					t.out.first = fmt.Sprintf("after %.1f s: %v", at.Sub(t.began).Seconds(), err)
				}
			}
			t.out.latencies[c.kind] = append(t.out.latencies[c.kind], latency{at.Sub(t.began).Minutes(), float64(end.Sub(at).Microseconds()) / 1000})
		}
		t.mu.Unlock()
	}
}

func (w *world) send(client *http.Client, address string, c call) error {
	req, err := http.NewRequest(c.method, address+c.path, bytes.NewReader([]byte(c.body)))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+w.token)
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= http.StatusMultipleChoices {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 300))
		return fmt.Errorf("%s %s: %s: %s", c.method, c.path, res.Status, text)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

func (r *outcome) kinds() (all []string) {
	for kind := range r.latencies {
		all = append(all, kind)
	}
	slices.Sort(all)
	return all
}

type percentiles struct {
	n                   int
	p50, p95, p99, most float64
}

// plainBetween is how long plain reads and writes took that were due between two
// moments, in minutes after the beginning.
func (r *outcome) plainBetween(from, to float64) (all []float64) {
	for kind, of := range r.latencies {
		if !strings.HasPrefix(kind, "read") && !strings.HasPrefix(kind, "write") {
			continue
		}
		for _, l := range of {
			if from <= l.minutes && l.minutes < to {
				all = append(all, l.ms)
			}
		}
	}
	return all
}

func (r *outcome) of(kind string) (all []float64) {
	for _, l := range r.latencies[kind] {
		all = append(all, l.ms)
	}
	return all
}

func percentilesOf(all []float64) (p percentiles) {
	slices.Sort(all)
	if n := len(all); n > 0 {
		at := func(of int) float64 { return all[min(n-1, n*of/100)] }
		p = percentiles{n, at(50), at(95), at(99), all[n-1]}
	}
	return p
}
