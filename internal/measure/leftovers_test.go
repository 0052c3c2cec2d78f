package measure_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// kept returns everything that the database holds, the symbols of facts
// unpacked.
func (w *world) kept(project string) string {
	w.t.Helper()
	var all strings.Builder
	for name, rows := range storetest.Tables(w.t, w.db) {
		fmt.Fprintln(&all, name, rows)
	}
	packs, _, err := w.FactPacks(w.ctx(), project)
	w.must(err)
	for _, k := range packs {
		if k.Kind == string(facts.KindSymbols) {
			texts, err := facts.NewDecoder(0).Texts(k.Data, nil)
			w.must(err)
			fmt.Fprintf(&all, "%q\n", texts)
		}
	}
	return all.String()
}

// planted are records with people who are nowhere else.
func (w *world) planted(who string) []rampforge.Record {
	item := w.item("planted-"+who, "doing")
	item.WorkItem.Reporter = &rampforge.Account{ID: "acc-" + who, Login: who, Email: who + "@planted.example"}
	signature := rampforge.Signature{Name: "Name " + who, Email: who + "@planted.example"}
	return []rampforge.Record{item, {Stream: rampforge.StreamCommits, ID: "c-" + who, Commit: &rampforge.VendorCommit{Hash: strings.Repeat("c", 40), Author: signature, Committer: signature}}}
}

// TestNobodyIsLeftOver: after a source was unbound or purged, no account, name
// or address of it is anywhere.
func TestNobodyIsLeftOver(t *testing.T) {
	t.Parallel()
	for how, remove := range map[string]func(w *world){
		"purged": func(w *world) {
			w.tx(func(tx *sql.Tx) error { return w.PurgeServiceTx(w.ctx(), tx, "svc", w.now) })
		},
		"unbound, and purged": func(w *world) {
			w.bind("p")
			w.tx(func(tx *sql.Tx) error { return w.PurgeServiceTx(w.ctx(), tx, "svc", w.now) })
		},
	} {
		t.Run(how, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				p := w.project("p", "r1", "r2")
				w.tell("r1", w.planted("quux")...)
				w.tell("r2", w.planted("plugh")...)
				w.refresh(p)
				was := w.kept(p)
				for _, text := range []string{"acc-quux", "Name quux", "quux@planted.example", "acc-plugh"} {
					if !strings.Contains(was, text) {
						t.Fatalf("%s is not there to begin with", text)
					}
				}
				w.now = w.now.Add(time.Hour)
				remove(w)
				w.refresh(p)
				now := w.kept(p)
				for _, text := range []string{"quux", "plugh", "planted"} {
					if at := strings.Index(now, text); at >= 0 {
						t.Errorf("%s is left: …%s…", text, now[max(0, at-80):min(len(now), at+80)])
					}
				}
			})
		})
	}
}

// TestOneOfTwoIsUnbound: the people of the other resource stay.
func TestOneOfTwoIsUnbound(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1", "r2")
		w.tell("r1", w.planted("quux")...)
		w.tell("r2", w.planted("plugh")...)
		w.refresh(p)
		w.bind(p, "r2")
		w.now = w.now.Add(time.Hour)
		w.refresh(p)
		log, err := w.measurer().Log(w.ctx(), p)
		w.must(err)
		texts := strings.Join(log.Symbols.Texts(), " ")
		if strings.Contains(texts, "quux") || !strings.Contains(texts, "acc-plugh") || w.keys(p) != "Kplanted-plugh" {
			t.Errorf("%q, %s", texts, w.keys(p))
		}
	})
}

// TestNoNameIsLeftOfRecordsMadeAnew: who was taken out of records, which are made
// anew as they are, is in no symbol, however few they are among all.
func TestNoNameIsLeftOfRecordsMadeAnew(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1")
		records := w.planted("quux")
		for k := range 40 {
			item := w.item(fmt.Sprint(k), fmt.Sprint("status ", k))
			item.WorkItem.Reporter = &rampforge.Account{ID: fmt.Sprint("who-", k)}
			records = append(records, item)
		}
		w.tell("r1", records...)
		w.refresh(p)
		if was := w.kept(p); !strings.Contains(was, "acc-quux") {
			t.Fatal("nobody is there to begin with")
		}
		w.exec(`UPDATE records SET content = replace(content, '-quux', '-plugh'), raw = NULL WHERE id = 'planted-quux'`)
		w.exec(`UPDATE records SET content = replace(content, '"quux', '"plugh'), raw = NULL WHERE id = 'planted-quux'`)
		w.tx(func(tx *sql.Tx) error { return w.RemakeWorkflowsTx(w.ctx(), tx, "svc", w.now) })
		w.now = w.now.Add(time.Hour)
		w.refresh(p)
		log, err := w.measurer().Log(w.ctx(), p)
		w.must(err)
		texts := strings.Join(log.Symbols.Texts(), " ")
		if strings.Contains(texts, "acc-quux") || !strings.Contains(texts, "acc-plugh") || !strings.Contains(texts, "who-39") {
			t.Errorf("%q", texts)
		}
	})
}

// TestWhatGoesAndComesDoesNotGrow: what comes in place of something else leaves
// nothing of it, whether a source goes or its records do.
func TestWhatGoesAndComesDoesNotGrow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1")
		w.tell("r1", w.planted("quux")...)
		w.refresh(p)
		var sizes []int
		for i := range 5 {
			v := rampforge.Import{ID: fmt.Sprint("imp", i), ProjectID: p, Name: "log", Format: "csv", CreatedBy: w.user.ID, CreatedAt: w.now}
			w.must(w.BeginImport(w.ctx(), v))
			var items []rampforge.Record
			for k := range 40 {
				item := w.item(fmt.Sprint(k), fmt.Sprintf("status %d of %d", k, i))
				item.WorkItem.Reporter = &rampforge.Account{ID: fmt.Sprintf("who-%d-%d", i, k)}
				items = append(items, item)
			}
			w.must(w.StageImport(w.ctx(), v.ID, items, w.now))
			_, err := w.KeepImport(w.ctx(), v, nil, w.now)
			w.must(err)
			w.now = w.now.Add(time.Hour)
			w.refresh(p)
			sizes = append(sizes, len(w.texts(p)))
			if i > 0 && slices.ContainsFunc(w.texts(p), func(text string) bool { return strings.Contains(text, fmt.Sprintf("who-%d-", i-1)) }) {
				t.Errorf("the people of import %d are left", i-1)
			}
		}
		if sizes[4] != sizes[0] {
			t.Errorf("it grows: %v", sizes)
		}
	})
}

func (w *world) texts(project string) []string {
	w.t.Helper()
	log, err := w.measurer().Log(w.ctx(), project)
	w.must(err)
	return log.Symbols.Texts()
}

// TestOtherPeopleAreAReasonToLook: after people were merged or split, who reads
// the kept report has it made anew, once.
func TestOtherPeopleAreAReasonToLook(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1")
		w.tell("r1", w.planted("quux")...)
		w.refresh(p)
		read := func() {
			_, err := w.measurer().Kept(w.ctx(), p, time.Second)
			w.must(err)
		}
		if read(); w.refresh(p) {
			t.Error("nothing changed")
		}
		w.tx(func(tx *sql.Tx) error { return w.StalePeopleTx(w.ctx(), tx) })
		if read(); !w.refresh(p) {
			t.Error("people changed, and nobody looks")
		}
		if read(); w.refresh(p) {
			t.Error("it is looked at twice")
		}
	})
}
