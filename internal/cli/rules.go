package cli

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/redis/rueidis"

	"github.com/rampforgeai/rampforge/internal/config"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/httpclient"
	"github.com/rampforgeai/rampforge/internal/telemetry"
)

// rules let the parts that use a variable judge its value while the
// configuration is read: config knows none of them.
func rules() []config.Rule {
	return []config.Rule{
		{Variable: "DATABASE_URL", Check: databaseRule},
		{Variable: "REDIS_URL", Check: redisRule},
		{Variable: "OUTBOUND_ALLOW", Check: func(c *config.Config) error {
			_, err := httpclient.NewGuard(httpclient.Options{Allow: c.AllowedNetworks})
			return err
		}},
		{Variable: "OTEL_EXPORTER_OTLP_ENDPOINT", Check: func(c *config.Config) error {
			return telemetry.CheckTraces(telemetry.TraceOptions{Endpoint: c.TracesEndpoint})
		}},
		{Variable: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", Check: func(c *config.Config) error {
			return telemetry.CheckTraces(telemetry.TraceOptions{TracesEndpoint: c.TracesAt})
		}},
		{Variable: "OTEL_EXPORTER_OTLP_HEADERS", Check: func(c *config.Config) error {
			return telemetry.CheckTraces(telemetry.TraceOptions{Headers: c.TracesHeaders})
		}},
		{Variable: "OTEL_RESOURCE_ATTRIBUTES", Check: func(c *config.Config) error {
			return telemetry.CheckTraces(telemetry.TraceOptions{Attributes: c.TracesAttributes})
		}},
		{Variable: "OTEL_TRACES_SAMPLER", Check: func(c *config.Config) error {
			return telemetry.CheckTraces(telemetry.TraceOptions{Sampler: c.TracesSampler, SamplerArg: c.TracesSamplerArg})
		}},
		{Variable: "SENTRY_DSN", Check: func(c *config.Config) error { return telemetry.CheckErrors(c.SentryDSN) }},
		{Variable: "MCP_PROGRAMS_FILE", Check: func(c *config.Config) error {
			_, err := programsOf(c)
			return err
		}},
	}
}

// programsOf reads which MCP servers may be started as programs.
func programsOf(c *config.Config) (mcpclient.Programs, error) {
	if c.MCPPrograms == "" {
		return nil, nil
	}
	return mcpclient.LoadPrograms(c.MCPPrograms)
}

// redisRule finds what config does not look at: the parameters. The client's
// own error would repeat a part of the address, which may hold a password.
func redisRule(c *config.Config) error {
	if c.RedisURL == "" {
		return nil
	}
	if _, err := rueidis.ParseURL(c.RedisURL); err != nil {
		return errors.New("has a parameter behind the ? that cannot be read: db is a whole number, dial_timeout and write_timeout are durations such as 5s")
	}
	return nil
}

func databaseRule(c *config.Config) error {
	engine, dsn, err := database.ParseURL(c.DatabaseURL)
	if err != nil {
		// The list of faults has the name already.
		return errors.New(strings.TrimPrefix(sentence(err), "DATABASE_URL cannot be used: "))
	}
	if engine != database.Postgres {
		return nil
	}
	if u, err := url.Parse(dsn); err == nil && u.Port() != "" {
		if port, err := strconv.ParseUint(u.Port(), 10, 16); err != nil || port == 0 {
			return errors.New("its port is no number between 1 and 65535: write it as in postgresql://user@host:5432/name")
		}
	}
	return nil
}
