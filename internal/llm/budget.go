package llm

import (
	"context"
	"log/slog"
	"time"
)

// Budget counts the tokens of days, for all processes together.
type Budget interface {
	// ReserveTokens promises tokens to a request, unless that exceeds a limit; 0 is
	// none. It returns which limit was met: "user", "day", or "".
	ReserveTokens(ctx context.Context, at time.Time, userID string, tokens, perUser, perDay int64) (spent string, err error)
	// SettleTokens says what was taken in the end.
	SettleTokens(ctx context.Context, at time.Time, userID string, reserved, input, output, thinking int64) error
}

// Price is what a million tokens cost, in whatever currency. What a model thinks
// costs as what it says.
type Price struct{ Input, Output float64 }

func (p Price) of(t Tokens) float64 {
	return (float64(t.Input)*p.Input + float64(t.Output+t.Thinking)*p.Output) / 1e6
}

const (
	// defaultOutput is what an answer without a bound is taken to need at most.
	defaultOutput = 8192
	// bytesPerToken is low: code has short tokens.
	bytesPerToken = 3
	settleWithin  = 5 * time.Second
)

func (t Tokens) add(o Tokens) Tokens {
	return Tokens{Input: t.Input + o.Input, Output: t.Output + o.Output, Thinking: t.Thinking + o.Thinking}
}

// reserve takes what a request may need at most from the budgets. A database
// that does not answer must not stop answers: then nothing is counted.
func (p *Policy) reserve(ctx context.Context, t *try) error {
	if p.o.Budget == nil {
		return nil
	}
	output := t.request.MaxTokens
	if output <= 0 {
		output = defaultOutput
	}
	need := int64(estimate(t.request) + output)
	spent, err := p.o.Budget.ReserveTokens(ctx, t.begin, t.request.User, need, p.o.PerUser, p.o.PerDay)
	switch {
	case err != nil && ctx.Err() != nil: // nobody waits any more: nothing will be sent
		return nil
	case err != nil:
		p.o.Logger.ErrorContext(ctx, "the tokens of a model are not counted", slog.Any("error", err))
		return nil
	case spent == "user":
		return &Error{Kind: KindBudget, Message: "Your tokens of today are spent; there are new ones after midnight, UTC."}
	case spent != "":
		return &Error{Kind: KindBudget, Message: "Today's tokens of all users are spent; there are new ones after midnight, UTC."}
	}
	t.promise = need
	return nil
}

// settle tells the budgets what a request took.
func (p *Policy) settle(ctx context.Context, t *try, took Tokens) {
	if t.promise == 0 {
		return
	}
	// Who asked may be gone; the tokens are taken all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	err := p.o.Budget.SettleTokens(ctx, t.begin, t.request.User, t.promise, int64(took.Input), int64(took.Output), int64(took.Thinking))
	if err != nil {
		p.o.Logger.ErrorContext(ctx, "the tokens of a model are not counted", slog.Any("error", err))
	}
}

// estimate is about how many tokens a request has.
func estimate(r *Request) int {
	n := len(r.System) + len(r.Schema)
	for _, m := range r.Messages {
		n += len(m.Text)
		for _, c := range m.Calls {
			n += len(c.Name) + len(c.Arguments)
		}
		for _, c := range m.Results {
			n += len(c.Name) + len(c.Content)
		}
	}
	for _, t := range r.Tools {
		n += len(t.Name) + len(t.Description) + len(t.Parameters)
	}
	return (n + bytesPerToken - 1) / bytesPerToken
}

// guessed is about what a failed attempt took. Refusals take nothing.
func guessed(t *try, e *Error) Tokens {
	switch e.Kind {
	case KindLimited, KindUnavailable, KindRefused, KindInvalid, KindBudget:
		if t.text == "" {
			return Tokens{}
		}
	default:
	}
	return Tokens{Input: estimate(t.request), Output: (len(t.text) + bytesPerToken - 1) / bytesPerToken}
}

// account tells the budgets, the metrics and the log of what was sent how a
// request ended.
func (p *Policy) account(ctx context.Context, t *try, res *Response, err error, masked int) {
	took, outcome := t.spent, outcomeOf(ctx, t, res, err)
	if res != nil && res.Finish != FinishCut {
		if res.Tokens == (Tokens{}) && p.o.Budget != nil { // a service that does not count
			res.Tokens = Tokens{Input: estimate(t.request), Output: (len(res.Text) + bytesPerToken - 1) / bytesPerToken}
		}
		took = took.add(res.Tokens)
	}
	endSpan(t.span, outcome, took)
	p.settle(ctx, t, took)
	p.metrics.count(p.Name(), t.request.Purpose, outcome, p.o.Now().Sub(t.begin))
	p.metrics.took(p.Name(), t.request.Purpose, took, p.o.Price.of(took), t.first)
	p.metrics.masked.Add(float64(masked))
	if outcome != string(KindBudget) { // then nothing was sent
		p.o.Sent.add(SentRequest{
			At: t.begin, Model: p.Name(), Request: *t.request, Masked: masked, Outcome: outcome, Tokens: took, Took: p.o.Now().Sub(t.begin),
		})
	}
}
