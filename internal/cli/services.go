package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/config"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/builtin"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
	"github.com/rampforgeai/rampforge/internal/httpclient"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/secret"
	"github.com/rampforgeai/rampforge/internal/store"
)

// secretKey returns the key that the others are derived from: the configured
// one, or the one that is kept in the data folder.
func secretKey(c *config.Config) (string, error) {
	if c.SecretKey != "" {
		return c.SecretKey, nil
	}
	return secret.LoadOrCreate(c.DataDir)
}

// servicesFor builds what knows the services' credentials and asks them.
func servicesFor(c *config.Config, records *store.Store, shared httpclient.Shared, metrics *httpclient.VendorMetrics, logger *slog.Logger) (*ingest.Services, *connectors, error) {
	key, err := secretKey(c)
	if err != nil {
		return nil, nil, err
	}
	sealer, err := secret.NewSealer(key, c.PreviousKeys...)
	if err != nil {
		return nil, nil, err
	}
	guard, err := guardFor(c)
	if err != nil {
		return nil, nil, err
	}
	programs, err := programsOf(c)
	if err != nil {
		return nil, nil, fmt.Errorf("MCP_PROGRAMS_FILE: %w", err)
	}
	opened := &connectors{
		guard: guard, shared: shared, logger: logger, open: builtin.Connectors(), mcp: builtin.MCP(), programs: programs, review: records.ReviewTools,
		clients: map[string]*vendorClient{}, metrics: metrics,
	}
	return &ingest.Services{Store: records, Sealer: sealer, Logger: logger, Interval: c.CheckInterval, Now: time.Now, Connectors: opened}, opened, nil
}

func guardFor(c *config.Config) (*httpclient.Guard, error) {
	return httpclient.NewGuard(httpclient.Options{Allow: c.AllowedNetworks, AllowHTTP: c.AllowInsecureHTTP})
}

// connectors opens the connectors of services. It keeps a client for each, as
// that holds the connections and what is known of the vendor's limits.
type connectors struct {
	guard   *httpclient.Guard
	shared  httpclient.Shared
	metrics *httpclient.VendorMetrics // nil for a command
	logger  *slog.Logger
	open    map[rampforge.ServiceType]connector.Open
	mcp     map[rampforge.ServiceType]mcpclient.Vendor
	// programs are the MCP servers that may be started on this machine.
	programs mcpclient.Programs
	review   func(ctx context.Context, service rampforge.Service, tools []rampforge.ServiceTool, now time.Time) (map[string]bool, error)

	mu      sync.Mutex
	clients map[string]*vendorClient // by the service's id
}

// vendorClient is the client of a service as it was at a time.
type vendorClient struct {
	http    *http.Client
	session *mcpclient.Session // nil until the service is asked by MCP
	updated time.Time          // when the service was last changed
	used    time.Time
	memory  connector.Memory
}

// retire ends the client's connections when nobody uses them any more.
func (c *vendorClient) retire() {
	c.http.CloseIdleConnections()
	if c.session != nil {
		c.session.Retire()
	}
}

// keepClient is how long a client is kept that nobody uses.
const keepClient = time.Hour

// Open implements ingest.Connectors.
func (c *connectors) Open(_ context.Context, service rampforge.Service, credentials map[string]string) (connector.Connector, error) {
	open, known := c.open[service.Type]
	if !known {
		return nil, connector.Errorf(connector.ReasonUnsupported, "This version cannot speak to services of this type yet.", "Install a newer version of rampforge.", nil)
	}
	o := connector.Options{Service: service, Credentials: maps.Clone(credentials), Now: time.Now}
	if service.Transport != rampforge.TransportMCP {
		c.mu.Lock()
		kept := c.client(service)
		c.mu.Unlock()
		o.Client, o.Memory = kept.http, &kept.memory
		return open(o)
	}
	vendor, known := c.mcp[service.Type]
	if !known {
		return nil, connector.Errorf(connector.ReasonUnsupported, "This version cannot speak to MCP servers for services of this type yet.", "Use the transport rest.", nil)
	}
	session := c.session(service, o.Credentials, vendor)
	opened, err := vendor.Open(o, session)
	if err != nil {
		session.Release()
		return nil, err
	}
	return session.Wrap(opened), nil
}

