package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rampforgeai/rampforge/bench/program"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	// asked is how long between two questions to the API while analyses run, and
	// between two changes.
	asked = 50 * time.Millisecond
	// quietFor is how long it is asked before anything runs.
	quietFor = 10 * time.Second
	// togetherDeadline bounds the analyses of one measurement with what follows them.
	togetherDeadline = 10 * time.Minute
)

// The parts of a measurement, in their order.
const (
	quiet     = iota // nothing runs
	analysing        // until both analyses have ended
	following        // until the last job that follows them has: passages, links, descriptions
	stages
)

var stageNames = [stages]string{"quiet", "while they are analysed", "while what follows is built"}

// question is what is asked of the API again and again.
type question struct {
	name         string
	method, path string
	body         func(n int) any
}

// latencies are what the questions of each stage took, over all rounds.
type latencies map[string]*[stages][]time.Duration

// together serves the product, lets it analyse two repositories at once, with
// nothing kept from before, and asks its API 20 times a second, and has it change
// something as often, until everything that follows an analysis is built too. Two
// programs take turns, so that the same other work disturbs both.
func (b *bench) together(repositories []*repository) error {
	if len(repositories) > 2 { // the largest are what disturbs most
		repositories = slices.Clone(repositories)
		slices.SortStableFunc(repositories, func(x, y *repository) int { return int(y.parsed - x.parsed) })
		repositories = repositories[:2]
	}
	programs := []string{b.rampforge}
	if b.beside != "" {
		programs = []string{b.beside, b.rampforge}
	}
	took := make([]latencies, len(programs))
	for round := range b.rounds {
		for i, p := range programs {
			if took[i] == nil {
				took[i] = latencies{}
			}
			fmt.Printf("round %d, %s, load %s\n", round+1, p, load())
			if err := b.togetherOnce(p, fmt.Sprintf("together-%d-%d", round, i), repositories, took[i]); err != nil {
				return err
			}
		}
	}
	for i, p := range programs {
		fmt.Printf("%s, all rounds:\n", p)
		took[i].show()
	}
	return nil
}

// load is what /proc/loadavg says, "" where there is none.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

func (b *bench) togetherOnce(path, name string, repositories []*repository, all latencies) error {
	dir := filepath.Join(b.dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	var roots []string
	for _, r := range repositories {
		roots = append(roots, r.dir)
	}
	server, err := program.Start(path, dir, "", "JOB_WORKERS=2", "ALLOW_LOCAL_REPOSITORIES=true", "LOCAL_REPOSITORY_ROOTS="+strings.Join(roots, ","))
	if err != nil {
		return err
	}
	defer server.Stop()
	db, err := database.Open(context.Background(), database.Options{URL: "sqlite:///" + filepath.Join(dir, "data", "rampforge.db"), MustExist: true})
	if err != nil {
		return err
	}
	defer db.Close()
	var ids []string
	for _, r := range repositories {
		made, err := server.Do(http.MethodPost, "/api/v1/repositories", map[string]any{"url": r.dir, "name": r.name})
		if err != nil {
			return err
		}
		id, _ := made["id"].(string)
		ids = append(ids, id)
	}
	project, err := server.Do(http.MethodPost, "/api/v1/projects", map[string]any{"name": "Bench"})
	if err != nil {
		return err
	}
	id, _ := project["id"].(string)
	reads := []question{
		{name: "GET /auth/me", method: http.MethodGet, path: "/api/v1/auth/me"},
		{name: "GET a repository", method: http.MethodGet, path: "/api/v1/repositories/" + ids[0]},
	}
	writes := []question{{name: "PUT a project", method: http.MethodPut, path: "/api/v1/projects/" + id, body: func(n int) any {
		return map[string]any{"description": fmt.Sprintf("Changed %d times.", n)}
	}}}

	watch := server.Watch()
	var stage atomic.Int64
	var failed error
	var begin time.Time
	var cpu [stages + 1]float64
	var walls [stages]float64
	var loads [stages]string
	ended := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		defer close(ended)
		steps := [stages]func() error{
			func() error { time.Sleep(quietFor); return nil },
			func() error { return analyzeAll(server, ids) },
			func() error { return settled(db, len(ids)) },
		}
		for i, step := range steps {
			stage.Store(int64(i))
			begin, cpu[i] = time.Now(), program.CPU(server.PID())
			if failed = step(); failed != nil {
				return
			}
			loads[i] = load()
			walls[i], cpu[i+1] = time.Since(begin).Seconds(), program.CPU(server.PID())
		}
	})
	took := latencies{}
	var errReads, errWrites error
	var mu sync.Mutex
	group.Go(func() { errReads = took.ask(server, reads, ended, &stage, &mu) })
	group.Go(func() { errWrites = took.ask(server, writes, ended, &stage, &mu) })
	group.Wait()
	peak := watch.Peak()
	if err := errors.Join(failed, errReads, errWrites); err != nil {
		return err
	}
	for i := range stages {
		fmt.Printf("  %-28s %6.1f s, %5.2f s of the server's own processor time, load %s\n", stageNames[i], walls[i], cpu[i+1]-cpu[i], loads[i])
	}
	fmt.Printf("  the server itself had %.0f MiB resident at most\n", peak)
	took.show()
	for name, times := range took {
		if all[name] == nil {
			all[name] = &[stages][]time.Duration{}
		}
		for i := range stages {
			all[name][i] = append(all[name][i], times[i]...)
		}
	}
	return nil
}

