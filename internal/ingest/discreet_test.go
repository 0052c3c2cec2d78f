package ingest_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// telltale is a connector whose every answer is a note and a fault.
type telltale struct {
	connector.Connector

	fault error
}

func (v telltale) Check(context.Context) (connector.Check, error) {
	return connector.Check{}, v.fault
}

func (v telltale) Resources(context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) { yield(rampforge.Resource{}, v.fault) }
}

func (v telltale) Read(context.Context, rampforge.Resource, rampforge.Stream, connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		_ = yield(connector.Page{Notes: []error{v.fault}}, nil) && yield(connector.Page{}, v.fault)
	}
}

func (v telltale) IDs(context.Context, rampforge.Resource, rampforge.Stream) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) { yield(nil, v.fault) }
}

func (v telltale) Close() error { return nil }

// telltales opens one connector for every service.
type telltales struct{ telltale }

func (v telltales) Open(context.Context, rampforge.Service, map[string]string) (connector.Connector, error) {
	return v.telltale, nil
}

// faults are all that a connector says.
func faults(ctx context.Context, c connector.Connector) (all []error) {
	_, err := c.Check(ctx)
	all = append(all, err)
	for _, err := range c.Resources(ctx) {
		all = append(all, err)
	}
	for page, err := range c.Read(ctx, rampforge.Resource{}, rampforge.StreamWorkItems, nil) {
		if all = append(all, page.Notes...); err != nil {
			all = append(all, err)
		}
	}
	for _, err := range c.IDs(ctx, rampforge.Resource{}, rampforge.StreamWorkItems) {
		all = append(all, err)
	}
	return all
}

// TestOpenedConnectorsAreDiscreet: what a connector says about a sync is without
// the service's credentials, in whatever way a vendor writes them, and says as
// much as before to the program.
func TestOpenedConnectorsAreDiscreet(t *testing.T) {
	eachDesk(t, func(d *desk) {
		ask := func(fault error) []error {
			d.t.Helper()
			d.Connectors = telltales{telltale{fault: fault}}
			_, c, err := d.Open(d.t.Context(), d.id)
			if err != nil {
				d.t.Fatal(err)
			}
			all := faults(d.t.Context(), c)
			if len(all) != 5 {
				d.t.Fatalf("%d faults", len(all))
			}
			return all
		}
		encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
		for name, leak := range map[string]string{
			"as it is": planted, "in small letters": strings.ToLower(planted), "in capitals": strings.ToUpper(planted),
			"quoted": fmt.Sprintf("%q", planted), "escaped": url.QueryEscape(planted), "cut off": planted[:len(planted)-1] + "…",
			"base64": encode(planted), "behind a name": encode("lead@example.com:" + planted), "behind a colon": encode(":" + planted),
			"behind two letters": encode("x:" + planted + " and so on"), "for addresses": base64.RawURLEncoding.EncodeToString([]byte("Ǿ?" + planted)),
		} {
			cause := &rampforge.Error{Code: rampforge.CodeMCPService, Message: "The host " + leak + ".example.invalid is away.", RetryAfter: time.Minute,
				Details: map[string]any{"reason": connector.ReasonRateLimited, "hint": "Look."}}
			inDetails := connector.Errorf(connector.ReasonRateLimited, "No.", leak, nil)
			inDetails.RetryAfter = time.Minute
			inCause := connector.Errorf(connector.ReasonRateLimited, "No.", "", errors.New(leak))
			inCause.RetryAfter = time.Minute
			for where, fault := range map[string]error{"message": cause, "hint": inDetails, "cause": inCause, "wrapped": fmt.Errorf("asking %s: %w", leak, cause)} {
				for _, err := range ask(fault) {
					known, ok := errors.AsType[*rampforge.Error](err)
					if !ok || connector.Reason(err) != connector.ReasonRateLimited || known.Code != rampforge.CodeMCPService || known.RetryAfter != time.Minute || known.Message == "" {
						d.t.Errorf("%s in the %s: of the fault is left %+v", name, where, err)
						continue
					}
					if said := err.Error() + fmt.Sprintf("%+v %+v", *known, known.Err); strings.Contains(said, leak) {
						d.t.Errorf("%s in the %s: %s", name, where, said)
					}
				}
			}
			for _, err := range ask(errors.New("odd: " + leak)) {
				if connector.Reason(err) != "" || strings.Contains(err.Error(), leak) {
					d.t.Errorf("%s: %v", name, err)
				}
			}
		}
		harmless := connector.Errorf(connector.ReasonVendor, "The vendor failed.", "Wait.", errors.New("odd"))
		for _, err := range ask(harmless) {
			if !errors.Is(err, error(harmless)) {
				d.t.Errorf("a harmless fault became %v", err)
			}
		}
	})
}
