package search_test

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/store"
)

// work embeds all that is due and returns how many scopes were.
func (r *reading) work() int {
	r.t.Helper()
	var due []int64
	r.must(r.QueueSearch(r.t.Context(), func(_ context.Context, _ *sql.Tx, scope int64) (int64, error) {
		due = append(due, scope)
		return 100 + scope, nil
	}, 50, r.now))
	for _, scope := range due {
		c := store.SearchClaim{Scope: scope, JobID: 100 + scope, Owner: "test"}
		was, claimed, err := r.ClaimSearch(r.t.Context(), c, r.now, r.now.Add(-time.Minute))
		if err != nil || !claimed {
			r.t.Fatalf("the scope %d is not due: %v", scope, err)
		}
		if was.Wanted > was.Done { // its words are no part of this
			r.must(r.SearchIndexed(r.t.Context(), c, was, "abc", r.now, r.now))
			was.Done = was.Wanted
		}
		r.must(r.indexer().Refresh(r.t.Context(), c, was))
	}
	return len(due)
}

// TestKnowledgeByMeaning finds what people wrote by what it means, as soon as it
// is approved and as long as the project permits to send it.
func TestKnowledgeByMeaning(t *testing.T) {
	eachReading(t, func(t *testing.T, r *reading) {
		project := r.project(r.repository("harbour"), true)
		other := r.project(r.repository("quay"), false)
		write := func(project, title, text string) rampforge.KnowledgeItem {
			k := rampforge.KnowledgeItem{ID: store.NewID("kno"), ProjectID: project, Title: title, Text: text, Author: &rampforge.KnowledgeAuthor{UserID: r.ann.ID, Name: r.ann.Name},
				State: rampforge.KnowledgeDraft, CreatedAt: r.now, UpdatedAt: r.now}
			r.must(r.CreateKnowledge(t.Context(), k))
			return k
		}
		set := func(k rampforge.KnowledgeItem, state rampforge.KnowledgeState, text string) {
			r.now = r.now.Add(time.Minute)
			_, err := r.ChangeKnowledge(t.Context(), k.ID, r.now, func(k *rampforge.KnowledgeItem) error {
				k.State, k.ApprovedAt, k.Text = state, &r.now, text
				return nil
			})
			r.must(err)
		}
		const said = "a berth is kept free for a boat of the pilots"
		k := write(project, "Reserved", said)
		secret := write(other, "Elsewhere", said)
		set(secret, rampforge.KnowledgeApproved, said)
		set(k, rampforge.KnowledgeDraft, said)
		r.space("one", r.embedder) // as each process does again and again
		r.work()
		m := r.meaning()
		const question = "where to moor a ship"
		if got, by := r.found(m, r.ann, project, question); got != "" || by.Used {
			t.Errorf("a draft is found: %q", got)
		}
		set(k, rampforge.KnowledgeApproved, said)
		r.work()
		if got, by := r.found(m, r.ann, project, question); got != "Reserved" || !by.Used {
			t.Errorf("%q, %+v", got, by)
		}
		if got, _ := r.found(m, r.ann, project, question, rampforge.PassageKnowledge); got != "Reserved" {
			t.Errorf("by its kind: %q", got)
		}
		sent := r.embedder.Texts(llm.TaskDocument)
		if n := len(slices.DeleteFunc(slices.Clone(sent), func(s string) bool { return !strings.Contains(s, "berth") })); n != 1 || slices.ContainsFunc(sent, func(s string) bool { return strings.Contains(s, "Elsewhere") }) {
			t.Errorf("sent were %q", sent)
		}
		if got, by := r.found(m, r.ann, other, question); got != "" || by.Used {
			t.Errorf("of a project that keeps its code here %q is found", got)
		}
		// What is changed is embedded anew, what is not approved any more is found no more.
		set(k, rampforge.KnowledgeApproved, "the bill is due at the gate")
		r.work()
		if got, _ := r.found(m, r.ann, project, "how to pay"); got != "Reserved" {
			t.Errorf("after a change: %q", got)
		}
		if n := r.work(); n != 0 {
			t.Errorf("%d scopes are due again", n)
		}
		// The switch of the project.
		switched := func(permit bool) {
			r.now = r.now.Add(time.Minute)
			r.must(r.InTx(t.Context(), func(tx *sql.Tx) error {
				_, err := r.UpdateProjectTx(t.Context(), tx, project, r.now, func(p *rampforge.Project) error { p.AICode = permit; return nil })
				return err
			}))
			r.work()
		}
		if switched(false); r.count(`SELECT count(*) FROM passage_embeddings`) != 0 {
			t.Error("vectors are kept of what may not be sent")
		}
		if got, by := r.found(m, r.ann, project, "how to pay"); got != "" || by.Used {
			t.Errorf("where it may not be sent: %q", got)
		}
		switched(true)
		if got, _ := r.found(m, r.ann, project, "how to pay"); got != "Reserved" {
			t.Errorf("where it may be sent again: %q", got)
		}
		set(k, rampforge.KnowledgeDraft, said)
		r.work()
		if got, _ := r.found(m, r.ann, project, "how to pay"); got != "" {
			t.Errorf("a draft is found: %q", got)
		}
	})
}
