// Package telemetrytest has servers that take what the product tells of itself:
// traces by OTLP, and errors as Sentry does.
package telemetrytest

import (
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/protobuf/proto"
)

// Span is a span that a collector took.
type Span struct {
	Name, Kind string
	Trace, ID  string   // hexadecimal
	Parent     string   // "" for a root
	Links      []string // ids of spans
	Failed     bool
	Attributes map[string]string
	Resource   map[string]string
	Start, End uint64 // nanoseconds
}

// Collector takes traces by OTLP over HTTP. Its address is the base of
// /v1/traces.
type Collector struct {
	*httptest.Server

	mu     sync.Mutex
	spans  []Span
	header http.Header
}

// NewCollector starts a collector that ends with the test.
func NewCollector(tb testing.TB) *Collector {
	tb.Helper()
	c := &Collector{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", c.take)
	c.Server = httptest.NewServer(mux)
	tb.Cleanup(c.Close)
	return c
}

// Spans are those that were taken, in their order.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans)
}

// Header is a header of the last request.
func (c *Collector) Header(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.header.Get(name)
}

func (c *Collector) take(w http.ResponseWriter, r *http.Request) {
	request := &collector.ExportTraceServiceRequest{}
	body, err := content(r)
	if err == nil && r.Header.Get("Content-Type") == "application/x-protobuf" {
		err = proto.Unmarshal(body, request)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.header = r.Header.Clone()
	for _, of := range request.GetResourceSpans() {
		resource := texts(of.GetResource().GetAttributes())
		for _, scope := range of.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				taken := Span{
					Name: s.GetName(), Kind: s.GetKind().String(), Trace: hex.EncodeToString(s.GetTraceId()), ID: hex.EncodeToString(s.GetSpanId()),
					Parent: hex.EncodeToString(s.GetParentSpanId()), Failed: s.GetStatus().GetCode() == 2, Attributes: texts(s.GetAttributes()), Resource: resource,
					Start: s.GetStartTimeUnixNano(), End: s.GetEndTimeUnixNano(),
				}
				for _, l := range s.GetLinks() {
					taken.Links = append(taken.Links, hex.EncodeToString(l.GetSpanId()))
				}
				c.spans = append(c.spans, taken)
			}
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// content is the body of a request, unpacked.
func content(r *http.Request) ([]byte, error) {
	from := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, err
		}
		from = unpacked
	}
	return io.ReadAll(from)
}

func texts(attributes []*common.KeyValue) map[string]string {
	all := map[string]string{}
	for _, a := range attributes {
		switch v := a.GetValue().GetValue().(type) {
		case *common.AnyValue_StringValue:
			all[a.GetKey()] = v.StringValue
		case *common.AnyValue_IntValue:
			all[a.GetKey()] = strconv.FormatInt(v.IntValue, 10)
		default:
			all[a.GetKey()] = a.GetValue().String()
		}
	}
	return all
}
