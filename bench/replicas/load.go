package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	writers  = 6 // each makes and changes projects of its own
	analysts = 2 // each asks for analyses
	readers  = 2 // each follows the events
)

// load is what is asked of the installation, and what it acknowledged.
type load struct {
	cluster      *cluster
	token        string
	repositories []string
	group        sync.WaitGroup
	listening    sync.WaitGroup
	stop         context.CancelFunc // ends the listening

	mu       sync.Mutex
	projects []*project
	analyses []string // acknowledged
	told     []map[string]bool
	result   result
}

// result is what came of it.
type result struct {
	Requests int            `json:"requests"`
	Failed   map[string]int `json:"failed_while_disturbed"`
	// The rest must be empty or 0.
	FailedAtRest  []string `json:"failed_at_rest"`
	Wrong         []string `json:"wrong_answers"`
	Lost          []string `json:"lost_writes"`
	Unended       []string `json:"jobs_that_did_not_end"`
	Twice         []string `json:"jobs_that_ended_twice"`
	Untold        []string `json:"ends_that_a_listener_was_not_told"`
	Projects      int      `json:"projects_acknowledged"`
	Changes       int      `json:"changes_acknowledged"`
	Analyses      int      `json:"analyses_acknowledged"`
	Faults        map[string]int
	Errors        map[string]int `json:"errors_logged"`
	Interruptions int            `json:"event_streams_opened"`
}

func (r *result) held() bool {
	return len(r.FailedAtRest)+len(r.Wrong)+len(r.Lost)+len(r.Unended)+len(r.Twice)+len(r.Untold) == 0 && r.Projects > 0 && r.Analyses > 0
}

// project is a project of one writer, who alone changes it.
type project struct {
	id string
	// may are the names that it may have: the last acknowledged one, and those of
	// changes whose end is not known.
	may []string
}

func newLoad(ctx context.Context, c *cluster) (*load, error) {
	l := &load{cluster: c, result: result{Failed: map[string]int{}}}
	if _, err := l.must(ctx, http.MethodPost, "/api/v1/auth/register", map[string]any{"email": "ada@example.com", "password": "correct horse battery", "name": "Ada"}, http.StatusCreated); err != nil {
		return nil, err
	}
	in, err := l.must(ctx, http.MethodPost, "/api/v1/auth/login", map[string]any{"email": "ada@example.com", "password": "correct horse battery"}, http.StatusOK)
	if err != nil {
		return nil, err
	}
	l.token, _ = in["access_token"].(string)
	for _, path := range c.repository {
		r, err := l.must(ctx, http.MethodPost, "/api/v1/repositories", map[string]any{"url": path}, http.StatusCreated)
		if err != nil {
			return nil, err
		}
		id, _ := r["id"].(string)
		l.repositories = append(l.repositories, id)
	}
	return l, nil
}

// begin begins to listen, and to load until ctx ends.
func (l *load) begin(ctx context.Context) error {
	listening, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	for range readers {
		told := map[string]bool{}
		l.told = append(l.told, told)
		l.listening.Go(func() { l.listen(listening, told) })
	}
	if err := l.firstEvent(ctx); err != nil {
		return err
	}
	for n := range writers {
		l.group.Go(func() { l.write(ctx, n) })
	}
	for n := range analysts {
		l.group.Go(func() { l.analyse(ctx, n) })
	}
	return nil
}

// firstEvent waits until all listeners were told something: from then on each
// knows where it was when its stream ends.
func (l *load) firstEvent(ctx context.Context) error {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		answer, err := l.must(ctx, http.MethodPost, "/api/v1/repositories/"+l.repositories[0]+"/analyze", nil, http.StatusAccepted)
		if err != nil {
			return err
		}
		id, _ := answer["analysis_id"].(string)
		l.end(ctx, id, deadline)
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
		l.mu.Lock()
		all := !slices.ContainsFunc(l.told, func(told map[string]bool) bool { return !told[id] })
		l.mu.Unlock()
		if all {
			return nil
		}
	}
	return errors.New("the listeners are told nothing")
}

func (l *load) wait() { l.group.Wait() }

