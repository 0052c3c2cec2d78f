// Package connector says what a connector is: the code that speaks to one
// vendor's system and tells what is there as records. A folder below it holds
// one vendor, by REST and by MCP; the same records come out whichever way they
// came in. It may import httpclient and the root package.
//
// A connector keeps nothing: where a reading stands is a cursor, which its
// caller keeps with the records that came before it. What would only be asked
// for again it may leave in the Memory that it is given.
package connector

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge"
)

// Options is what a connector needs to reach a service.
type Options struct {
	Service     rampforge.Service
	Credentials map[string]string // in clear; never logged, never in an error
	Client      *http.Client      // guarded and rate-limited
	Now         func() time.Time
	Memory      *Memory // nil: what was asked once is asked again by the next connector
}

// Memory is what connectors to one service need not ask for one after the
// other: what kind of server it is, which statuses it has. Who opens them keeps
// it as long as nothing of the service changes. A nil one remembers nothing. It
// is safe for concurrent use; values in it must not be changed.
type Memory struct{ values sync.Map }

// Get returns what is remembered under a key, nil for nothing.
func (m *Memory) Get(key string) any {
	if m == nil {
		return nil
	}
	value, _ := m.values.Load(key)
	return value
}

// Put remembers a value under a key.
func (m *Memory) Put(key string, value any) {
	if m != nil {
		m.values.Store(key, value)
	}
}

// Forget forgets what is remembered under a key.
func (m *Memory) Forget(key string) {
	if m != nil {
		m.values.Delete(key)
	}
}

// Open makes the connector of one vendor. It reaches nobody: bad options are
// rampforge.CodeInvalid, and everything else shows in the first call.
type Open func(Options) (Connector, error)

// Connector speaks to one service. It is safe for concurrent use.
//
// Errors are rampforge.Error with the code MCP_SERVICE_ERROR and, in details,
// "reason" (one of the constants below) and "hint", what to change.
type Connector interface {
	// Check signs in and reads once.
	Check(ctx context.Context) (Check, error)
	// Resources yields what can be bound, in a stable order.
	Resources(ctx context.Context) iter.Seq2[rampforge.Resource, error]
	// Read yields pages of a stream of a resource, from a cursor on; nil is
	// the beginning. Records come in the vendor's order of update, so that the
	// cursor after the last page finds later what changed since. An error ends
	// the sequence; the pages before it stand.
	Read(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream, cursor Cursor) iter.Seq2[Page, error]
	// IDs yields the ids of all records of a stream that are there now, so
	// that those which are gone can be told. Streams whose records never go
	// yield an error with the reason ReasonUnsupported.
	IDs(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream) iter.Seq2[[]string, error]
	// Close frees what the connector holds.
	Close() error
}

// StatusLister is a Connector that can tell which statuses the work items of a
// resource may be in, those too that none is in now. Where the vendor has no
// such list the error has the reason ReasonUnsupported.
type StatusLister interface {
	Statuses(ctx context.Context, resource rampforge.Resource) ([]rampforge.TrackerStatus, error)
}

// Cursor is where a reading stands. Its content is the connector's own.
type Cursor json.RawMessage

// Page is what one step of a reading brought.
type Page struct {
	Records []rampforge.Record
	Next    Cursor // where to go on after this page has been kept
	Total   *int   // of the stream, where the vendor says so
	// Notes are errors of this package about single records that could not be
	// had on the way to this page: the reading goes on without them.
	Notes []error
}

// Check is what signing in told.
type Check struct {
	Account *rampforge.Account
	Server  string // the vendor's product and version, "" when it is not told
	Rates   *Rates // nil when the vendor does not tell
	// Peer is the MCP server in between, nil where there is none.
	Peer *rampforge.ServiceServer
}

// Rates is what a vendor says of its rate limit.
type Rates struct {
	Remaining int
	Reset     time.Time
}