// show prints what each question took.
func (l latencies) show() {
	names := make([]string, 0, len(l))
	for name := range l {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		var calm float64
		for i := range stages {
			times := slices.Clone(l[name][i])
			slices.Sort(times)
			p99 := at(times, 99)
			if i == quiet {
				calm = p99
			}
			fmt.Printf("  %-17s %-28s p50 %6.1f ms, p99 %6.1f ms (%5.2f × quiet), most %7.1f ms (%d asked)\n", name, stageNames[i], at(times, 50), p99, p99/max(calm, 0.001), at(times, 100), len(times))
			if i != quiet {
				target("99 of 100 answers", "ms", p99, 50)
			}
		}
	}
}

// analyzeAll asks for an analysis of each and waits until all have ended.
func analyzeAll(server *program.Server, ids []string) error {
	for _, id := range ids {
		if _, err := server.Do(http.MethodPost, "/api/v1/repositories/"+id+"/analyze", map[string]any{}); err != nil {
			return err
		}
	}
	deadline := time.Now().Add(togetherDeadline)
	for _, id := range ids {
		for {
			known, err := server.Do(http.MethodGet, "/api/v1/repositories/"+id, nil)
			if err != nil {
				return err
			}
			status, _ := known["analysis_status"].(string)
			if status == "completed" {
				break
			}
			if status == "failed" || status == "cancelled" || time.Now().After(deadline) {
				return fmt.Errorf("the analysis is %s: %v", status, known["analysis_error"])
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
	return nil
}

// unsettled counts what of repositories is behind, and what is up to date.
const unsettled = `SELECT (SELECT count(*) FROM search_scopes WHERE repository_id IS NOT NULL AND (wanted > done OR status IN ('queued', 'running')))
	+ (SELECT count(*) FROM narrative_states WHERE wanted > done OR status IN ('queued', 'running')),
	(SELECT count(*) FROM search_scopes WHERE repository_id IS NOT NULL AND done > 0 AND status = 'current') + (SELECT count(*) FROM narrative_states WHERE done > 0 AND status = 'current'),
	(SELECT count(*) FROM search_scopes WHERE status = 'failed') + (SELECT count(*) FROM narrative_states WHERE status = 'failed')`

// settled waits until the passages and the descriptions of so many repositories
// are up to date. It looks into the database, where it disturbs the server less
// than a question would.
func settled(db *database.DB, repositories int) error {
	for deadline := time.Now().Add(togetherDeadline); ; time.Sleep(200 * time.Millisecond) {
		var behind, done, failed int
		if err := db.Read().QueryRow(unsettled).Scan(&behind, &done, &failed); err != nil {
			return err
		}
		switch {
		case failed > 0:
			return errors.New("a job that follows an analysis failed")
		case behind == 0 && done == 2*repositories:
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("%d of what follows the analyses is not built yet", behind)
		}
	}
}

// ask asks questions in turn until ended is closed, and notes how long each took in
// the stage in which it was due. It is asked when its time has come, whether or not
// the one before was answered late: the wait counts.
func (l latencies) ask(server *program.Server, questions []question, ended <-chan struct{}, stage *atomic.Int64, mu *sync.Mutex) error {
	begin := time.Now()
	for n := 0; ; n++ {
		due := begin.Add(time.Duration(n) * asked)
		select {
		case <-ended:
			return nil
		case <-time.After(time.Until(due)):
		}
		at := stage.Load()
		q := questions[n%len(questions)]
		var body any
		if q.body != nil {
			body = q.body(n)
		}
		if _, err := server.Do(q.method, q.path, body); err != nil {
			return err
		}
		took := time.Since(due)
		mu.Lock()
		if l[q.name] == nil {
			l[q.name] = &[stages][]time.Duration{}
		}
		l[q.name][at] = append(l[q.name][at], took)
		mu.Unlock()
	}
}

// at is a percentile in milliseconds.
func at(sorted []time.Duration, percent int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	i := (len(sorted)*percent+99)/100 - 1
	return sorted[max(i, 0)].Seconds() * 1000
}
