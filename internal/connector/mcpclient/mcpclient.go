// Package mcpclient speaks the Model Context Protocol to the servers of
// vendors, in both of its eras, and turns what their tools answer into the
// JSON that the vendor's own API would have sent. It may import connector,
// httpclient and the root package; a vendor's folder builds on it.
//
// A [Session] keeps one connection, by HTTP or to a program on this machine,
// and calls tools by [Signature]: a tool counts only if its name and arguments
// are the ones that were asked for, and only if nobody changed its definition
// since somebody approved it. [NewBridge] answers a connector's REST requests
// with such calls, so that the same code reads a vendor both ways.
package mcpclient

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// Vendor is what a vendor's folder knows of the MCP servers that speak for it.
type Vendor struct {
	// Profile lists every call that is ever made: reads, all of them.
	Profile []Signature
	// Headers says how credentials are shown to a server that is reached by HTTP.
	Headers func(credentials map[string]string) http.Header
	// Open makes the connector of a service that is read by a session.
	// Options.Client is not to be used.
	Open func(connector.Options, *Session) (connector.Connector, error)
}

// Options is what a session needs.
type Options struct {
	Service     rampforge.Service
	Credentials map[string]string // in clear; for the environment of a program
	Header      http.Header       // of every request to a server by HTTP
	Client      *http.Client      // guarded and rate-limited; bounds the time of each request
	Programs    Programs          // those that may be started
	Profile     []Signature
	// Review is shown the tools of a server whenever they have been listed, and
	// says which of them may be called. Nil is all.
	Review  func(context.Context, []Tool) (approved map[string]bool, err error)
	Version string // of this program
	Logger  *slog.Logger
}

// ReasonQuarantined is a tool whose definition is new or has changed and that
// nobody has approved since.
const ReasonQuarantined = "quarantined"
