// Package measure keeps the facts of projects true to their records, and their
// workflow reports true to the facts. It may import floors one and two.
//
// Facts are made of records that changed, and kept in packs; a report is
// computed of all facts, the settings of the project and a query. A project's
// facts are brought up to date by one worker at a time; reports are computed by
// whoever is asked for one.
package measure

import (
	"cmp"
	"context"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// Options configures a Measurer.
type Options struct {
	Store  *store.Store
	Logger *slog.Logger
	Now    func() time.Time
	// Subject names the identity of a commit's signature, as people are kept.
	Subject func(rampforge.Signature) string
	// Proven tells which accounts, by facts.AccountKey, and which signatures, by
	// their subjects, are a user's beyond doubt, where somebody joined them who may
	// have had a reason to. Without it none are.
	Proven func(context.Context, rampforge.User) (map[string]bool, error)
	// MaxBytes bounds the memory of facts that are kept ready, about; 0 is
	// DefaultMaxBytes. The facts of one project are kept whatever they take.
	MaxBytes int
}

// DefaultMaxBytes is enough for about half a million work items.
const DefaultMaxBytes = 512 << 20

// maxReports bounds the memory of the reports that are kept ready, in bytes, and
// again that of the windows that somebody asked for. One window must not push out
// many: what is larger than maxWindow is made anew for each who asks.
const (
	maxReports = 64 << 20
	maxWindow  = maxReports / 16
)

// maxSeen bounds the memory of what records tell that settings may name, in
// bytes.
const maxSeen = 8 << 20

// maxCodes bounds the memory of the areas of code reports, in bytes.
const maxCodes = 8 << 20

// Measurer keeps facts true to records, and computes reports. It is safe for
// concurrent use.
type Measurer struct {
	Options

	logs    *kept[logKey, *loaded]
	reports *kept[string, []byte] // without a window, by their tags
	windows *kept[reportKey, []byte]
	seen    *kept[reportKey, Seen]
	people  *kept[int64, *people]
	codes   *kept[string, codeAreas]

	makingWindows *shared[reportKey, []byte]
	makingSeen    *shared[reportKey, Seen]

	// published are the months whose figures of a team were computed, by project.
	published sync.Map
	turns     *turns
}

// processors are those of the machine: a server lets more goroutines run at once,
// so that some are left for requests.
var processors = runtime.GOMAXPROCS(0)

// New returns a measurer that has read nothing yet.
func New(o Options) *Measurer {
	return &Measurer{
		Options: o,
		logs:    newKept[logKey, *loaded](cmp.Or(o.MaxBytes, DefaultMaxBytes)),
		reports: newKept[string, []byte](maxReports),
		windows: newKept[reportKey, []byte](maxReports),
		seen:    newKept[reportKey, Seen](maxSeen),
		people:  newKept[int64, *people](maxReports),
		codes:   newKept[string, codeAreas](maxCodes),
		turns:   newTurns(max(1, processors/2)),

		makingWindows: newShared[reportKey, []byte](),
		makingSeen:    newShared[reportKey, Seen](),
	}
}