// do sends a request by the proxy. status is 0 where no whole answer came.
func (l *load) do(ctx context.Context, method, path string, body any) (status int, answer map[string]any, err error) {
	var text io.Reader
	if body != nil {
		content, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		text = bytes.NewReader(content)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, l.cluster.proxy.address+path, text)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if l.token != "" {
		req.Header.Set("Authorization", "Bearer "+l.token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, nil, err
	}
	if res.StatusCode == http.StatusBadGateway { // the proxy's own word
		return res.StatusCode, nil, nil
	}
	if err := json.Unmarshal(content, &answer); err != nil {
		l.wrong("%s %s is answered with %d and no JSON: %.100q", method, path, res.StatusCode, content)
	}
	return res.StatusCode, answer, nil
}

func (l *load) must(ctx context.Context, method, path string, body any, want int) (map[string]any, error) {
	status, answer, err := l.do(ctx, method, path, body)
	if err == nil && status != want {
		err = fmt.Errorf("%s %s: %d %v", method, path, status, answer)
	}
	return answer, err
}

// ask sends a request that must succeed while nothing is done to the replicas, and
// reports whether it did. What fails otherwise must say so: an answer below 500
// that is no success is wrong.
func (l *load) ask(ctx context.Context, method, path string, body any, want int) (answer map[string]any, succeeded bool) {
	from := time.Now()
	status, answer, err := l.do(ctx, method, path, body)
	if ctx.Err() != nil {
		return nil, false
	}
	disturbed := l.cluster.windows.Disturbed(from, time.Now())
	l.mu.Lock()
	defer l.mu.Unlock()
	l.result.Requests++
	if err == nil && status == want {
		return answer, true
	}
	what := fmt.Sprint(status)
	if err != nil {
		what = "no answer"
	}
	switch {
	case err == nil && status < http.StatusInternalServerError:
		l.result.Wrong = append(l.result.Wrong, fmt.Sprintf("%s %s: %d %v", method, path, status, answer))
	case disturbed:
		l.result.Failed[what]++
	default:
		l.result.FailedAtRest = append(l.result.FailedAtRest, fmt.Sprintf("%s %s %s: %s %v %v", from.Format(time.TimeOnly), method, path, what, answer, err))
	}
	return nil, false
}

func (l *load) wrong(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.result.Wrong = append(l.result.Wrong, fmt.Sprintf(format, args...))
}

// write makes projects, changes them, and reads them back.
func (l *load) write(ctx context.Context, writer int) {
	for n := 0; ctx.Err() == nil; n++ {
		name := fmt.Sprintf("project %d of writer %d", n, writer)
		made, ok := l.ask(ctx, http.MethodPost, "/api/v1/projects", map[string]any{"name": name}, http.StatusCreated)
		if !ok {
			_ = pause(ctx, 100*time.Millisecond)
			continue
		}
		id, _ := made["id"].(string)
		p := &project{id: id, may: []string{name}}
		l.mu.Lock()
		l.projects = append(l.projects, p)
		l.result.Projects++
		l.mu.Unlock()
		for change := range 5 {
			l.change(ctx, p, fmt.Sprintf("%s, change %d", name, change))
			l.read(ctx, p)
			_ = pause(ctx, 20*time.Millisecond)
		}
	}
}

func (l *load) change(ctx context.Context, p *project, name string) {
	// Before it is asked: when no answer comes it may have been done.
	l.mu.Lock()
	p.may = append(p.may, name)
	l.mu.Unlock()
	if _, ok := l.ask(ctx, http.MethodPut, "/api/v1/projects/"+p.id, map[string]any{"name": name}, http.StatusOK); ok {
		l.mu.Lock()
		p.may = []string{name}
		l.result.Changes++
		l.mu.Unlock()
	}
}

func (l *load) read(ctx context.Context, p *project) {
	answer, ok := l.ask(ctx, http.MethodGet, "/api/v1/projects/"+p.id, nil, http.StatusOK)
	if name, _ := answer["name"].(string); ok && !slices.Contains(p.may, name) {
		l.wrong("the project %s is called %q and may be %q", p.id, name, p.may)
	}
}

// analyse asks for analyses, one at a time of each repository.
func (l *load) analyse(ctx context.Context, analyst int) {
	for n := analyst; ctx.Err() == nil; n += analysts {
		id := l.repositories[n%len(l.repositories)]
		answer, ok := l.ask(ctx, http.MethodPost, "/api/v1/repositories/"+id+"/analyze", map[string]any{"force_refresh": true}, http.StatusAccepted)
		if analysis, _ := answer["analysis_id"].(string); ok {
			l.mu.Lock()
			if !slices.Contains(l.analyses, analysis) { // who asks while one runs is given that one
				l.analyses = append(l.analyses, analysis)
			}
			l.mu.Unlock()
		}
		_ = pause(ctx, 300*time.Millisecond)
	}
}

// listen follows the events, from where it was when the stream ends, and notes
// the analyses whose end it is told.
func (l *load) listen(ctx context.Context, told map[string]bool) {
	last := ""
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.cluster.proxy.address+"/api/v1/events", nil)
		if err != nil {
			return
		}
		req.Header.Set("Authorization", "Bearer "+l.token)
		if last != "" {
			req.Header.Set("Last-Event-ID", last)
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			if res.StatusCode == http.StatusOK {
				l.mu.Lock()
				l.result.Interruptions++
				l.mu.Unlock()
				last = l.follow(res.Body, told, last)
			}
			_ = res.Body.Close()
		}
		_ = pause(ctx, 200*time.Millisecond)
	}
}

func (l *load) follow(stream io.Reader, told map[string]bool, last string) string {
	lines := bufio.NewScanner(stream)
	id := ""
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "id":
			id = value
		case "data":
			var event struct {
				ID, Kind, State string
			}
			if json.Unmarshal([]byte(value), &event) == nil && (event.State == "completed" || event.State == "failed") {
				l.mu.Lock()
				told[event.ID] = true
				l.mu.Unlock()
			}
			last = id
		}
	}
	return last
}
