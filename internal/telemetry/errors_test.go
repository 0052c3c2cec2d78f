package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/telemetry"
	"github.com/rampforgeai/rampforge/internal/telemetry/telemetrytest"
)

// told logs what say says and returns what a Sentry took of it.
func told(t *testing.T, say func(ctx context.Context, logger *slog.Logger)) []telemetrytest.Event {
	t.Helper()
	sentry := telemetrytest.NewSentry(t)
	errs, err := telemetry.NewErrors(telemetry.ErrorOptions{DSN: sentry.DSN, Environment: "staging", Release: "1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	ctx := telemetry.With(t.Context(), slog.String("request_id", "req-1"), slog.String("user_id", "usr_planted"))
	say(ctx, errs.Logger(slog.New(slog.DiscardHandler)))
	end, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
	defer cancel()
	errs.Close(end)
	return sentry.Events()
}

func TestErrorsAreTold(t *testing.T) {
	t.Parallel()
	events := told(t, func(ctx context.Context, logger *slog.Logger) {
		logger.WarnContext(ctx, "a warning")
		logger.InfoContext(ctx, "a fact", slog.Any("error", errors.New("of no weight")))
		logger.ErrorContext(ctx, "request failed", slog.String("code", "INTERNAL_ERROR"), slog.String("route", "/api/v1/projects/{id}"), slog.Int("status", 500),
			slog.Any("error", fmt.Errorf("reading a row: %w", fs.ErrClosed)))
	})
	if len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
	e := events[0]
	if e.Level != "error" || e.Release != "rampforge@1.2.3" || e.Environment != "staging" || len(e.Exception) != 1 {
		t.Fatalf("%+v", e)
	}
	for name, want := range map[string]string{"request_id": "req-1", "code": "INTERNAL_ERROR", "route": "/api/v1/projects/{id}", "status": "500"} {
		if e.Tags[name] != want {
			t.Errorf("%s is %q, want %q", name, e.Tags[name], want)
		}
	}
	x := e.Exception[0]
	if x.Type != "request failed" || x.Value != "reading a row: file already closed" {
		t.Errorf("%+v", x)
	}
	last := x.Stacktrace.Frames[len(x.Stacktrace.Frames)-1]
	if !strings.Contains(last.Function, "TestErrorsAreTold") || !last.InApp {
		t.Errorf("the stack ends in %+v", last)
	}
}

func panics() { panic(fmt.Sprintf("index %d out of range", time.Now().Year())) }

func TestPanicsAreToldByWhereTheyWere(t *testing.T) {
	t.Parallel()
	events := told(t, func(ctx context.Context, logger *slog.Logger) {
		defer func() { logger.ErrorContext(ctx, "panic while serving", slog.Any("panic", recover())) }()
		panics()
	})
	if len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
	if culprit := events[0].Fingerprint[len(events[0].Fingerprint)-1]; !strings.HasSuffix(culprit, ".panics") {
		t.Errorf("the culprit is %q", culprit)
	}
}

// TestErrorsOfOneKindAreOneGroup although ids and numbers differ in them; those of
// other kinds are others.
func TestErrorsOfOneKindAreOneGroup(t *testing.T) {
	t.Parallel()
	say := func(message string, cause error) string {
		events := told(t, func(ctx context.Context, logger *slog.Logger) {
			logger.ErrorContext(ctx, message, slog.Any("error", cause))
		})
		if len(events) != 1 {
			t.Fatalf("%d events", len(events))
		}
		return strings.Join(events[0].Fingerprint, "|")
	}
	one := say("a sync failed", errors.New(`the run srv_01h455vb4pex5vsknk084sn02q has 12 rows of "this"`))
	if other := say("a sync failed", errors.New(`the run srv_01h455vb4pex5vsknk084sn99q has 7 rows of "that"`)); one != other {
		t.Errorf("%s and %s are two groups", one, other)
	}
	for _, other := range []string{say("a remap failed", errors.New(`the run srv_01h455vb4pex5vsknk084sn02q has 12 rows of "this"`)), say("a sync failed", errors.New("there is no room"))} {
		if one == other {
			t.Errorf("%s is a group of its own", other)
		}
	}
}

// TestNothingPrivateIsTold: what is planted is in no byte that leaves.
func TestNothingPrivateIsTold(t *testing.T) {
	t.Parallel()
	planted := []string{"p1antedp1antedp1anted", "ada.planted@example.com", "planted line of code", "planted=query", "planted header", "usr_planted", "планированный"}
	events := told(t, func(ctx context.Context, logger *slog.Logger) {
		for i, cause := range []string{
			"used rf_p1antedp1antedp1anted", "Bearer p1antedp1antedp1anted", "fetch https://u:p1antedp1antedp1anted@host/x failed",
			"duplicate of ada.planted@example.com", `parsing "planted line of code": bad`, "parsing `planted line of code`", "near 'planted line of code'", "near “планированный”",
			"GET https://host.example.com/x?planted=query: refused",
		} {
			logger.ErrorContext(ctx, fmt.Sprint("fault ", i), slog.Any("error", errors.New(cause)), slog.String("header", "planted header"),
				slog.String("body", "planted line of code"), slog.String("email", "ada.planted@example.com"), slog.String("stack", "planted line of code"))
		}
	})
	if len(events) != 9 {
		t.Fatalf("%d events", len(events))
	}
	for _, e := range events {
		for _, p := range planted {
			if strings.Contains(e.Raw, p) {
				t.Errorf("%q is told in %s", p, e.Raw)
			}
		}
	}
}

// TestAFloodIsBounded: a database that is away makes an error of each request.
func TestAFloodIsBounded(t *testing.T) {
	t.Parallel()
	events := told(t, func(ctx context.Context, logger *slog.Logger) {
		for i := range 1000 {
			logger.ErrorContext(ctx, "request failed", slog.Any("error", fmt.Errorf("connection %d was refused", i)))
		}
	})
	if len(events) == 0 || len(events) > 10 { // five a minute, and the minute may change
		t.Errorf("%d events", len(events))
	}
}

func TestABadDSNIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"https://planted@", "planted", "https://planted@host/"} {
		if err := telemetry.CheckErrors(dsn); err == nil || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: %v", dsn, err)
		}
		if _, err := telemetry.NewErrors(telemetry.ErrorOptions{DSN: dsn}); err == nil || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: %v", dsn, err)
		}
	}
	errs, err := telemetry.NewErrors(telemetry.ErrorOptions{})
	if errs != nil || err != nil {
		t.Errorf("without one: %v, %v", errs, err)
	}
	logger := slog.New(slog.DiscardHandler)
	if errs.Logger(logger) != logger {
		t.Error("a logger is wrapped for nobody")
	}
	errs.Close(t.Context())
}
