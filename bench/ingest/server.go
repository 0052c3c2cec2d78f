package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/rampforgeai/rampforge/bench/program"
)

// server is the real program under measurement.
type server struct{ *program.Server }

// syncs measures a full sync of each source, and one after some changes.
//
//nolint:gocognit,funlen // one measurement after the other
func syncs(o options, kind, url string, loops map[string]result) error {
	dir, err := os.MkdirTemp("", "ingest-server")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	started, err := program.Start(o.program, dir, url)
	if err != nil {
		return err
	}
	s := server{started}
	defer s.Stop()
	err = func() error {
		jira, err := s.addService(sourceJira, o.vendor+"/jira")
		if err != nil {
			return err
		}
		hub, err := s.addService(sourceGitHub, o.vendor+"/api/v3")
		if err != nil {
			return err
		}
		time.Sleep(2 * time.Second)
		full := map[string]result{}
		for _, source := range []struct{ name, id string }{{sourceJira, jira}, {sourceGitHub, hub}} {
			r, err := s.sync(o, source.id)
			if err != nil {
				return err
			}
			r.Database, r.What, r.Source = kind, "full", source.name
			want := map[string]int{sourceJira: o.items, sourceGitHub: o.pulls}[source.name]
			if r.Records != want {
				return fmt.Errorf("%s: %d records were synced, not %d", source.name, r.Records, want)
			}
			r.OfLoop = float64(r.Records) / r.Seconds / loops[source.name].PerSecond
			full[source.name] = report(r)
		}
		if err := o.change(); err != nil {
			return err
		}
		both := result{Database: kind, What: "incremental", Source: "both"}
		for _, source := range []struct{ name, id string }{{sourceJira, jira}, {sourceGitHub, hub}} {
			r, err := s.sync(o, source.id)
			if err != nil {
				return err
			}
			r.Database, r.What, r.Source = kind, "incremental", source.name
			r.OfFull = &shares{float64(r.Requests) / float64(full[source.name].Requests), r.Seconds / full[source.name].Seconds}
			report(r)
			both.Records, both.Requests, both.Seconds = both.Records+r.Records, both.Requests+r.Requests, both.Seconds+r.Seconds
			if least := min(o.changes, o.items); source.name == sourceJira && r.Records < least {
				return fmt.Errorf("%d records were synced after %d changes", r.Records, least)
			}
		}
		both.OfFull = &shares{
			float64(both.Requests) / float64(full[sourceJira].Requests+full[sourceGitHub].Requests),
			both.Seconds / (full[sourceJira].Seconds + full[sourceGitHub].Seconds),
		}
		report(both)
		return nil
	}()
	if err != nil {
		s.Stop()
		return fmt.Errorf("%w\n%s", err, s.Logs())
	}
	return nil
}

func (s server) addService(kind, endpoint string) (string, error) {
	made, err := s.Do("POST", "/api/v1/mcp/services", map[string]any{
		"service_type": kind, "name": kind, "endpoint": endpoint, "credentials": map[string]string{"token": token},
	})
	id, _ := made["id"].(string)
	return id, err
}

// sync syncs a service from its request to the moment that its end shows.
func (s server) sync(o options, service string) (result, error) {
	if _, err := o.requests(); err != nil {
		return result{}, err
	}
	watch := s.Watch()
	idle, spent := watch.Now(), program.CPU(s.PID())
	began := time.Now()
	run, err := s.Do("POST", "/api/v1/mcp/sync", map[string]any{"service_ids": []string{service}})
	for err == nil && run["status"] == "running" {
		time.Sleep(50 * time.Millisecond)
		run, err = s.Do("GET", fmt.Sprint("/api/v1/mcp/sync/", run["sync_id"]), nil)
	}
	r := result{Seconds: since(began), IdleMiB: idle, PeakMiB: watch.Peak(), CPU: program.CPU(s.PID()) - spent}
	if err != nil {
		return r, err
	}
	if run["status"] != "completed" {
		return r, fmt.Errorf("the sync ended as %v", run)
	}
	tasks, _ := run["sync_results"].([]any)
	if len(tasks) != 1 {
		return r, errors.New("a sync of one service has one result")
	}
	task, _ := tasks[0].(map[string]any)
	records, _ := task["records_synced"].(float64)
	r.Records = int(records)
	r.Requests, err = o.requests()
	return r, err
}