// session returns the service's connection to its MCP server, a new one after
// each change. It is held for the caller, before anybody can retire it, and kept between uses, as starting a program takes long.
func (c *connectors) session(service rampforge.Service, credentials map[string]string, vendor mcpclient.Vendor) *mcpclient.Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := c.client(service)
	if kept.session == nil {
		kept.session = mcpclient.New(mcpclient.Options{
			Service: service, Credentials: credentials, Header: vendor.Headers(credentials), Client: kept.http, Programs: c.programs, Profile: vendor.Profile,
			Version: version, Logger: c.logger, Review: func(ctx context.Context, tools []mcpclient.Tool) (map[string]bool, error) {
				approved, err := c.review(ctx, service, stored(tools), time.Now().UTC())
				if errors.Is(err, store.ErrServerChanged) {
					err = connector.Errorf(ingest.ReasonConfiguration, "The service's endpoint was changed while the server at the old one was asked.", "Ask again: the server at the new one answers then.", err)
				}
				return approved, err
			},
		})
	}
	kept.session.Hold()
	return kept.session
}

// stored are tools as the store keeps them.
func stored(tools []mcpclient.Tool) []rampforge.ServiceTool {
	all := make([]rampforge.ServiceTool, len(tools))
	for i, t := range tools {
		all[i] = rampforge.ServiceTool{Name: t.Name, Title: t.Title, Description: t.Description, Kind: string(t.Kind), InUse: t.Used, Hash: t.Hash, Definition: t.Definition}
	}
	return all
}

// Close ends all connections, and the programs behind them.
func (c *connectors) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all sync.WaitGroup
	for id, kept := range c.clients {
		all.Go(func() {
			kept.http.CloseIdleConnections()
			if kept.session != nil {
				kept.session.Close()
			}
		})
		delete(c.clients, id)
	}
	all.Wait()
}

// client returns the service's client, a new one after each change. c.mu is held.
func (c *connectors) client(service rampforge.Service) *vendorClient {
	now := time.Now()
	for id, kept := range c.clients {
		if now.Sub(kept.used) > keepClient || id == service.ID && !kept.updated.Equal(service.UpdatedAt) {
			go kept.retire() // a program may take seconds to end
			delete(c.clients, id)
			c.metrics.Forget(id)
		}
	}
	kept := c.clients[service.ID]
	if kept == nil {
		kept = &vendorClient{updated: service.UpdatedAt, http: c.guard.VendorClient(httpclient.VendorOptions{
			Key: service.ID, Vendor: service.Type, Rates: service.Rates, Timeout: time.Duration(service.Timeout) * time.Second,
			RetryAttempts: service.RetryAttempts, Shared: c.shared, Logger: c.logger, Metrics: c.metrics,
		})}
		c.clients[service.ID] = kept
	}
	kept.used = now
	return kept
}

// endpoints checks where services are for the API.
type endpoints struct {
	guard    *httpclient.Guard
	programs mcpclient.Programs
}

// CheckProgram implements api.Endpoints.
func (e endpoints) CheckProgram(kind rampforge.ServiceType, address string) (string, error) {
	name, _ := mcpclient.Program(address)
	spec, known := e.programs[name]
	switch {
	case len(e.programs) == 0:
		return "", rampforge.Errorf(rampforge.CodeInvalid, "Programs on the server's own machine are switched off: whoever runs it can list some in MCP_PROGRAMS_FILE.")
	case !known:
		return "", rampforge.Errorf(rampforge.CodeInvalid, "No program of that name is listed in MCP_PROGRAMS_FILE.")
	case spec.ServiceType != kind:
		return "", rampforge.Errorf(rampforge.CodeInvalid, "That program is for services of the type %s.", spec.ServiceType)
	}
	return "stdio:" + name, nil
}

// lookupTimeout bounds how long somebody waits for the name service when they
// add a service.
const lookupTimeout = 3 * time.Second

// CheckEndpoint implements api.Endpoints. A host that cannot be found is no
// reason to refuse it: it may be there tomorrow, and is checked again whenever
// somebody connects to it.
func (e endpoints) CheckEndpoint(ctx context.Context, address string) (string, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "", rampforge.Errorf(rampforge.CodeInvalid, "The address cannot be read: write https://host/path.")
	case u.RawQuery != "" || u.ForceQuery:
		return "", rampforge.Errorf(rampforge.CodeInvalid, "The address has a part behind a question mark: leave it out, and give credentials by themselves.")
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	target, err := e.guard.Check(ctx, address)
	if e, ok := errors.AsType[*rampforge.Error](err); ok && e.Code == rampforge.CodeExternal {
		u.User, u.Fragment, u.RawFragment, u.Host = nil, "", "", strings.ToLower(u.Host)
		target.URL, err = u.String(), nil
	}
	return strings.TrimRight(target.URL, "/"), err
}
