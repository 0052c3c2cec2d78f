package ingest

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/store"
)

const (
	// CheckTimeout is the longest time for one question to a service that
	// somebody waits for: proxies give up after 30 seconds.
	CheckTimeout = 20 * time.Second
	// writeTimeout is how long it may take to keep what was found.
	writeTimeout = 4 * time.Second
	// claimLimit bounds the services of one round of checks, checkers those
	// that are asked at the same time.
	claimLimit = 100
	checkers   = 8
	// maxBackoff bounds how rarely a service that refuses its credentials is
	// asked: vendors lock accounts that are refused too often.
	maxBackoff = time.Hour
)

// Health is what a question to a service told.
type Health struct {
	Service rampforge.Service
	At      time.Time
	Took    time.Duration
	Check   connector.Check
	Err     *rampforge.Error // nil when the service can be used
}

// Reason is the reason of the fault, "" when there is none.
func (h Health) Reason() string {
	if h.Err == nil {
		return ""
	}
	return connector.Reason(h.Err)
}

// Connect signs in to a service and reads once. What it finds is the service's
// status: the first failure counts.
func (s *Services) Connect(ctx context.Context, id string) (Health, error) {
	now := s.Now().UTC()
	known, err := s.Store.Service(ctx, id)
	if err != nil {
		return Health{}, err
	}
	if !known.Enabled {
		return Health{}, rampforge.Errorf(rampforge.CodeConflict, "The service is disabled: enable it, then connect it.")
	}
	row, err := s.Store.ConnectingService(ctx, id, now.Add(s.Interval+2*CheckTimeout))
	if err != nil {
		return Health{}, err
	}
	// A browser that goes away leaves no service half connected.
	ctx = context.WithoutCancel(ctx)
	h := s.check(ctx, row)
	result := s.result(h, row.Failures)
	if h.Err != nil && known.LastConnected == nil {
		result.Next = nil // it never worked: there is nothing to watch
	}
	write, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	counts, err := s.Store.ServiceConnected(write, id, row.Revision, result)
	if err == nil && !counts {
		err = rampforge.Errorf(rampforge.CodeConflict, "Somebody changed the service while it was being connected: connect it again.")
	}
	return h, err
}

// Health asks a service whether it works, as the background checks do.
func (s *Services) Health(ctx context.Context, id string) (Health, error) {
	row, err := s.Store.ServiceSecret(ctx, id)
	if err != nil {
		return Health{}, err
	}
	ctx = context.WithoutCancel(ctx)
	h := s.check(ctx, row)
	return h, s.keep(ctx, row, h)
}

// CheckDue asks every service whose check is due, and returns how many. Any
// number of processes may do it at once: each service is asked by one.
func (s *Services) CheckDue(ctx context.Context) (int, error) {
	now := s.Now().UTC()
	due, err := s.Store.ClaimServices(ctx, now, now.Add(max(s.Interval, CheckTimeout)), claimLimit)
	if err != nil {
		return 0, err
	}
	var group errgroup.Group
	group.SetLimit(checkers)
	for _, row := range due {
		group.Go(func() error {
			h := s.check(ctx, row)
			if ctx.Err() != nil {
				return nil //nolint:nilerr // a shutdown is no fault of the service
			}
			s.tell(ctx, row, h)
			return s.keep(context.WithoutCancel(ctx), row, h)
		})
	}
	return len(due), group.Wait()
}

// tell logs what changes with a check.
func (s *Services) tell(ctx context.Context, row store.ServiceSecret, h Health) {
	was := row.Service.Status
	id := slog.String("service_id", row.Service.ID)
	switch {
	case h.Err == nil && was != rampforge.ServiceConnected:
		s.Logger.InfoContext(ctx, "a service works again", id)
	case h.Err != nil && was == rampforge.ServiceConnected:
		s.Logger.WarnContext(ctx, "a service failed its check", id, slog.Int("failures", row.Failures+1), slog.String("reason", h.Reason()), slog.Any("error", h.Err))
	}
}

// keep writes what a check found. The status of a service that nobody wants to
// be connected stays.
func (s *Services) keep(ctx context.Context, row store.ServiceSecret, h Health) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	var err error
	if row.Watched && row.Service.Enabled {
		_, err = s.Store.ServiceChecked(ctx, row.Service.ID, row.Revision, s.result(h, row.Failures))
	} else {
		_, err = s.Store.ServiceLookedAt(ctx, row.Service.ID, row.Revision, h.At, h.Took)
	}
	return err
}

