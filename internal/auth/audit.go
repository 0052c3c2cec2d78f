package auth

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

// The forms of an exported audit log.
const (
	AuditJSONL = "jsonl"
	AuditCSV   = "csv"
)

// auditHead is the first line of an audit log as CSV.
var auditHead = []string{"at", "actor_id", "action", "target_id", "success", "address", "request_id", "details", "id"}

// ExportAudit writes the audit log as JSONL, a line as the API has it for each,
// or as CSV (RFC 4180), oldest first, and returns how many lines it wrote. Cells
// of CSV that a spreadsheet would take for a formula begin with an apostrophe.
func ExportAudit(ctx context.Context, records *store.Store, to io.Writer, format string, f store.AuditFilter) (int, error) {
	n := 0
	write, flush, err := auditWriter(to, format)
	if err != nil {
		return 0, err
	}
	err = records.EachAudit(ctx, f, func(e rampforge.AuditEntry) error {
		n++
		e.At = e.At.UTC()
		return write(e)
	})
	if err != nil {
		return n, err
	}
	return n, flush()
}

func auditWriter(to io.Writer, format string) (write func(rampforge.AuditEntry) error, flush func() error, err error) {
	switch format {
	case AuditJSONL:
		out := json.NewEncoder(to)
		return func(e rampforge.AuditEntry) error { return out.Encode(e) }, func() error { return nil }, nil
	case AuditCSV:
		out := csv.NewWriter(to)
		out.UseCRLF = true
		if err := out.Write(auditHead); err != nil {
			return nil, nil, err
		}
		return func(e rampforge.AuditEntry) error {
				row, err := auditRow(e)
				if err != nil {
					return err
				}
				return out.Write(row)
			}, func() error {
				out.Flush()
				return out.Error()
			}, nil
	}
	return nil, nil, fmt.Errorf("the format %q is not known: use jsonl or csv", format)
}

func auditRow(e rampforge.AuditEntry) ([]string, error) {
	details, err := json.Marshal(e.Details)
	if err != nil {
		return nil, err
	}
	row := []string{e.At.Format(time.RFC3339Nano), e.ActorID, e.Action, e.TargetID, strconv.FormatBool(e.Success), e.Address, e.RequestID, string(details), e.ID}
	for n := range row {
		row[n] = eventlog.Guard(row[n])
	}
	return row, nil
}
