package llm

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// The outcomes besides the kinds of errors.
const (
	outcomeOK        = "ok"
	outcomeCached    = "cached"
	outcomeCut       = "cut"
	outcomeCancelled = "cancelled"
)

func outcomeOf(ctx context.Context, t *try, res *Response, err error) string {
	switch {
	case err == nil && res.Finish == FinishCut:
		return outcomeCut
	case err == nil:
		return outcomeOK
	case t.own != nil, ctx.Err() != nil:
		return outcomeCancelled
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return string(e.Kind)
	}
	return string(KindBroken)
}

// metrics tell what models are asked and what it costs.
type metrics struct {
	requests *prometheus.HistogramVec
	first    *prometheus.HistogramVec
	tokens   *prometheus.CounterVec
	cost     *prometheus.CounterVec
	masked   prometheus.Counter
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	buckets := []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300}
	m := &metrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rampforge_model_request_duration_seconds", Help: "Duration of requests to models, with all attempts, by model, purpose and outcome.", Buckets: buckets,
		}, []string{"model", "purpose", "outcome"}),
		first: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rampforge_model_first_text_seconds", Help: "Time until the first text of an answer.", Buckets: buckets,
		}, []string{"model", "purpose"}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rampforge_model_tokens_total", Help: "Tokens that models took; kind is input, output or thinking.",
		}, []string{"model", "purpose", "kind"}),
		cost: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rampforge_model_cost_total", Help: "What models cost by the configured prices, in their currency.",
		}, []string{"model", "purpose"}),
		masked: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "rampforge_model_masked_secrets_total", Help: "Secrets that were masked in what was sent to models.",
		}),
	}
	if registry == nil {
		return m, nil
	}
	return m, errors.Join(registered(registry, &m.requests), registered(registry, &m.first), registered(registry, &m.tokens), registered(registry, &m.cost), registered(registry, &m.masked))
}

// registered registers a metric, or takes the one that another policy did.
func registered[C prometheus.Collector](registry prometheus.Registerer, c *C) error {
	err := registry.Register(*c)
	if there, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if earlier, ok := there.ExistingCollector.(C); ok {
			*c = earlier
			return nil
		}
	}
	return err
}

func (m *metrics) count(model, purpose, outcome string, took time.Duration) {
	m.requests.WithLabelValues(model, purpose, outcome).Observe(took.Seconds())
}

func (m *metrics) took(model, purpose string, t Tokens, cost float64, first time.Duration) {
	for kind, n := range map[string]int{"input": t.Input, "output": t.Output, "thinking": t.Thinking} {
		if n > 0 {
			m.tokens.WithLabelValues(model, purpose, kind).Add(float64(n))
		}
	}
	if cost > 0 {
		m.cost.WithLabelValues(model, purpose).Add(cost)
	}
	if first > 0 {
		m.first.WithLabelValues(model, purpose).Observe(first.Seconds())
	}
}
