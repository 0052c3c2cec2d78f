package ingest

import (
	"fmt"
	"slices"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/store"
)

// An id that no column takes must not end the sync: the vendor would send it
// again at every one. What has it is left out, and the rest is read.

// fitRecords returns the records of a page whose ids can be kept, and notes when
// there are others. They are few: the page is copied only then.
func (r *run) fitRecords(resource rampforge.Resource, place store.Place, records []rampforge.Record) []rampforge.Record {
	if !slices.ContainsFunc(records, unfitRecord) {
		return records
	}
	r.note(resource.Key, place.Stream, connector.Errorf(connector.ReasonMalformed,
		fmt.Sprintf("A record is left out: its id, or that of its resource, is empty, longer than %d bytes, or holds control characters.", connector.MaxRecordID),
		"Report it to who runs the service.", nil))
	return slices.DeleteFunc(slices.Clone(records), unfitRecord)
}

func unfitRecord(v rampforge.Record) bool {
	return !connector.FitID(v.ID, connector.MaxRecordID) || v.ResourceID != "" && unfitResource(v.ResourceID)
}

func unfitResource(id string) bool { return !connector.FitID(id, connector.MaxResourceID) }

// fitResources returns the resources whose ids can be kept; that there are
// others is a fault.
func (r *run) fitResources(all []rampforge.Resource) []rampforge.Resource {
	fit := onlyFit(all)
	if len(fit) < len(all) {
		r.fault("", "", connector.Errorf(connector.ReasonMalformed,
			fmt.Sprintf("A resource is left out: its id is empty, longer than %d bytes, or holds control characters.", connector.MaxResourceID),
			"Report it to who runs the service.", nil))
	}
	return fit
}

func onlyFit(all []rampforge.Resource) []rampforge.Resource {
	return slices.DeleteFunc(slices.Clone(all), func(v rampforge.Resource) bool { return unfitResource(v.ID) })
}
