package rampforge

// Delivery is what one message of a vendor's webhook comes to.
type Delivery struct {
	// ID is the vendor's, the same when the vendor sends the message again; "" is
	// none, and then the message itself tells.
	ID      string
	Event   string // the vendor's word for what happened; for people
	Changes []RecordChange
	Sync    bool // something changed that the next sync will read
}

// Empty reports whether there is nothing to do.
func (d Delivery) Empty() bool { return len(d.Changes) == 0 && !d.Sync }

// RecordChange says of one record whether it is there. ID is that of the
// record, as the vendor's connector has it.
type RecordChange struct {
	Stream     Stream `json:"stream"`
	ID         string `json:"id"`
	ResourceID string `json:"resource_id,omitempty"` // only a record of this resource is meant; "" is of any
	Gone       bool   `json:"gone"`                  // else it is there again
}
