package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// scoped makes a repository whose scope is claimed, and a project over it that
// ann is a member of.
func (b *bundle) scoped(name string, ann rampforge.User) (project string, claim store.SearchClaim) {
	b.t.Helper()
	owner := b.user("owner-of-"+name, rampforge.RoleTeamLead)
	r := b.repository(owner, name)
	p := rampforge.Project{ID: store.NewID("prj"), Name: name, Status: rampforge.ProjectActive, RepositoryID: &r.ID, CreatedBy: owner.ID, CreatedAt: b.now, UpdatedAt: b.now}
	b.must(b.InTx(b.ctx(), func(tx *sql.Tx) error {
		if err := b.CreateProjectTx(b.ctx(), tx, p, []string{ann.Email}); err != nil {
			return err
		}
		return b.StaleRepositorySearchTx(b.ctx(), tx, r.ID, b.now)
	}))
	return p.ID, b.claimScope(r.ID)
}

// claimScope queues what is due and claims the scope of a repository.
func (b *bundle) claimScope(repositoryID string) store.SearchClaim {
	b.t.Helper()
	b.must(b.QueueSearch(b.ctx(), b.enqueueScope, 100, b.now))
	scope, err := b.ScopeOfRepository(b.ctx(), repositoryID)
	b.must(err)
	claim := store.SearchClaim{Scope: scope.Number, JobID: 1000 + scope.Number, Owner: "test"}
	if _, claimed, err := b.ClaimSearch(b.ctx(), claim, b.now, b.now.Add(-time.Minute)); err != nil || !claimed {
		b.t.Fatalf("the scope of %s is not to be had: %v", repositoryID, err)
	}
	return claim
}

func (b *bundle) enqueueScope(_ context.Context, _ *sql.Tx, scope int64) (int64, error) {
	return 1000 + scope, nil
}

// found are the titles that a search of a project returns.
func (b *bundle) found(v store.Viewer, project, question string, kinds ...rampforge.PassageKind) string {
	b.t.Helper()
	var list []string
	for _, t := range terms.NewSplitter().Terms(question) {
		list = append(list, t.Text)
	}
	got, err := b.Search(b.ctx(), v, project, store.SearchQuery{Terms: list, Kinds: kinds, Limit: 10})
	b.must(err)
	titles := make([]string, len(got.Passages))
	for i, p := range got.Passages {
		titles[i] = p.Title
	}
	return strings.Join(titles, ", ")
}

func passageOf(key, title, names, text string) rampforge.Passage {
	return rampforge.Passage{Kind: rampforge.PassageCode, Key: key, Version: "1", Path: key, Title: title, Names: names, Text: text, StartLine: 1, EndLine: 2}
}

// TestSearch finds passages by their rarest words, names first, and by nobody
// who may not see the project.
func TestSearch(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ann, bert := b.user("ann", rampforge.RoleDeveloper), b.user("bert", rampforge.RoleDeveloper)
		project, claim := b.scoped("shop", ann)
		other, _ := b.scoped("other", ann)
		at := b.now
		commit := rampforge.Passage{Kind: rampforge.PassageCommit, Key: "c1", Version: "c1", Commit: "c1", Title: "Retry payments", Text: "Retry payments that time out.", Paths: []string{"pay.go"}, At: &at}
		b.changed(b.ChangePassages(b.ctx(), claim, store.PassageChange{Put: []rampforge.Passage{
			passageOf("pay.go", "pay", "retryPayment", "func retryPayment() { for range 3 { send() } }"),
			passageOf("pay.go", "policy", "Policy", "a payment is sent again, see the policy of retries"),
			passageOf("cart.go", "cart", "Cart", "type Cart struct { Items []Item } // 検索 of items's \x00 \xff"),
			commit,
		}}, b.now))
		b.must(b.FinishSearch(b.ctx(), claim, store.SearchScope{Wanted: 1}, "abc", b.now, b.now))
		viewer := store.ViewerOf(ann)
		for question, want := range map[string]string{
			"where are payments retried":    "pay, policy, Retry payments",
			"RetryPayment":                  "pay, policy, Retry payments",
			"retry_payment":                 "pay, policy, Retry payments",
			"the cart":                      "cart",
			"検索":                            "cart",
			"nothing of this is there, zzz": "",
			"":                              "",
			`"quotes' AND ( OR * :`:         "",
		} {
			if got := b.found(viewer, project, question); got != want {
				t.Errorf("%q finds %q, not %q", question, got, want)
			}
		}
		if got := b.found(viewer, project, "payment", rampforge.PassageCommit); got != "Retry payments" {
			t.Errorf("the commits about payments are %q", got)
		}
		apart, err := b.Search(b.ctx(), viewer, project, store.SearchQuery{Terms: []string{"payment"}, Limit: 1, Commits: 5})
		b.must(err)
		if len(apart.Passages) != 2 || apart.Passages[0].Title != "pay" || apart.Passages[1].Kind != rampforge.PassageCommit {
			t.Errorf("one passage and the commits beside it are %+v", apart.Passages)
		}
		if got := b.found(store.ViewerOf(bert), project, "payment") + b.found(viewer, other, "payment"); got != "" {
			t.Errorf("somebody who may not see them finds %q", got)
		}
		found, err := b.Search(b.ctx(), viewer, project, store.SearchQuery{Terms: []string{"cart", "retri"}, Limit: 1})
		b.must(err)
		if diff := cmp.Diff(map[string]int64{"cart": 1, "retri": 3}, found.Frequencies); diff != "" || found.Total != 4 || len(found.Passages) != 1 {
			t.Errorf("of %d passages %d are found: %s", found.Total, len(found.Passages), diff)
		}
		if p := found.Passages[0]; p.Commit != "abc" || p.Text != "type Cart struct { Items []Item } // 検索 of items's \ufffd \ufffd" {
			t.Errorf("the passage is %+v", p)
		}
		found, err = b.Search(b.ctx(), viewer, project, store.SearchQuery{Terms: []string{"time"}, Limit: 9})
		b.must(err)
		want := commit
		want.ID = found.Passages[0].ID
		if diff := cmp.Diff([]rampforge.Passage{want}, found.Passages); diff != "" {
			t.Error(diff)
		}
	})
}

