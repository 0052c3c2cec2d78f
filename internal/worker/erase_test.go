package worker_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"go.etcd.io/bbolt"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/assistant/documents"
	"github.com/rampforgeai/rampforge/internal/assistant/narrative"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/httpclient"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/ingest/identity"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/worker"
)

// erasedShop is a repository whose history and files name people. Its author and
// committer are those of the names; Bo stays.
const erasedShop = `
-- .mailmap --
Ada Byron <ada@corp.test> <old.ada@elsewhere.test>
Ada Byron <ada@corp.test> <ada@home.test>
-- go.mod --
module example.com/shop
-- AUTHORS.md --
# Authors

The cart is by Ada Byron <ada@corp.test>, whom you reach as @abyron.
-- cart/cart.go --
// Package cart is what is bought. Ada Byron keeps it.
package cart

// Checkout ends the purchase. Ask Ada Byron before a change.
func Checkout(n int) bool { return n > 0 }
-- main.go --
package main

import "example.com/shop/cart"

func main() { cart.Checkout(3) }
-- commit: The cart of Ada Byron --
author: Ada Byron <ada@corp.test>

Ada Byron wrote it.

Signed-off-by: Ada Byron <ada@home.test>
-- cart/more.go --
package cart

// Empty reports whether nothing is bought.
func Empty(n int) bool { return n == 0 }
-- commit: Tell what is empty --
author: Ada Byron <old.ada@elsewhere.test>
-- cart/less.go --
package cart

// Less is one less.
func Less(n int) int { return n - 1 }
-- commit: One less --
author: Bo Stone <bo@corp.test>

Co-authored-by: Ada Lovelace <ada@home.test>
`

// ofAda is what names her.
var ofAda = []string{"Ada Byron", "ada@corp.test", "ada@home.test", "old.ada@elsewhere.test", "abyron", "Ada Lovelace"}

// mayStay are the columns that name her after an erasure, with reasons that stand
// in docs/people-data.md.
var mayStay = map[string]string{}

// eraseLab is a process that does everything with the product's own parts.
func eraseLab(t *testing.T, db *database.DB) *library {
	t.Helper()
	guard, err := httpclient.NewGuard(httpclient.Options{Allow: []string{"127.0.0.1"}, AllowHTTP: true})
	if err != nil {
		t.Fatal(err)
	}
	inspector := inspect.New(inspect.Options{Guard: guard, AllowHTTP: true, Parsers: builtin.Parsers(), Limits: git.Limits{Timeout: time.Minute}})
	l := &library{db: db}
	l.process = start(t, db, "one", 2, inspector.Inspect, patient, func(w *worker.Options) {
		w.Request = func(r rampforge.Repository, opt rampforge.AnalysisOptions) inspect.Request {
			return inspect.Request{Source: r.URL, Name: "shop", Ref: opt.Ref, MirrorDir: w.Mirrors.Mirror(r.ID), FactsFile: w.Mirrors.Facts(r.ID)}
		}
		reading := func(ctx context.Context, r rampforge.Repository) (inspect.Request, error) {
			erased, err := w.Store.Erased(ctx)
			q := w.Request(r, rampforge.AnalysisOptions{})
			q.Erased = erased.Names()
			return q, err
		}
		l.indexer = &search.Indexer{Store: w.Store, Reader: inspector, Now: time.Now, Request: reading}
		w.Searches = l.indexer
		w.Narratives = &narrative.Describer{Store: w.Store, Reader: inspector, Now: time.Now, Logger: slog.New(slog.DiscardHandler), Request: reading}
		w.Documents = &documents.Maker{Store: w.Store, Opener: inspector, Now: time.Now, Request: reading}
		people := &ingest.People{Store: w.Store, Now: time.Now}
		w.Workflows = measure.New(measure.Options{Store: w.Store, Logger: slog.New(slog.DiscardHandler), Now: time.Now, Subject: identity.Subject, Proven: people.Proven})
	})
	return l
}

