package cli

import (
	"context"
	"errors"
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
func servicesFor(c *config.Config, records *store.Store, shared httpclient.Shared, logger *slog.Logger) (*ingest.Services, error) {
	key, err := secretKey(c)
	if err != nil {
		return nil, err
	}
	sealer, err := secret.NewSealer(key, c.PreviousKeys...)
	if err != nil {
		return nil, err
	}
	guard, err := guardFor(c)
	if err != nil {
		return nil, err
	}
	return &ingest.Services{
		Store: records, Sealer: sealer, Logger: logger, Interval: c.CheckInterval, Now: time.Now,
		Connectors: &connectors{guard: guard, shared: shared, logger: logger, open: builtin.Connectors(), clients: map[string]*vendorClient{}},
	}, nil
}

func guardFor(c *config.Config) (*httpclient.Guard, error) {
	return httpclient.NewGuard(httpclient.Options{Allow: c.AllowedNetworks, AllowHTTP: c.AllowInsecureHTTP})
}

// connectors opens the connectors of services. It keeps a client for each, as
// that holds the connections and what is known of the vendor's limits.
type connectors struct {
	guard  *httpclient.Guard
	shared httpclient.Shared
	logger *slog.Logger
	open   map[rampforge.ServiceType]connector.Open

	mu      sync.Mutex
	clients map[string]*vendorClient // by the service's id
}

// vendorClient is the client of a service as it was at a time.
type vendorClient struct {
	http    *http.Client
	updated time.Time // when the service was last changed
	used    time.Time
}

// keepClient is how long a client is kept that nobody uses.
const keepClient = time.Hour

// Open implements ingest.Connectors.
func (c *connectors) Open(_ context.Context, service rampforge.Service, credentials map[string]string) (connector.Connector, error) {
	open, known := c.open[service.Type]
	if !known {
		return nil, connector.Errorf(connector.ReasonUnsupported, "This version cannot speak to services of this type yet.", "Install a newer version of rampforge.", nil)
	}
	return open(connector.Options{Service: service, Credentials: maps.Clone(credentials), Client: c.client(service), Now: time.Now})
}

// client returns the service's client, a new one after each change.
func (c *connectors) client(service rampforge.Service) *http.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	for id, kept := range c.clients {
		if now.Sub(kept.used) > keepClient || id == service.ID && !kept.updated.Equal(service.UpdatedAt) {
			kept.http.CloseIdleConnections()
			delete(c.clients, id)
		}
	}
	kept := c.clients[service.ID]
	if kept == nil {
		kept = &vendorClient{updated: service.UpdatedAt, http: c.guard.VendorClient(httpclient.VendorOptions{
			Key: service.ID, Vendor: service.Type, Rates: service.Rates, Timeout: time.Duration(service.Timeout) * time.Second,
			RetryAttempts: service.RetryAttempts, Shared: c.shared, Logger: c.logger,
		})}
		c.clients[service.ID] = kept
	}
	kept.used = now
	return kept.http
}

// endpoints checks where services are for the API.
type endpoints struct{ guard *httpclient.Guard }

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