// TestPassagesChange replaces and drops passages, and counts what is there
// exactly.
func TestPassagesChange(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ann := b.user("ann", rampforge.RoleDeveloper)
		project, claim := b.scoped("shop", ann)
		long := strings.Repeat("folder/", 400)
		for _, change := range []store.PassageChange{
			{Put: []rampforge.Passage{passageOf("a", "a1", "One", "one two two two"), passageOf("a", "a2", "", "two"), passageOf("b", "b1", "", "one"), passageOf(long+"x", "x", "", "one"), passageOf(long+"y", "y", "", "one")}},
			{Put: []rampforge.Passage{passageOf("a", "a3", "Three", "two three")}, Drop: []store.PassageKey{{Kind: rampforge.PassageCode, Key: "b"}, {Kind: rampforge.PassageCode, Key: "a"}, {Kind: rampforge.PassageCode, Key: "b"}, {Kind: rampforge.PassageCode, Key: "never there"}}},
		} {
			b.changed(b.ChangePassages(b.ctx(), claim, change, b.now))
		}
		b.must(b.FinishSearch(b.ctx(), claim, store.SearchScope{Wanted: 1}, "abc", b.now, b.now))
		counts := map[string]int64{}
		rows, err := b.db.Read().QueryContext(b.ctx(), `SELECT term, passages FROM search_terms`)
		b.must(err)
		defer rows.Close()
		for rows.Next() {
			var term string
			var n int64
			b.must(rows.Scan(&term, &n))
			counts[term] = n
		}
		b.must(rows.Err())
		if diff := cmp.Diff(map[string]int64{"one": 2, "two": 1, "three": 1, "=three": 1}, counts); diff != "" {
			t.Error(diff)
		}
		if got := b.found(store.ViewerOf(ann), project, "one"); got != "x, y" {
			t.Errorf("what has the word is %q", got)
		}
		versions, err := b.PassageVersions(b.ctx(), claim.Scope, rampforge.PassageCode)
		b.must(err)
		if want := map[string]string{"a": "1", store.KeyOfPassages(long + "x"): "1", store.KeyOfPassages(long + "y"): "1"}; cmp.Diff(want, versions) != "" {
			t.Error(cmp.Diff(want, versions))
		}
		lost := claim
		lost.JobID++
		if _, err := b.ChangePassages(b.ctx(), lost, store.PassageChange{}, b.now); !errors.Is(err, store.ErrSearchLost) {
			t.Errorf("who has no claim writes: %v", err)
		}
	})
}

