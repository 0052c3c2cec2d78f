package main

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge/bench/program"
)

// asked is how long between two questions to the API while analyses run.
const asked = 50 * time.Millisecond

// togetherDeadline bounds the analyses of one measurement.
const togetherDeadline = 10 * time.Minute

// together serves the product, lets it analyse two repositories at once, with
// nothing kept from before, and asks its API meanwhile, 20 times a second.
func (b *bench) together(repositories []*repository) error {
	if len(repositories) > 2 { // the largest are what disturbs most
		repositories = slices.Clone(repositories)
		slices.SortStableFunc(repositories, func(x, y *repository) int { return int(y.parsed - x.parsed) })
		repositories = repositories[:2]
	}
	server, err := program.Start(b.rampforge, b.dir, "", "JOB_WORKERS=2", "ALLOW_LOCAL_REPOSITORIES=true", "LOCAL_REPOSITORY_ROOTS="+b.dir)
	if err != nil {
		return err
	}
	defer server.Stop()
	var ids []string
	for _, r := range repositories {
		made, err := server.Do(http.MethodPost, "/api/v1/repositories", map[string]any{"url": r.dir, "name": r.name})
		if err != nil {
			return err
		}
		id, _ := made["id"].(string)
		ids = append(ids, id)
	}
	fmt.Printf("%d analyses at once in a server:\n", len(ids))
	quiet, err := ask(server, ids[0], nil, 3*time.Second)
	if err != nil {
		return err
	}
	watch := server.Watch()
	idle, cpu, begin := watch.Now(), program.CPU(server.PID()), time.Now()
	ended := make(chan struct{})
	var failed error
	var group sync.WaitGroup
	group.Go(func() {
		defer close(ended)
		failed = analyzeAll(server, ids)
	})
	busy, err := ask(server, ids[0], ended, togetherDeadline)
	group.Wait()
	wall, used, peak := time.Since(begin).Seconds(), program.CPU(server.PID())-cpu, watch.Peak()
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	show("both, from the request to the end", cost{wall: wall, cpu: used, memory: peak})
	fmt.Printf("    resident before %.0f MiB; %.2f cores used by the server itself, analyses and git apart\n", idle, used/wall)
	fmt.Printf("  GET /auth/me and a repository, 20 a second        p50 %6.1f ms, p99 %6.1f ms, most %6.1f ms (%d asked)\n", at(quiet, 50), at(quiet, 99), at(quiet, 100), len(quiet))
	fmt.Printf("  the same while they run                           p50 %6.1f ms, p99 %6.1f ms, most %6.1f ms (%d asked)\n", at(busy, 50), at(busy, 99), at(busy, 100), len(busy))
	target("99 of 100 answers", "ms", at(busy, 99), 50)
	return nil
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

// ask asks two light questions in turn until ended is closed or the time is
// over, and returns how long each took, shortest first. A question is asked when its
// time has come, whether or not the one before was answered late: the wait counts.
func ask(server *program.Server, id string, ended <-chan struct{}, most time.Duration) ([]time.Duration, error) {
	var took []time.Duration
	paths := []string{"/api/v1/auth/me", "/api/v1/repositories/" + id}
	begin := time.Now()
	for n := 0; ; n++ {
		due := begin.Add(time.Duration(n) * asked)
		select {
		case <-ended:
			slices.Sort(took)
			return took, nil
		case <-time.After(time.Until(due)):
		}
		if time.Since(begin) > most {
			slices.Sort(took)
			return took, nil
		}
		if _, err := server.Do(http.MethodGet, paths[n%len(paths)], nil); err != nil {
			return nil, err
		}
		took = append(took, time.Since(due))
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
