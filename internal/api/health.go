package api

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"
)

func (a *API) registerHealth() {
	handle(a, route{id: "health", method: http.MethodGet, path: "/api/health", tag: tagHealth, policy: public,
		summary: "Whether the service works", errors: []int{http.StatusServiceUnavailable}}, a.health)
	handle(a, route{id: "health-live", method: http.MethodGet, path: "/api/health/live", tag: tagHealth, policy: public,
		summary: "Whether the process lives"}, a.live)
	handle(a, route{id: "health-ready", method: http.MethodGet, path: "/api/health/ready", tag: tagHealth, policy: public,
		summary:     "Whether to send requests here",
		description: "503 as soon as shutdown begins, and while the database or the queue does not work.",
		errors:      []int{http.StatusServiceUnavailable}}, a.ready)
	handle(a, route{id: "status", method: http.MethodGet, path: "/api/v1/status", tag: tagHealth, policy: public,
		summary: "Version, parts and where to find the documentation"}, a.status)
}

// The words of the health answers.
const (
	healthy     = "healthy"
	unhealthy   = "unhealthy"
	operational = "operational"
	degraded    = "degraded"
)

// checkTimeout bounds each check, so that the answer comes before a load
// balancer gives up.
const checkTimeout = 2 * time.Second

// partHealth is how one part of the service is.
type partHealth struct {
	Status    string  `json:"status" enum:"healthy,unhealthy"`
	LatencyMS float64 `json:"latency_ms" doc:"How long the check took"`
}

type healthAnswer struct {
	Status int
	Body   struct {
		Status    string    `json:"status" enum:"healthy,unhealthy"`
		Timestamp time.Time `json:"timestamp"`
		Version   string    `json:"version"`
		Service   string    `json:"service"`
	}
}

func (a *API) health(ctx context.Context, _ *nothing) (*healthAnswer, error) {
	out := &healthAnswer{Status: http.StatusOK}
	out.Body.Status, out.Body.Timestamp = healthy, a.options.Now().UTC()
	out.Body.Version, out.Body.Service = a.options.Version, a.options.Title
	if a.check(ctx, "database").Status != healthy {
		out.Status, out.Body.Status = http.StatusServiceUnavailable, unhealthy
	}
	return out, nil
}

type liveAnswer struct {
	Body struct {
		Status    string    `json:"status" enum:"healthy"`
		Timestamp time.Time `json:"timestamp"`
	}
}

func (a *API) live(context.Context, *nothing) (*liveAnswer, error) {
	out := &liveAnswer{}
	out.Body.Status, out.Body.Timestamp = healthy, a.options.Now().UTC()
	return out, nil
}

type readyAnswer struct {
	Status int
	Body   struct {
		Status    string                `json:"status" enum:"ready,not_ready"`
		Timestamp time.Time             `json:"timestamp"`
		Checks    map[string]partHealth `json:"checks"`
	}
}

// needed are the parts without which no request can be served. Without the
// others the service does less, and all replicas would do so alike: taking
// one out of the balancer would help nobody.
var needed = []string{"database", "queue"}

func (a *API) ready(ctx context.Context, _ *nothing) (*readyAnswer, error) {
	out := &readyAnswer{Status: http.StatusOK}
	out.Body.Status, out.Body.Timestamp, out.Body.Checks = "ready", a.options.Now().UTC(), a.checkAll(ctx)
	fit := a.options.Ready == nil || a.options.Ready()
	for _, name := range needed {
		part, ok := out.Body.Checks[name]
		fit = fit && (!ok || part.Status == healthy)
	}
	if !fit {
		out.Status, out.Body.Status = http.StatusServiceUnavailable, "not_ready"
	}
	return out, nil
}

type statusAnswer struct {
	Body struct {
		APIVersion string                `json:"api_version"`
		Status     string                `json:"status" enum:"operational,degraded"`
		Timestamp  time.Time             `json:"timestamp"`
		Version    string                `json:"version"`
		Endpoints  endpoints             `json:"endpoints"`
		Components map[string]partHealth `json:"components"`
	}
}

type endpoints struct {
	Health string `json:"health"`
	Docs   string `json:"docs"`
	Redoc  string `json:"redoc"`
}

func (a *API) status(ctx context.Context, _ *nothing) (*statusAnswer, error) {
	out := &statusAnswer{}
	out.Body.APIVersion, out.Body.Status, out.Body.Version = "v1", operational, a.options.Version
	out.Body.Timestamp = a.options.Now().UTC()
	out.Body.Endpoints = endpoints{Health: "/api/health", Docs: "/api/docs", Redoc: "/api/redoc"}
	out.Body.Components = a.checkAll(ctx)
	for _, part := range out.Body.Components {
		if part.Status != healthy {
			out.Body.Status = degraded
		}
	}
	return out, nil
}

func (a *API) checkAll(ctx context.Context) map[string]partHealth {
	var mu sync.Mutex
	var group sync.WaitGroup
	parts := make(map[string]partHealth, len(a.options.Checks))
	for name := range a.options.Checks {
		group.Go(func() {
			part := a.check(ctx, name)
			mu.Lock()
			parts[name] = part
			mu.Unlock()
		})
	}
	group.Wait()
	return parts
}

// check runs one check. A part that nobody checks is healthy.
func (a *API) check(ctx context.Context, name string) partHealth {
	check, ok := a.options.Checks[name]
	if !ok {
		return partHealth{Status: healthy}
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	start := time.Now()
	err := check(ctx)
	part := partHealth{Status: healthy, LatencyMS: float64(time.Since(start).Microseconds()) / 1000}
	if err != nil {
		part.Status = unhealthy
		level := slog.LevelWarn
		if slices.Contains(needed, name) {
			level = slog.LevelError
		}
		a.options.Logger.LogAttrs(ctx, level, "a part does not work", slog.String("part", name), slog.Any("error", err))
	}
	return part
}
