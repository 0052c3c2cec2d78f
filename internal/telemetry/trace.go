package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// protocolGRPC is the value of OTEL_EXPORTER_OTLP_PROTOCOL for gRPC.
const protocolGRPC = "grpc"

// TraceOptions say where spans go and which are kept. The fields are the
// variables that OpenTelemetry has for them.
type TraceOptions struct {
	Endpoint       string // OTEL_EXPORTER_OTLP_ENDPOINT: of all signals; over HTTP /v1/traces comes after it
	TracesEndpoint string // OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: of traces, as it is; both "" is no traces
	Protocol       string // OTEL_EXPORTER_OTLP_PROTOCOL: grpc; anything else is http/protobuf
	Headers        string // OTEL_EXPORTER_OTLP_HEADERS: name=value,…, percent-encoded
	Service        string // OTEL_SERVICE_NAME
	Attributes     string // OTEL_RESOURCE_ATTRIBUTES: name=value,…, percent-encoded
	Sampler        string // OTEL_TRACES_SAMPLER; "" is parentbased_always_on
	SamplerArg     string // OTEL_TRACES_SAMPLER_ARG; "" is 1
	Version        string
	Logger         *slog.Logger
}

// Traces send spans by OTLP, over HTTP or gRPC. A nil one sends none.
type Traces struct{ provider *sdktrace.TracerProvider }

// CheckTraces says what is wrong with options, without sending anything.
func CheckTraces(o TraceOptions) error {
	if _, err := tracesURL(o); err != nil {
		return err
	}
	if _, err := pairs(o.Headers); err != nil {
		return err
	}
	if _, err := pairs(o.Attributes); err != nil {
		return err
	}
	_, err := samplerOf(o.Sampler, o.SamplerArg)
	return err
}

// NewTraces returns what sends spans, nil when no endpoint is set. A collector
// that is away is no error: the spans that it misses are lost, and nothing waits
// for it.
func NewTraces(ctx context.Context, o TraceOptions) (*Traces, error) {
	address, err := tracesURL(o)
	if err != nil || address == "" {
		return nil, err
	}
	headers, err := pairs(o.Headers)
	if err != nil {
		return nil, err
	}
	attributes, err := pairs(o.Attributes)
	if err != nil {
		return nil, err
	}
	sampler, err := samplerOf(o.Sampler, o.SamplerArg)
	if err != nil {
		return nil, err
	}
	exporter, err := exporterOf(ctx, o.Protocol, address, headers)
	if err != nil {
		return nil, fmt.Errorf("making the exporter of traces: %w", err)
	}
	otel.SetErrorHandler(&quietly{logger: o.Logger})
	limits := sdktrace.NewSpanLimits()
	limits.AttributeValueLengthLimit = 1024
	return &Traces{sdktrace.NewTracerProvider(
		sdktrace.WithSpanProcessor(newBounded(sdktrace.NewBatchSpanProcessor(exporter))),
		sdktrace.WithSampler(sampler), sdktrace.WithResource(resourceOf(o, attributes)), sdktrace.WithRawSpanLimits(limits),
	)}, nil
}

// exporterOf connects to nobody yet: both exporters do so with the first spans.
func exporterOf(ctx context.Context, protocol, address string, headers map[string]string) (sdktrace.SpanExporter, error) {
	if protocol == protocolGRPC {
		options := []otlptracegrpc.Option{otlptracegrpc.WithEndpointURL(address), otlptracegrpc.WithCompressor("gzip")}
		if len(headers) > 0 {
			options = append(options, otlptracegrpc.WithHeaders(headers))
		}
		return otlptracegrpc.New(ctx, options...)
	}
	options := []otlptracehttp.Option{otlptracehttp.WithEndpointURL(address), otlptracehttp.WithCompression(otlptracehttp.GzipCompression)}
	if len(headers) > 0 {
		options = append(options, otlptracehttp.WithHeaders(headers))
	}
	return otlptracehttp.New(ctx, options...)
}

// Provider gives tracers; without traces they make no spans.
func (t *Traces) Provider() trace.TracerProvider {
	if t == nil {
		return noop.NewTracerProvider()
	}
	return t.provider
}

// Shutdown sends what was not sent, as far as ctx allows.
func (t *Traces) Shutdown(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("sending the last spans: %w", err)
	}
	return nil
}

