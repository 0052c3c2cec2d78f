// Package llm says what a language model is, and what all of them are asked
// under: one [Policy] of time-outs, retries, budgets and fallbacks. Its folders
// speak to vendors: gemini, openai; extractive needs none; llmtest is for tests.
//
// A model knows nothing of projects or permissions: whoever asks sends nothing
// that the person who asked may not see. It may import httpclient, telemetry and terms.
package llm

import (
	"context"
	"encoding/json"
	"time"
)

// Model answers requests. It is safe for concurrent use.
type Model interface {
	// Name is the model's own, such as "gemini-2.5-flash".
	Name() string
	// Generate answers a request. Text is handed to stream, where that is not nil,
	// as it comes; the response holds all of it. An error of stream ends the
	// answer and is returned. Every other error is an *Error.
	Generate(ctx context.Context, r *Request, stream func(text string) error) (*Response, error)
}

// Request is what a model is asked.
type Request struct {
	Purpose  string // for metrics: ask, verify, describe
	User     string // the id of who asks, for the budget; "" is nobody's
	System   string // instructions, of ours alone
	Messages []Message
	// Question is what the person asks, without the sources; "" is the text of the
	// last message. A model that composes answers goes by it.
	Question string
	// Sources are what an answer may rest on, numbered from 1. The text of the last
	// message holds them too; a model that composes answers from them reads them
	// here.
	Sources []Source
	Tools   []Tool
	// Schema is a JSON Schema that the answer fits; nil for text.
	Schema json.RawMessage
	// MaxTokens bounds the answer; 0 is the model's own bound.
	MaxTokens int
	// ThinkingTokens bounds what the model thinks before it answers, where it
	// does; nil is the model's own, 0 none.
	ThinkingTokens *int
	Temperature    *float64
}

// Role is whose message it is.
type Role string

// The roles. Results of tools come back in a message of RoleTool.
const (
	RoleUser  Role = "user"
	RoleModel Role = "model"
	RoleTool  Role = "tool"
)

// Message is a part of a conversation.
type Message struct {
	Role    Role
	Text    string
	Calls   []Call       // of RoleModel
	Results []CallResult // of RoleTool
}

// Source is a passage that an answer may rest on.
type Source struct {
	Number int // from 1, as answers cite it: [1]
	Title  string
	Text   string
	Score  float64 // comparable within one request
}

// Tool is a function that the model may ask for.
type Tool struct {
	Name        string
	Description string
	Parameters  json.RawMessage // JSON Schema of an object
}

// Call is a model's wish to have a tool called.
type Call struct {
	ID        string // made where the vendor has none
	Name      string
	Arguments json.RawMessage // an object
	// Signature belongs to the vendor and goes back as it came.
	Signature []byte
}

// CallResult is what a tool answered.
type CallResult struct {
	ID, Name string
	Content  string
	Failed   bool
}

// Finish is why an answer ended.
type Finish string

// The reasons.
const (
	FinishStop   Finish = "stop"
	FinishTools  Finish = "tool_calls"
	FinishLength Finish = "length" // the bound was reached: the answer is not whole
	FinishCut    Finish = "cut"    // by a failure in the middle: see Response.Cut
)

// Response is an answer.
type Response struct {
	Text   string
	Calls  []Call
	Model  string // that answered
	Finish Finish
	Tokens Tokens
	Took   time.Duration
	// Fallback says, in a sentence for a person, why another model answered than
	// the one that was asked; "" where that one did.
	Fallback string
	// Cut says, likewise, why the answer ends in the middle: its beginning was shown
	// already. "" where it does not.
	Cut    string
	Cached bool
}

// Tokens are what a request took. Input holds what the vendor had cached.
type Tokens struct {
	Input    int `json:"input"`
	Output   int `json:"output"`
	Thinking int `json:"thinking"`
}

// Kind is what went wrong.
type Kind string

// The kinds of errors. Those that another try may mend are retried by the
// policy: limited, unavailable, broken and timeout.
const (
	KindLimited     Kind = "rate_limited"
	KindUnavailable Kind = "unavailable"
	KindTimeout     Kind = "timeout"
	KindBroken      Kind = "broken"       // the stream ended in the middle, or made no sense
	KindBlocked     Kind = "blocked"      // by the vendor's safety rules
	KindRefused     Kind = "refused"      // the credentials, or the model is not known
	KindInvalid     Kind = "invalid"      // the request does not fit
	KindUnreadable  Kind = "unreadable"   // the answer does not fit the schema
	KindTooLong     Kind = "too_long"     // the answer is beyond our bound
	KindBudget      Kind = "budget_spent" // ours
)

// Error is why a model did not answer. Message is a sentence for a person that
// holds nothing of the request and no credential.
type Error struct {
	Kind       Kind
	Message    string
	Status     int           // of HTTP, as the vendor answered; 0 where it did not
	RetryAfter time.Duration // as the vendor says; 0 where it does not
	Err        error
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.Err }
