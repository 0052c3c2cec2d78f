package httpclient

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
)

// VendorOptions say how a service is spoken to. Zero values are the defaults.
type VendorOptions struct {
	Key           string                 // the service's id: what is shared of its limits is under it
	Vendor        rampforge.ServiceType  // whose headers and limits to expect; "" knows those that all have in common
	Rates         rampforge.ServiceRates // the configured ones; 0 is no limit of ours
	Timeout       time.Duration          // of one attempt with its body; 30 s, negative for none
	RetryAttempts int                    // after the first attempt
	MaxBytes      int64                  // of one answer's body; 32 MiB
	MaxWait       time.Duration          // for the request's turn under a rate limit; 60 s
	MaxRemembered int64                  // bytes of answers that are remembered for conditional requests; 16 MiB, negative for none
	Credentials   []string               // names of headers that hold credentials, besides Authorization, Private-Token and cookies
	Shared        Shared                 // nil is this client alone
	Logger        *slog.Logger           // nil is none
	Now           func() time.Time       // nil is time.Now
	// Observe is told of every attempt: the class is 2xx and the like,
	// timeout, cancelled or error. It may be nil.
	Observe func(vendor rampforge.ServiceType, class string, took time.Duration)
	Metrics *VendorMetrics // nil is none

	sleep func(ctx context.Context, d time.Duration) error // tests do not wait
}

// VendorClient returns a client for one service. Keep one for a service's
// life: it holds the connections, the circuit and what is remembered. A
// request passes, from the outside in:
//
//  1. stripped: no credentials for another host;
//  2. conditional: asks whether a remembered answer still holds. It is outside
//     of all that repeats, and so sees one answer for one request;
//  3. retry: sends what is safe again. Each attempt waits for its own turn;
//  4. limiter: waits for the turn, and reads the vendor's headers;
//  5. breaker: refuses while the service does not work. The limiter asks it
//     before it waits, and a wait never holds the one request that may try;
//  6. attempt: the time-out, and short answers are read as a whole, so that
//     all above see an answer that broke off as an error;
//  7. guarded: the address of every hop, and the length of the answer.
//
// An error is a *rampforge.Error, or what ended the context; *RateLimitedError
// says until when. http.Client puts the request's URL round it: show
// rampforge.ErrorMessage, not Error.
func (g *Guard) VendorClient(o VendorOptions) *http.Client {
	o = o.withDefaults()
	observe := func(class string, took time.Duration) {
		o.Metrics.attempted(o.Vendor, class, took)
		if o.Observe != nil {
			o.Observe(o.Vendor, class, took)
		}
	}
	transport := g.transport()
	sent := &attempt{next: &guarded{guard: g, next: transport, maxBytes: o.MaxBytes}, timeout: o.Timeout, now: o.Now, observe: observe, vendor: o.Vendor}
	who := string(o.Vendor)
	if who == "" {
		who = "The service"
	}
	circuit := newBreaker(sent, who, o.Key, o.Logger)
	turn := &limiter{
		next: circuit, ready: circuit.ready, shared: o.Shared, key: o.Key, vendor: o.Vendor, rates: o.Rates, maxWait: o.MaxWait,
		logger: o.Logger, now: o.Now, sleep: o.sleep, metrics: o.Metrics,
	}
	var stack http.RoundTripper = &retry{next: turn, attempts: o.RetryAttempts, logger: o.Logger, service: o.Key, sleep: o.sleep}
	if o.MaxRemembered > 0 {
		stack = newConditional(stack, o.Credentials, o.MaxRemembered)
	}
	return &http.Client{
		Transport:     &stripped{next: stack, names: o.Credentials, closeIdle: transport.CloseIdleConnections},
		CheckRedirect: checkVendorHop,
	}
}

func (o VendorOptions) withDefaults() VendorOptions {
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 32 << 20
	}
	if o.MaxWait == 0 {
		o.MaxWait = maxWait
	}
	if o.MaxRemembered == 0 {
		o.MaxRemembered = maxRemembered
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Shared == nil {
		o.Shared = NewLocal(o.Now)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.sleep == nil {
		o.sleep = sleep
	}
	o.Credentials = slices.Clone(o.Credentials)
	for i, name := range o.Credentials {
		o.Credentials[i] = http.CanonicalHeaderKey(name)
	}
	return o
}
