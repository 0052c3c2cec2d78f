// Package telemetrytest has servers that take what the product tells of itself:
// traces by OTLP, and errors as Sentry does.
package telemetrytest

import (
	"compress/gzip"
	"context"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // so that packed requests are taken
	"google.golang.org/grpc/metadata"
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

// ServeGRPC makes the collector take traces over gRPC besides, at the address
// that it returns.
func (c *Collector) ServeGRPC(tb testing.TB) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	server := grpc.NewServer()
	collector.RegisterTraceServiceServer(server, calls{c: c})
	go func() {
		if err := server.Serve(listener); err != nil {
			tb.Error(err)
		}
	}()
	tb.Cleanup(server.Stop)
	return "http://" + listener.Addr().String()
}

// calls are what a collector answers over gRPC.
type calls struct {
	collector.UnimplementedTraceServiceServer

	c *Collector
}

// Export implements collector.TraceServiceServer.
func (s calls) Export(ctx context.Context, request *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.c.header = http.Header{}
	if sent, ok := metadata.FromIncomingContext(ctx); ok {
		for name, values := range sent {
			s.c.header[http.CanonicalHeaderKey(name)] = values
		}
	}
	s.c.keep(request)
	return &collector.ExportTraceServiceResponse{}, nil
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
	c.keep(request)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// keep takes the spans of a request; the lock is held.
func (c *Collector) keep(request *collector.ExportTraceServiceRequest) {
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