// TestNothingNamesWhoWasErased analyses a repository, syncs, asks, makes documents,
// imports, erases somebody, and looks through every column of every table and through
// all files; and once more after everything was read again.
func TestNothingNamesWhoWasErased(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		l := eraseLab(t, db)
		s := l.shelf(erasedShop)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("%v\n%s", err, l.logs)
			}
		}
		ctx, now := t.Context(), time.Now().UTC()
		ada, err := l.store.CreateUser(ctx, store.Registration{Email: "ada@corp.test", Name: "Ada Byron", PasswordHash: "x", Role: rampforge.RoleDeveloper, At: now})
		must(err)
		_, err = l.store.CreateToken(ctx, rampforge.APIToken{UserID: ada.ID, Name: "of Ada Byron", Scopes: []string{"read"}, Prefix: "rf_1", CreatedAt: now}, "h")
		must(err)
		_, err = l.store.CreateSession(ctx, store.NewSession{UserID: ada.ID, PasswordHash: "x", RefreshHash: "r", Device: "laptop of Ada Byron", Address: "192.0.2.7", At: now, ExpiresAt: now.Add(time.Hour)})
		must(err)
		must(l.store.Audit(ctx, rampforge.AuditEntry{At: now, ActorID: s.lead.ID, Action: "user.invited", TargetID: "ada@corp.test", Details: map[string]any{"name": "Ada Byron", "to": []string{"Ada@corp.test"}}}))
		filled := func() {
			t.Helper()
			l.analysed(s)
			l.indexed(s)
			l.described(s)
			l.made(s, l.documented(s, true).ID)
			l.synced(s, adasWork())
			l.imported(s)
			answer := rampforge.Answer{Question: "What does Ada Byron do?", Text: "Ada Byron <ada@corp.test> keeps the cart.", AskedAt: now}
			_, err := l.store.KeepAnswer(ctx, store.ViewerOf(s.lead), s.project, "About Ada Byron", answer)
			must(err)
		}
		filled()
		before := columns(t, db)
		for _, name := range ofAda {
			if len(before.naming(name)) == 0 {
				t.Errorf("%q is nowhere before, so that its absence proves nothing", name)
			}
		}
		for _, place := range []string{"codebase_analyses.report", "code_indexes.content", "passages.body", "records.content", "document_sections.content", "answers.content", "audit_log.details", "signatures.name", "users.email", "api_tokens.name"} {
			if !before.in(place) {
				t.Errorf("%s does not name her before, so that its silence proves nothing", place)
			}
		}

		named := false
		for _, content := range filesOf(t, l.dir) {
			named = named || bytes.Contains(content, []byte("ada@corp.test"))
		}
		if !named {
			t.Error("no file names her before, so that their silence proves nothing")
		}

		subject, err := l.store.Subject(ctx, "Ada@corp.test")
		must(err)
		// What an export tells of is what an erasure changes.
		told := map[string]bool{}
		must(l.store.SubjectMentions(ctx, subject, codeindex.Nameless, func(m store.Mention) error { told[m.Where] = true; return nil }))
		for _, where := range []string{"reports", "code_indexes", "passages", "records", "document_sections", "answers", "conversations", "audit_log"} {
			if !told[where] {
				t.Errorf("an export does not tell of %s: %v", where, told)
			}
		}
		pseudonym, err := l.store.Erase(ctx, subject, now)
		must(err)
		// A process dies before each step, and another goes on.
		for passed := false; !passed; {
			dead, kill := context.WithCancel(ctx)
			kill()
			if _, err := l.store.EraseStep(dead, codeindex.Nameless, time.Now()); err == nil {
				t.Fatal("a dead process works")
			}
			step, err := store.New(db).EraseStep(ctx, codeindex.Nameless, time.Now())
			must(err)
			passed = step.Passed
		}
		_, err = (&ingest.People{Store: l.store, Now: time.Now}).Resolve(ctx)
		must(err)
		nobodyNamed := func(when string) {
			t.Helper()
			l.settled(s)
			after := columns(t, db)
			for _, name := range ofAda {
				for _, place := range after.naming(name) {
					if mayStay[place] == "" {
						t.Errorf("%s %q is in %s: %.200q", when, name, place, after.around(place, name))
					}
				}
			}
			if len(after.naming(pseudonym)) < 5 {
				t.Errorf("%s the pseudonym is in %v", when, after.naming(pseudonym))
			}
			for path, content := range filesOf(t, l.dir) {
				for _, name := range ofAda {
					if bytes.Contains(content, []byte(name)) {
						t.Errorf("%s %q is in the file %s", when, name, path)
					}
				}
			}
		}
		l.pool.ForgetNames(ctx)
		nobodyNamed("after the erasure")
		left := map[string]int{}
		must(l.store.SubjectMentions(ctx, subject, codeindex.Nameless, func(m store.Mention) error { left[m.Where]++; return nil }))
		delete(left, "records") // her accounts go by the pseudonym, and are found as hers by their ids
		if len(left) > 0 {
			t.Errorf("an export tells of her still: %v", left)
		}
		filled() // everything is read again
		nobodyNamed("after everything was read again")
	})
}

