package builder_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts/builder"
)

// BenchmarkBuild makes the facts of a work item with ten changes and two
// comments.
func BenchmarkBuild(b *testing.B) {
	ann := &rampforge.Account{ID: "5b10ac8d82e05b22cc7d4e", Login: "ann", Name: "Ann With A Name"}
	w := rampforge.WorkItem{Key: "P-1", Title: "A title", Body: strings.Repeat("What is to be done, and why. ", 20), Reporter: ann, CreatedAt: day(0), UpdatedAt: day(20), Status: "S10", StatusID: "10"}
	for i := range 10 {
		w.Events = append(w.Events, rampforge.WorkItemEvent{ID: fmt.Sprint("123456.", i), Field: rampforge.FieldStatus, From: fmt.Sprint("S", i), FromID: fmt.Sprint(i), To: fmt.Sprint("S", i+1), ToID: fmt.Sprint(i + 1), At: day(float64(i)), Actor: ann})
	}
	for range 2 {
		w.Comments = append(w.Comments, rampforge.Comment{Author: ann, Body: strings.Repeat("Something to say about it. ", 5), CreatedAt: day(1)})
	}
	text, err := json.Marshal(w)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	into := builder.New()
	for b.Loop() {
		if err := into.Add(builder.Record{Stream: rampforge.StreamWorkItems, ServiceID: "svc", ResourceID: "res", ID: "1", SyncedAt: time.Unix(1, 0), Content: text}); err != nil {
			b.Fatal(err)
		}
	}
}