// tracesURL is where spans are sent to, "" for nowhere.
func tracesURL(o TraceOptions) (string, error) {
	address := o.TracesEndpoint
	if address == "" && o.Protocol == protocolGRPC {
		address = o.Endpoint // a call has no path
	} else if address == "" && o.Endpoint != "" {
		address = strings.TrimRight(o.Endpoint, "/") + "/v1/traces"
	}
	if address == "" {
		return "", nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", errors.New("must be an address such as http://localhost:4318")
	}
	return address, nil
}

// pairs reads name=value,name=value as the variables of OpenTelemetry have it.
func pairs(text string) (map[string]string, error) {
	all := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !ok || name == "" || err != nil {
			return nil, errors.New("must be written as name=value, separated by commas and percent-encoded") // the value may be a secret
		}
		all[name] = value
	}
	return all, nil
}

func samplerOf(name, arg string) (sdktrace.Sampler, error) {
	ratio := 1.0
	if strings.HasSuffix(name, "traceidratio") && arg != "" {
		var err error
		if ratio, err = strconv.ParseFloat(arg, 64); err != nil || !(ratio >= 0 && ratio <= 1) {
			return nil, errors.New("needs an OTEL_TRACES_SAMPLER_ARG that is a number between 0 and 1")
		}
	}
	switch name {
	case "", "parentbased_always_on":
		return sdktrace.ParentBased(sdktrace.AlwaysSample()), nil
	case "parentbased_always_off":
		return sdktrace.ParentBased(sdktrace.NeverSample()), nil
	case "parentbased_traceidratio":
		return sdktrace.ParentBased(sdktrace.TraceIDRatioBased(ratio)), nil
	case "always_on":
		return sdktrace.AlwaysSample(), nil
	case "always_off":
		return sdktrace.NeverSample(), nil
	case "traceidratio":
		return sdktrace.TraceIDRatioBased(ratio), nil
	}
	return nil, errors.New("must be always_on, always_off, traceidratio, or one of these after parentbased_")
}

func resourceOf(o TraceOptions, attributes map[string]string) *resource.Resource {
	service := o.Service
	if service == "" {
		service = attributes["service.name"]
	}
	if service == "" {
		service = "rampforge"
	}
	all := []attribute.KeyValue{attribute.String("service.version", o.Version)}
	for name, value := range attributes {
		all = append(all, attribute.String(name, value))
	}
	return resource.NewSchemaless(append(all, attribute.String("service.name", service))...) // of two the last counts
}

// quietly logs what the exporter complains of, once in a minute at most.
type quietly struct {
	logger *slog.Logger
	mu     sync.Mutex
	last   time.Time
}

// Handle implements otel.ErrorHandler.
func (q *quietly) Handle(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if now := time.Now(); now.Sub(q.last) > time.Minute {
		q.last = now
		q.logger.Warn("spans could not be sent: they are lost, and nothing else is", slog.Any("error", err))
	}
}

// maxLeaves bounds the statements and vendor calls of one trace that are sent: a
// first sync has a hundred thousand.
const maxLeaves = 1000

// bounded passes spans on, but of one trace not more than maxLeaves that call
// others and have no children of ours.
type bounded struct {
	sdktrace.SpanProcessor

	mu     sync.Mutex
	leaves map[trace.TraceID]*leaves
}

type leaves struct{ open, sent int }

func newBounded(next sdktrace.SpanProcessor) *bounded {
	return &bounded{SpanProcessor: next, leaves: map[trace.TraceID]*leaves{}}
}

// OnStart implements sdktrace.SpanProcessor.
func (b *bounded) OnStart(parent context.Context, s sdktrace.ReadWriteSpan) {
	if s.SpanKind() != trace.SpanKindClient {
		b.mu.Lock()
		id := s.SpanContext().TraceID()
		if b.leaves[id] == nil {
			b.leaves[id] = &leaves{}
		}
		b.leaves[id].open++
		b.mu.Unlock()
	}
	b.SpanProcessor.OnStart(parent, s)
}

// OnEnd implements sdktrace.SpanProcessor.
func (b *bounded) OnEnd(s sdktrace.ReadOnlySpan) {
	id, tooMany := s.SpanContext().TraceID(), false
	b.mu.Lock()
	known := b.leaves[id]
	switch {
	case known == nil: // it outlived what it belongs to
	case s.SpanKind() == trace.SpanKindClient:
		known.sent++
		tooMany = known.sent > maxLeaves
	default:
		if known.open--; known.open == 0 {
			delete(b.leaves, id)
		}
	}
	b.mu.Unlock()
	if !tooMany {
		b.SpanProcessor.OnEnd(s)
	}
}