// adasWork is what a vendor tells of her.
func adasWork() []rampforge.Record {
	ada := &rampforge.Account{ID: "7", Login: "abyron", Name: "Ada Byron", Email: "ada@corp.test", EmailVerified: true}
	bo := &rampforge.Account{ID: "8", Login: "bo", Name: "Bo Stone"}
	at := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	return []rampforge.Record{{Stream: rampforge.StreamWorkItems, ID: "1", ResourceID: "r", UpdatedAt: at, Raw: []byte(`{"by":"Ada Byron"}`), WorkItem: &rampforge.WorkItem{
		Key: "S-1", Type: "task", Title: "Ada Byron asks for a cart", Body: "cc @abyron, or ada@home.test", Status: "open", Reporter: ada, Assignees: []rampforge.Account{*ada, *bo}, CreatedAt: at, UpdatedAt: at,
		Events:   []rampforge.WorkItemEvent{{ID: "1", Field: rampforge.FieldAssignee, From: "Bo Stone", To: "abyron", FromID: "8", ToID: "7", At: at, Actor: bo}},
		Comments: []rampforge.Comment{{ID: "1", Author: bo, Body: "Byron, Ada knows. Thanks, ADA BYRON!", CreatedAt: at, UpdatedAt: at}},
	}}}
}