// result is what the store keeps of a check.
func (s *Services) result(h Health, failures int) store.ServiceResult {
	next := h.At.Add(s.Interval)
	r := store.ServiceResult{At: h.At, Took: h.Took, Next: &next}
	if h.Err == nil {
		if r.Server = h.Check.Peer; r.Server == nil {
			r.Server = serverOf(h.Check.Server)
		}
		return r
	}
	hint, _ := h.Err.Details["hint"].(string)
	r.Error = strings.TrimSpace(h.Err.Message + " " + hint)
	switch h.Reason() {
	case connector.ReasonRateLimited:
		r.Tolerated = true
		next = h.At.Add(max(s.Interval, min(h.Err.RetryAfter, maxBackoff)))
	case connector.ReasonPermission:
		r.Tolerated = true // the sign-in works; what it may read is another matter
	case connector.ReasonAuthentication:
		r.AuthNeeded = true
		asked := h.Took > 0 // credentials that cannot be unsealed reach no vendor
		if asked && failures+1 >= store.MaxServiceFailures {
			next = h.At.Add(max(s.Interval, min(s.Interval<<min(failures+1-store.MaxServiceFailures, 20), maxBackoff)))
		}
	}
	return r
}

// serverOf takes "Product 1.2" apart.
func serverOf(told string) *rampforge.ServiceServer {
	if told == "" {
		return nil
	}
	server := &rampforge.ServiceServer{Name: told}
	if i := strings.LastIndexByte(told, ' '); i > 0 && strings.IndexFunc(told[i+1:], unicode.IsDigit) >= 0 {
		server.Name, server.Version = told[:i], told[i+1:]
	}
	return server
}

// check asks a service. It is the one way to do so: for the button, for who
// asks how a service is, and in the background.
func (s *Services) check(ctx context.Context, row store.ServiceSecret) Health {
	credentials, err := s.Unseal(row)
	if err != nil {
		return Health{Service: row.Service, At: s.Now().UTC(), Err: explain(err, row.Service, nil)}
	}
	return s.Try(ctx, row.Service, credentials)
}

// Try asks a service that need not be stored.
func (s *Services) Try(ctx context.Context, service rampforge.Service, credentials map[string]string) Health {
	h := Health{Service: service}
	began := time.Now()
	var err error
	h.Check, err = ask(ctx, s, service, credentials, func(ctx context.Context, c connector.Connector) (connector.Check, error) { return c.Check(ctx) })
	h.At, h.Took = s.Now().UTC(), time.Since(began)
	if err != nil {
		h.Err = explain(err, service, credentials)
	}
	return h
}

// Resources lists what of a service can be bound, keeps that it was seen, and
// so binds the projects that wait for it. more says that the service has others
// which are left out.
func (s *Services) Resources(ctx context.Context, id string) (list []rampforge.Resource, more bool, err error) {
	row, err := s.Store.ServiceSecret(ctx, id)
	if err != nil {
		return nil, false, err
	}
	credentials, err := s.Unseal(row)
	if err != nil {
		return nil, false, explain(err, row.Service, nil)
	}
	list, err = ask(ctx, s, row.Service, credentials, func(ctx context.Context, c connector.Connector) ([]rampforge.Resource, error) {
		list := []rampforge.Resource{}
		for r, err := range c.Resources(ctx) {
			if err != nil {
				return nil, err
			}
			if list = append(list, r); len(list) > maxResources {
				break
			}
		}
		return list, nil
	})
	if err != nil {
		return nil, false, explain(err, row.Service, credentials)
	}
	if more = len(list) > maxResources; more {
		list = list[:maxResources]
	}
	list = onlyFit(list)
	return list, more, s.Store.PutListed(ctx, row, list, s.Now().UTC())
}

// ask opens a connector and asks it one question, for CheckTimeout at most,
// whatever the connector does.
func ask[T any](ctx context.Context, s *Services, service rampforge.Service, credentials map[string]string, question func(context.Context, connector.Connector) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, timeoutOf(service))
	defer cancel()
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if p := recover(); p != nil {
				// What a panic says may hold what the connector was given.
				s.Logger.ErrorContext(ctx, "a connector panicked", slog.String("service_id", service.ID), slog.String("service_type", string(service.Type)))
				a.err = rampforge.Errorf(rampforge.CodeInternal, "The service could not be asked by a fault of this program.")
			}
			answers <- a
		}()
		c, err := s.Connectors.Open(ctx, service, credentials)
		if err != nil {
			a.err = err
			return
		}
		defer func() { _ = c.Close() }() // the answer is what counts
		a.value, a.err = question(ctx, c)
	}()
	select {
	case a := <-answers:
		if a.err != nil && ctx.Err() != nil && connector.Reason(a.err) == "" {
			a.err = errors.Join(ctx.Err(), a.err)
		}
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

func timeoutOf(service rampforge.Service) time.Duration {
	if own := time.Duration(service.Timeout) * time.Second; own > 0 {
		return min(own, CheckTimeout)
	}
	return CheckTimeout
}