// TestScopesThatAreLeft go piece by piece, and nothing of another one with them.
func TestScopesThatAreLeft(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ann := b.user("ann", rampforge.RoleDeveloper)
		gone, claim := b.scoped("shop", ann)
		kept, other := b.scoped("till", ann)
		for _, c := range []store.SearchClaim{claim, other} {
			var put []rampforge.Passage
			for i := range 2100 {
				put = append(put, passageOf(fmt.Sprint(i), fmt.Sprint("p", i), "", fmt.Sprint("coin note", i, " cheque", i, " card", i)))
			}
			b.changed(b.ChangePassages(b.ctx(), c, store.PassageChange{Put: put}, b.now))
		}
		scope := func(project string) (n int) {
			scopes, err := b.ProjectScopes(b.ctx(), store.ViewerOf(ann), project)
			b.must(err)
			return len(scopes)
		}
		b.must(b.InTx(b.ctx(), func(tx *sql.Tx) error {
			var id string
			b.must(tx.QueryRowContext(b.ctx(), `SELECT repository_id FROM projects WHERE id = $1`, gone).Scan(&id))
			_, err := b.DeleteRepositoryTx(b.ctx(), tx, id, b.now)
			return err
		}))
		if got := b.found(store.ViewerOf(ann), gone, "cheque7"); got != "" || scope(gone) != 0 || scope(kept) != 1 {
			t.Errorf("what is removed is found at once as %q in %d scopes", got, scope(gone))
		}
		if err := b.BeatSearch(b.ctx(), claim, b.now); !errors.Is(err, store.ErrSearchLost) {
			t.Errorf("its worker goes on: %v", err)
		}
		b.must(b.QueueSearch(b.ctx(), func(context.Context, *sql.Tx, int64) (int64, error) {
			t.Error("what is left gets a job")
			return 0, nil
		}, 10, b.now.Add(time.Hour)))
		for i, want := range []int{1, 0} {
			if n, err := b.PurgeSearch(b.ctx()); n != want || err != nil {
				t.Errorf("the purge %d finds %d scopes, want %d: %v", i, n, want, err)
			}
		}
		for table, want := range map[string]int{"passages": 2100, "passage_terms": 2100, "search_scopes": 1, "search_terms WHERE term LIKE 'coin%'": 1} {
			var n int
			b.must(b.db.Read().QueryRowContext(b.ctx(), `SELECT count(*) FROM `+table).Scan(&n))
			if n != want {
				t.Errorf("%d rows of %s, want %d", n, table, want)
			}
		}
		if got := b.found(store.ViewerOf(ann), kept, "cheque7"); got != "p7" {
			t.Errorf("the other one finds %q", got)
		}
	})
}

// TestCommonWords finds something by words that stand everywhere.
func TestCommonWords(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ann := b.user("ann", rampforge.RoleDeveloper)
		project, claim := b.scoped("shop", ann)
		var put []rampforge.Passage
		for i := range 2500 {
			put = append(put, passageOf(fmt.Sprint(i), fmt.Sprint("p", i), "", "error value"))
		}
		put[1200].Text = "error value request"
		b.changed(b.ChangePassages(b.ctx(), claim, store.PassageChange{Put: put}, b.now))
		if got := b.found(store.ViewerOf(ann), project, "error value"); strings.Count(got, "p") != 10 {
			t.Errorf("common words find %q", got)
		}
		if got := b.found(store.ViewerOf(ann), project, "error request"); got != "p1200" {
			t.Errorf("a rare word among common ones finds %q", got)
		}
	})
}

// TestScopesAreWorkedOnce gives jobs to scopes that are new and that changed.
func TestScopesAreWorkedOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		_, claim := b.scoped("shop", b.user("ann", rampforge.RoleDeveloper))
		other := claim
		other.Owner = "other"
		if _, claimed, err := b.ClaimSearch(b.ctx(), other, b.now, b.now.Add(-time.Minute)); claimed || err != nil {
			t.Errorf("a scope is worked twice: %v", err)
		}
		if _, claimed, err := b.ClaimSearch(b.ctx(), other, b.now, b.now.Add(time.Minute)); !claimed || err != nil {
			t.Errorf("a scope of a silent worker is not taken: %v", err)
		}
		if err := b.BeatSearch(b.ctx(), claim, b.now); !errors.Is(err, store.ErrSearchLost) {
			t.Errorf("who was silent goes on: %v", err)
		}
		b.must(b.FailSearch(b.ctx(), other, "no disk", b.now.Add(time.Hour), b.now))
		calls := 0
		count := func(context.Context, *sql.Tx, int64) (int64, error) { calls++; return int64(calls), nil }
		b.must(b.QueueSearch(b.ctx(), count, 10, b.now))
		if calls != 0 {
			t.Error("what failed is tried again at once")
		}
		b.must(b.QueueSearch(b.ctx(), count, 10, b.now.Add(2*time.Hour)))
		b.must(b.QueueSearch(b.ctx(), count, 10, b.now.Add(2*time.Hour)))
		if calls != 1 {
			t.Errorf("what failed got %d jobs", calls)
		}
		silent, err := b.SilentSearches(b.ctx(), b.now.Add(3*time.Hour), 10)
		b.must(err)
		if len(silent) != 1 || silent[0].JobID != 1 || silent[0].Status != store.SearchQueued {
			t.Fatalf("silent are %+v", silent)
		}
		taken, err := b.RequeueSearch(b.ctx(), silent[0], count, b.now.Add(3*time.Hour), b.now.Add(3*time.Hour))
		b.must(err)
		if !taken || calls != 2 {
			t.Errorf("a silent scope gets a new job: %v, %d", taken, calls)
		}
	})
}
