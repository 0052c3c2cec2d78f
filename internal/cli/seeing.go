package cli

import (
	"context"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/rampforgeai/rampforge/internal/telemetry"
)

// see builds what shows from outside what happens: metrics, traces, errors. It
// comes first, so that everything else can use it.
func (s *server) see(ctx context.Context) error {
	c := s.config
	s.registry = telemetry.NewRegistry(c.Version)
	var err error
	if s.errors, err = telemetry.NewErrors(telemetry.ErrorOptions{DSN: c.SentryDSN, Environment: c.SentryEnvironment, Release: c.Version}); err != nil {
		return err
	}
	s.logger = s.errors.Logger(s.logger)
	if c.TracesOff {
		return nil
	}
	s.traces, err = telemetry.NewTraces(ctx, telemetry.TraceOptions{
		Endpoint: c.TracesEndpoint, TracesEndpoint: c.TracesAt, Protocol: c.TracesProtocol, Headers: c.TracesHeaders, Service: c.TracesService, Attributes: c.TracesAttributes,
		Sampler: c.TracesSampler, SamplerArg: c.TracesSamplerArg, Version: c.Version, Logger: s.logger,
	})
	return err
}

// tracing gives tracers, nil where there are no traces.
func (s *server) tracing() trace.TracerProvider {
	if s.traces == nil {
		return nil
	}
	return s.traces.Provider()
}

// lastWords bounds how long the end waits for who is told of traces and errors.
const lastWords = 5 * time.Second

// tell sends what was not sent of traces and errors, within ctx. It is done once.
func (s *server) tell(ctx context.Context) {
	if s.told {
		return
	}
	s.told = true
	ctx, cancel := context.WithTimeout(ctx, lastWords)
	defer cancel()
	if err := s.traces.Shutdown(ctx); err != nil {
		s.logger.WarnContext(ctx, "the last spans were not sent", slog.Any("error", err))
	}
	s.errors.Close(ctx)
}
