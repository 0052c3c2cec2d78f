package ingest

import (
	"slices"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// maxNotes bounds what one sync has to tell besides its faults.
const maxNotes = 500

// note keeps what there is to know and is no fault: that a server does not have
// a stream, or that it left a record out. A place that is read again says
// the same again.
func (r *run) note(resource string, stream rampforge.Stream, err error) {
	r.remark(rampforge.SyncFault{Resource: resource, Stream: stream, Reason: connector.Reason(err), Message: rampforge.ErrorMessage(err)})
}

// remark keeps a note, once.
func (r *run) remark(n rampforge.SyncFault) {
	if len(r.notes) < maxNotes && !slices.Contains(r.notes, n) {
		r.notes = append(r.notes, n)
	}
}