// synced keeps records of a service as a sync does, and binds them to the project.
func (l *library) synced(s *shelf, records []rampforge.Record) {
	l.t.Helper()
	ctx, now := l.t.Context(), time.Now()
	const id = "svc_vendor"
	if _, err := l.store.Service(ctx, id); err != nil {
		v := rampforge.Service{ID: id, Type: rampforge.ServiceJira, Name: "vendor", Endpoint: "https://vendor.example.com", Transport: rampforge.TransportREST, CreatedBy: s.lead.ID, CreatedAt: now, Enabled: true}
		if err := l.store.CreateService(ctx, v, store.SealedCredentials{KeyID: "key", Text: []byte("sealed")}); err != nil {
			l.t.Fatal(err)
		}
	}
	service, err := l.store.Service(ctx, id)
	if err != nil {
		l.t.Fatal(err)
	}
	job := time.Now().UnixNano()
	enqueue := func(context.Context, *sql.Tx, string) (int64, error) { return job, nil }
	var run rampforge.SyncRun
	err = l.store.InTx(ctx, func(tx *sql.Tx) (err error) {
		run, err = l.store.StartSyncTx(ctx, tx, store.SyncRequest{RunID: store.NewID("sync"), Services: []rampforge.Service{service}, RequestedBy: s.lead.ID, At: now}, enqueue)
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	c := store.SyncClaim{TaskID: run.Tasks[0].ID, JobID: job, Owner: "test"}
	if _, claimed, err := l.store.ClaimSync(ctx, c, now, now); err != nil || !claimed {
		l.t.Fatal(claimed, err)
	}
	err = l.store.PutResources(ctx, c, id, []rampforge.Resource{{ID: "r", Kind: "project", Key: "S", Name: "Space of Ada Byron", Streams: []rampforge.Stream{rampforge.StreamWorkItems}}}, now)
	if err == nil {
		var at store.Position
		if at, err = l.store.Position(ctx, store.Place{ServiceID: id, ResourceID: "r", Stream: rampforge.StreamWorkItems}); err != nil {
			l.t.Fatal(err)
		}
		err = l.store.PutPage(ctx, c, &at, records, []byte(`"end"`), nil, now)
	}
	if err == nil {
		err = l.store.FinishSync(ctx, c, store.SyncEnd{Status: rampforge.SyncCompleted, Message: "Done."}, now, enqueue)
	}
	if err == nil {
		_, err = (&ingest.People{Store: l.store, Now: time.Now}).Resolve(ctx)
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

// imported brings a log into the project whose resources are people.
func (l *library) imported(s *shelf) {
	l.t.Helper()
	ctx, now := l.t.Context(), time.Now().UTC()
	v := rampforge.Import{ID: store.NewID("imp"), ProjectID: s.project, Name: "log of Ada Byron", Format: "xes", CreatedBy: s.lead.ID, CreatedAt: now}
	who := func(name string) *rampforge.Account { return &rampforge.Account{ID: name, Name: name} }
	item := rampforge.Record{Stream: rampforge.StreamWorkItems, ID: "1", UpdatedAt: now, WorkItem: &rampforge.WorkItem{Key: "1", Type: "case", Title: "1", Status: "done", EventLog: true, CreatedAt: now.Add(-time.Hour), UpdatedAt: now,
		Events: []rampforge.WorkItemEvent{
			{Field: rampforge.FieldStatus, To: "new", At: now.Add(-time.Hour), Actor: who("abyron")}, {Field: rampforge.FieldStatus, To: "done", At: now, Actor: who("Ada Byron")},
		}}}
	err := l.store.BeginImport(ctx, v)
	if err == nil {
		err = l.store.StageImport(ctx, v.ID, []rampforge.Record{item}, now)
	}
	if err == nil {
		v.Cases, v.Events = 1, 2
		_, err = l.store.KeepImport(ctx, v, nil, now)
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

// settled waits until what is made of what is kept was made anew.
func (l *library) settled(s *shelf) {
	l.t.Helper()
	l.indexed(s)
	l.described(s)
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		w, err := l.store.Workflow(l.t.Context(), s.project)
		if err == nil && w.Done == w.Wanted && w.Status == store.WorkflowCurrent {
			return
		}
		if time.Now().After(deadline) {
			l.t.Fatalf("the facts are never up to date: %+v, %v\n%s", w, err, l.logs)
		}
	}
}

// everyColumn is what stands in a database, by table and column; what is packed is
// unpacked.
type everyColumn map[string][]string

func columns(t *testing.T, db *database.DB) everyColumn {
	t.Helper()
	tables := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if db.Engine() == database.Postgres {
		tables = `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`
	}
	out := everyColumn{}
	for _, table := range read(t, db, tables, func([]string) string { return "" })[""] {
		for column, values := range read(t, db, `SELECT * FROM `+table, func([]string) string { return table }) {
			out[column] = append(out[column], values...)
		}
	}
	return out
}

// read returns the values of a query by their columns, behind the name of a table.
func read(t *testing.T, db *database.DB, text string, of func([]string) string) map[string][]string {
	t.Helper()
	rows, err := db.Read().QueryContext(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	unpack, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer unpack.Close()
	out := map[string][]string{}
	for rows.Next() {
		into := make([]any, len(names))
		for i := range into {
			into[i] = new(any)
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for i, name := range names {
			key := ""
			if table := of(names); table != "" {
				key = table + "." + name
			}
			switch v := (*into[i].(*any)).(type) {
			case nil:
			case []byte:
				out[key] = append(out[key], plainly(unpack, v))
			default:
				out[key] = append(out[key], fmt.Sprint(v))
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// plainly unpacks what is packed: whole, or behind the byte of a version.
func plainly(unpack *zstd.Decoder, content []byte) string {
	for skip := range min(len(content), 9) {
		if text, err := unpack.DecodeAll(content[skip:], nil); err == nil && len(text) > 0 {
			return string(text)
		}
	}
	return string(content)
}

// naming are the columns in which a name stands, without regard to case.
func (c everyColumn) naming(name string) (places []string) {
	for place, values := range c {
		for _, v := range values {
			if strings.Contains(strings.ToLower(v), strings.ToLower(name)) {
				places = append(places, place)
				break
			}
		}
	}
	return places
}

// in reports whether a column names her.
func (c everyColumn) in(place string) bool {
	for _, name := range ofAda {
		if slices.Contains(c.naming(name), place) {
			return true
		}
	}
	return false
}

func (c everyColumn) around(place, name string) string {
	for _, v := range c[place] {
		if i := strings.Index(strings.ToLower(v), strings.ToLower(name)); i >= 0 {
			return v[max(i-80, 0):min(len(v), i+100)]
		}
	}
	return ""
}

// filesOf are the files of a folder but for mirrors, which are the repositories
// themselves, and for what facts files say of the files in them; what those say of
// commits is there.
func filesOf(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasSuffix(path, ".git"):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		if filepath.Ext(path) == ".facts" {
			out[path], err = commitsOf(path)
			return err
		}
		content, err := os.ReadFile(path)
		out[path] = content
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// commitsOf is what a facts file says besides what it says of files.
func commitsOf(path string) (content []byte, err error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 10 * time.Second, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			if string(name) == "blobs" {
				return nil
			}
			return b.ForEach(func(k, v []byte) error {
				content = append(append(content, k...), v...)
				return nil
			})
		})
	})
	return content, err
}
