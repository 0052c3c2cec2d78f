package ingest_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

const (
	benchItems   = 2000
	benchChanges = 20
	benchPage    = 100
)

// payloads are work items as a vendor sends them: JSON of some 4 kB with their
// changes.
func payloads(b *testing.B) [][]byte {
	b.Helper()
	var all [][]byte
	for n := range benchItems {
		item := rampforge.WorkItem{
			Key: fmt.Sprint("PROJ-", n), Title: fmt.Sprint("What is to be done about ", n), Body: strings.Repeat("Words of a description. ", 20),
			Status: "In Progress", StatusCategory: rampforge.StatusInProgress, Labels: []string{"one", "two"}, Assignees: []rampforge.Account{{ID: fmt.Sprint(n % 50), Login: "somebody"}},
			SprintIDs: []string{"1"}, Links: []rampforge.WorkItemLink{}, Comments: []rampforge.Comment{}, CreatedAt: time.Unix(1e9, 0).UTC(), UpdatedAt: time.Unix(1e9+int64(n), 0).UTC(),
		}
		for c := range benchChanges {
			item.Events = append(item.Events, rampforge.WorkItemEvent{ID: fmt.Sprint(c), Field: rampforge.FieldStatus, From: "Open", To: "In Progress",
				At: time.Unix(1e9+int64(c), 0).UTC(), Actor: &rampforge.Account{ID: fmt.Sprint(c), Login: "actor"}})
		}
		text, err := json.Marshal(item)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, text)
	}
	return all
}

// decoding is a vendor whose answers are decoded as they are read.
type decoding struct {
	onlyResource

	payloads [][]byte
}

type onlyResource struct{ vendor }

func (*onlyResource) Resources(context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) {
		yield(rampforge.Resource{ID: "r", Kind: "project", Key: "R", Name: "R", Streams: []rampforge.Stream{rampforge.StreamWorkItems}}, nil)
	}
}

func (d *decoding) Read(_ context.Context, r rampforge.Resource, stream rampforge.Stream, _ connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		for at := 0; at < len(d.payloads); at += benchPage {
			page := connector.Page{Next: connector.Cursor(fmt.Sprint(at + benchPage))}
			for i, text := range d.payloads[at : at+benchPage] {
				item := new(rampforge.WorkItem)
				if err := json.Unmarshal(text, item); err != nil {
					panic(err)
				}
				page.Records = append(page.Records, rampforge.Record{Stream: stream, ID: fmt.Sprint(at + i), ResourceID: r.ID, UpdatedAt: item.UpdatedAt, Raw: text, WorkItem: item})
			}
			if !yield(page, nil) {
				return
			}
		}
	}
}

// BenchmarkIngest syncs work items from JSON in memory into each database,
// beside a plain loop that decodes the same JSON and inserts the same texts.
func BenchmarkIngest(b *testing.B) {
	texts := payloads(b)
	for name, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL} {
		b.Run(name+"/sync", func(b *testing.B) {
			db := storetest.Open(b, url(b))
			s := store.New(db)
			for b.Loop() {
				syncOnce(b, s, texts)
			}
			b.ReportMetric(float64(benchItems*b.N)/b.Elapsed().Seconds(), "records/s")
		})
		b.Run(name+"/loop", func(b *testing.B) {
			db := storetest.Open(b, url(b))
			for n := 0; b.Loop(); n++ {
				plainLoop(b, db, fmt.Sprint("svc", n), texts)
			}
			b.ReportMetric(float64(benchItems*b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func syncOnce(b *testing.B, s *store.Store, texts [][]byte) {
	b.Helper()
	ctx := b.Context()
	service := rampforge.Service{ID: store.NewID("svc"), Type: rampforge.ServiceJira}
	var task string
	err := s.InTx(ctx, func(tx *sql.Tx) error {
		run, err := s.StartSyncTx(ctx, tx, store.SyncRequest{RunID: store.NewID("sync"), Services: []rampforge.Service{service}, RequestedBy: "usr_x", At: time.Now()},
			func(context.Context, *sql.Tx, string) (int64, error) { return 1, nil })
		if err == nil {
			task = run.Tasks[0].ID
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	c := store.SyncClaim{TaskID: task, JobID: 1, Owner: "bench"}
	claimed, won, err := s.ClaimSync(ctx, c, time.Now(), time.Now())
	if err != nil || !won {
		b.Fatal(won, err)
	}
	syncer := &ingest.Syncer{Store: s, Logger: slog.New(slog.DiscardHandler), Now: time.Now}
	result, err := syncer.Sync(ctx, c, claimed, service, &decoding{payloads: texts})
	if err != nil || result.Status != rampforge.SyncCompleted {
		b.Fatal(result, err)
	}
}

// plainLoop decodes and inserts, a page to a transaction as the sync does.
func plainLoop(b *testing.B, db *database.DB, service string, texts [][]byte) {
	b.Helper()
	for at := 0; at < len(texts); at += benchPage {
		err := db.InTx(b.Context(), func(tx *sql.Tx) error {
			insert, err := tx.PrepareContext(b.Context(), `INSERT INTO records (service_id, stream, id, resource_id, key, title, state, updated_at, content, synced_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8)`)
			if err != nil {
				return err
			}
			defer insert.Close()
			for i, text := range texts[at : at+benchPage] {
				var item rampforge.WorkItem
				if err := json.Unmarshal(text, &item); err != nil {
					return err
				}
				if _, err := insert.ExecContext(b.Context(), service, "work_items", fmt.Sprint(at+i), "r", item.Key, item.Title, "in_progress", item.UpdatedAt, string(text)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
