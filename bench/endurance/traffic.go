package main

import (
	"bytes"
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
)

// world is what the traffic is about.
type world struct {
	token, project, repository, service string
	projects                            []string
}

func newWorld(s *program.Server, o options, dir, vendor string) (*world, error) {
	w := &world{token: s.Token}
	path := filepath.Join(dir, "repository")
	if err := repository(path); err != nil {
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

// next draws a call. Plain reads are 75 of 100, writes 15.
// Each worker has settings of its own to write: two that write the same at once
// are told so with 409.
func (w *world) next(r *rand.Rand, worker int) call {
	one := w.projects[r.IntN(len(w.projects))]
	of := "/api/v1/projects/"
	switch n := r.IntN(1000); {
	case n < 350:
		return call{"read me", "GET", "/api/v1/auth/me", ""}
	case n < 500:
		return call{"read projects", "GET", of[:len(of)-1] + "?limit=20", ""}
	case n < 680:
		return call{"read project", "GET", of + one, ""}
	case n < 750:
		return call{"read report", "GET", of + w.project + "/analysis", ""}
	case n < 850:
		return call{"write project", "PUT", of + one, fmt.Sprintf(`{"description":"What it is about, %d"}`, r.IntN(1_000_000))}
	case n < 900:
		return call{"write settings", "PUT", of + w.projects[worker] + "/workflow/settings", fmt.Sprintf(`{"person_wip_limit":%d}`, 1+r.IntN(9))}
	case n < 930:
		return call{"sign-in", "POST", "/api/v1/auth/login", `{"email":"bench@example.com","password":"correct horse battery"}`}
	case n < 970:
		return call{"search", "GET", of + w.project + "/search?q=" + []string{"F1", "package", "Step", "F19"}[r.IntN(4)], ""}
	case n < 998:
		return call{"ask", "POST", of + w.project + "/ask", fmt.Sprintf(`{"question":"Where is F%d?"}`, r.IntN(20))}
	case n < 999:
		return call{"sync", "POST", "/api/v1/mcp/sync", fmt.Sprintf(`{"service_ids":[%q]}`, w.service)}
	}
	return call{"analysis", "POST", "/api/v1/repositories/" + w.repository + "/analyze", `{"force_refresh":true}`}
}

// outcome is what a time of traffic showed.
type outcome struct {
	took      time.Duration
	requests  int
	errors    int
	first     string // the first error
	perSecond float64
	latencies map[string][]float64 // milliseconds by kind
}

// drive sends calls for a time: as many as can be, or so many a second. Then a
// latency begins when its call was due, so that a server that stands still is not
// asked less.
func (w *world) drive(addresses []string, o options, d time.Duration, perSecond float64) *outcome {
	transport := &http.Transport{MaxIdleConnsPerHost: o.connections, MaxConnsPerHost: 4 * o.connections}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	out := &outcome{latencies: map[string][]float64{}}
	var mu sync.Mutex
	var due atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	workers := o.connections
	if perSecond > 0 {
		workers *= 2 // late ones must not hold up those that are due
	}
	for n := range workers {
		all.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(n))) //nolint:gosec // a draw of calls
			latencies := map[string][]float64{}
			failed, first := 0, ""
			for time.Since(began) < d {
				at := time.Now()
				if perSecond > 0 {
					at = began.Add(time.Duration(float64(due.Add(1)) / perSecond * float64(time.Second)))
					if at.Sub(began) > d {
						break
					}
					time.Sleep(time.Until(at))
				}
				c := w.next(r, n)
				if err := w.send(client, addresses[n%len(addresses)], c); err != nil {
					if failed++; first == "" {
						first = err.Error()
					}
				}
				latencies[c.kind] = append(latencies[c.kind], float64(time.Since(at).Microseconds())/1000)
			}
			mu.Lock()
			defer mu.Unlock()
			out.errors += failed
			if out.first == "" {
				out.first = first
			}
			for kind, of := range latencies {
				out.latencies[kind] = append(out.latencies[kind], of...)
				out.requests += len(of)
			}
		})
	}
	all.Wait()
	out.took = time.Since(began)
	out.perSecond = float64(out.requests-out.errors) / out.took.Seconds()
	return out
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

// percentiles are those of all kinds that begin so.
func (r *outcome) percentiles(prefixes ...string) (p percentiles) {
	var all []float64
	for kind, of := range r.latencies {
		if slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(kind, prefix) }) {
			all = append(all, of...)
		}
	}
	slices.Sort(all)
	if n := len(all); n > 0 {
		at := func(of int) float64 { return all[min(n-1, n*of/100)] }
		p = percentiles{n, at(50), at(95), at(99), all[n-1]}
	}
	return p
}
