package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// item is a draft of ann's about some lines.
func (b *bundle) item(project string, author rampforge.User, repositoryID, title, text string) rampforge.KnowledgeItem {
	return rampforge.KnowledgeItem{
		ID: store.NewID("kno"), ProjectID: project, Title: title, Text: text, Author: &rampforge.KnowledgeAuthor{UserID: author.ID, Name: author.Name}, State: rampforge.KnowledgeDraft,
		CreatedAt: b.now, UpdatedAt: b.now, Links: []rampforge.KnowledgeLink{{
			ID: store.NewID("lnk"), RepositoryID: repositoryID, State: rampforge.LinkCurrent,
			KnowledgePlace: rampforge.KnowledgePlace{Path: "pay/retry.go", Symbol: "Retry", StartLine: new(3), EndLine: new(9), Commit: "abc", Hash: "h1"},
		}},
	}
}

func (b *bundle) approve(id string) rampforge.KnowledgeItem {
	b.t.Helper()
	k, err := b.ChangeKnowledge(b.ctx(), id, b.now, func(k *rampforge.KnowledgeItem) error {
		k.State, k.ApprovedAt = rampforge.KnowledgeApproved, &b.now
		return nil
	})
	b.must(err)
	return k
}

func reader(u rampforge.User) store.Reader {
	return store.Reader{Viewer: store.ViewerOf(u), Leads: u.Role.AtLeast(rampforge.RoleTeamLead)}
}

// repositoryOf is the repository of a project.
func (b *bundle) repositoryOf(v store.Viewer, project string) string {
	b.t.Helper()
	p, err := b.Project(b.ctx(), v, project)
	b.must(err)
	return *p.RepositoryID
}

// TestKnowledgeItems keeps an item, shows it to whom it is for, changes and
// removes it.
func TestKnowledgeItems(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ann, bert := b.user("ann", rampforge.RoleDeveloper), b.user("bert", rampforge.RoleDeveloper)
		lead, stranger := b.user("lead", rampforge.RoleTeamLead), b.user("stranger", rampforge.RoleTeamLead)
		project, _ := b.scoped("shop", ann)
		b.must(b.InTx(b.ctx(), func(tx *sql.Tx) error {
			return b.SetMembersTx(b.ctx(), tx, project, []string{ann.Email, bert.Email, lead.Email}, b.now)
		}))
		kept := b.item(project, ann, b.repositoryOf(store.ViewerOf(ann), project), "Why three retries", "The bank locks the account after the fourth.")
		b.must(b.CreateKnowledge(b.ctx(), kept))
		page := store.Page{Limit: 10}
		sees := func(who rampforge.User, f store.KnowledgeFilter, want string) {
			t.Helper()
			list, total, err := b.KnowledgeItems(b.ctx(), reader(who), project, f, page)
			b.must(err)
			titles := []string{}
			for _, k := range list {
				titles = append(titles, k.Title)
			}
			if got := strings.Join(titles, ", "); got != want || total != len(list) {
				t.Errorf("%s sees %q of %d with %+v, want %q", who.Name, got, total, f, want)
			}
		}
		for _, who := range []rampforge.User{ann, lead} {
			got, err := b.KnowledgeItem(b.ctx(), reader(who), project, kept.ID)
			b.must(err)
			if diff := cmp.Diff(kept, got); diff != "" {
				t.Error(diff)
			}
			sees(who, store.KnowledgeFilter{}, "Why three retries")
		}
		for _, who := range []rampforge.User{bert, stranger} {
			_, err := b.KnowledgeItem(b.ctx(), reader(who), project, kept.ID)
			b.code(err, rampforge.CodeNotFound)
			sees(who, store.KnowledgeFilter{}, "")
		}
		b.approve(kept.ID)
		sees(bert, store.KnowledgeFilter{}, "Why three retries")
		sees(stranger, store.KnowledgeFilter{}, "")
		for _, f := range []store.KnowledgeFilter{{State: rampforge.KnowledgeApproved}, {Path: "pay/retry.go"}, {Path: "pay"}, {Stale: new(false)}} {
			sees(bert, f, "Why three retries")
		}
		for _, f := range []store.KnowledgeFilter{{State: rampforge.KnowledgeDraft}, {Path: "pay/retry"}, {Path: "pa_"}, {Stale: new(true)}, {Own: true}} {
			sees(bert, f, "")
		}
		sees(ann, store.KnowledgeFilter{Own: true}, "Why three retries")
		about, err := b.KnowledgeAbout(b.ctx(), store.ViewerOf(bert), project, "pay")
		if err != nil || len(about) != 1 || about[0].ID != kept.ID {
			t.Errorf("of the folder is known %+v, %v", about, err)
		}
		if about, err = b.KnowledgeAbout(b.ctx(), store.ViewerOf(stranger), project, "pay"); err != nil || len(about) != 0 {
			t.Errorf("a stranger knows %+v, %v", about, err)
		}
		b.must(b.DeleteKnowledge(b.ctx(), kept.ID, b.now))
		_, err = b.KnowledgeItem(b.ctx(), reader(ann), project, kept.ID)
		b.code(err, rampforge.CodeNotFound)
		b.code(b.DeleteKnowledge(b.ctx(), kept.ID, b.now), rampforge.CodeNotFound)
	})
}

// TestKnowledgeIsSearched finds an item while it is approved, by members of its
// project alone, and counts what is there exactly.
func TestKnowledgeIsSearched(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ann, bert := b.user("ann", rampforge.RoleDeveloper), b.user("bert", rampforge.RoleDeveloper)
		project, _ := b.scoped("shop", ann)
		other, _ := b.scoped("other", bert)
		v, repository := store.ViewerOf(ann), b.repositoryOf(store.ViewerOf(ann), project)
		found := func(want string) {
			t.Helper()
			if got := b.found(v, project, "bank lockout"); got != want {
				t.Errorf("found is %q, want %q", got, want)
			}
		}
		first, second := b.item(project, ann, repository, "Why three", "The bank's lockout comes with the fourth."), b.item(project, ann, repository, "Lockout", "A lockout lasts a day.")
		b.must(b.CreateKnowledge(b.ctx(), first))
		b.must(b.CreateKnowledge(b.ctx(), second))
		found("")
		b.approve(first.ID)
		found("Why three")
		b.approve(second.ID)
		if got := b.found(store.ViewerOf(bert), project, "bank lockout") + b.found(store.ViewerOf(bert), other, "bank lockout") + b.found(v, other, "bank lockout"); got != "" {
			t.Errorf("who is no member of the project finds %q", got)
		}
		if got := b.found(v, project, "bank lockout", rampforge.PassageKnowledge); got != "Why three, Lockout" {
			t.Errorf("knowledge is %q", got)
		}
		list, err := b.PassagesOf(b.ctx(), v, project, rampforge.PassageKnowledge, first.ID)
		if err != nil || len(list) != 1 || list[0].Text != first.Text || list[0].Paths[0] != "pay/retry.go" || list[0].At == nil {
			t.Errorf("the passages are %+v, %v", list, err)
		}
		change := func(id string, change func(*rampforge.KnowledgeItem)) {
			t.Helper()
			_, err := b.ChangeKnowledge(b.ctx(), id, b.now.Add(time.Hour), func(k *rampforge.KnowledgeItem) error { change(k); return nil })
			b.must(err)
		}
		change(second.ID, func(k *rampforge.KnowledgeItem) { k.State = rampforge.KnowledgeDraft })
		found("Why three")
		change(first.ID, func(k *rampforge.KnowledgeItem) { k.Text = "The bank's lockout comes with the fifth." })
		found("Why three")
		change(first.ID, func(k *rampforge.KnowledgeItem) { k.State = rampforge.KnowledgeRetired })
		found("")
		b.must(b.QueueSearch(b.ctx(), b.enqueueScope, 100, b.now))
		if _, err := b.PurgeSearch(b.ctx()); err != nil {
			t.Fatal(err)
		}
		b.approve(second.ID)
		found("Lockout")
		b.must(b.DeleteKnowledge(b.ctx(), second.ID, b.now))
		found("")
		scopes, err := b.ProjectScopes(b.ctx(), v, project)
		b.must(err)
		for _, c := range scopes {
			if c.ProjectID != "" && (c.Passages != 0 || c.Status != store.SearchCurrent) {
				t.Errorf("the scope of the knowledge is %+v", c)
			}
		}
		if terms := b.count(`SELECT count(*) FROM search_terms t JOIN search_scopes c ON c.number = t.scope WHERE c.project_id IS NOT NULL`); terms != 0 {
			t.Errorf("%d terms are left", terms)
		}
		b.must(b.DeleteProject(b.ctx(), project))
	})
}

func (b *bundle) count(query string) (n int) {
	b.t.Helper()
	b.must(b.db.Read().QueryRowContext(b.ctx(), query).Scan(&n))
	return n
}

// TestKnowledgeApprovedAtOnce approves many items at the same time: each is found,
// and each is counted.
func TestKnowledgeApprovedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ann := b.user("ann", rampforge.RoleDeveloper)
		project, _ := b.scoped("shop", ann)
		repository := b.repositoryOf(store.ViewerOf(ann), project)
		const many = 8
		var group sync.WaitGroup
		failed := make(chan error, many)
		for n := range many {
			k := b.item(project, ann, repository, fmt.Sprintf("Item %d", n), "The common reason.")
			k.State, k.ApprovedAt = rampforge.KnowledgeApproved, &b.now
			group.Go(func() { failed <- b.CreateKnowledge(b.ctx(), k) })
		}
		group.Wait()
		close(failed)
		for err := range failed {
			b.must(err)
		}
		if got := strings.Count(b.found(store.ViewerOf(ann), project, "common reason"), "Item"); got != many {
			t.Errorf("%d items are found", got)
		}
		if n := b.count(`SELECT t.passages FROM search_terms t JOIN search_scopes c ON c.number = t.scope WHERE c.project_id IS NOT NULL AND t.term = 'common'`); n != many {
			t.Errorf("%d items are counted", n)
		}
	})
}

// TestLinksAreFollowed moves links, flags the items of those that changed, and
// writes nothing for a worker that lost its scope, nor over what somebody changed.
func TestLinksAreFollowed(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ann := b.user("ann", rampforge.RoleDeveloper)
		project, claim := b.scoped("shop", ann)
		repository := b.repositoryOf(store.ViewerOf(ann), project)
		kept := b.item(project, ann, repository, "Why", "So.")
		b.must(b.CreateKnowledge(b.ctx(), kept))
		behind, err := b.LinksBehind(b.ctx(), repository, "def")
		b.must(err)
		if len(behind) != 1 || behind[0].ItemID != kept.ID {
			t.Fatalf("the links behind are %+v", behind)
		}
		move := store.LinkMove{Was: behind[0], Link: behind[0].KnowledgeLink}
		move.Link.State, move.Link.Detail = rampforge.LinkChanged, "2 of its 7 lines are not there any more."
		move.Link.Now = &rampforge.KnowledgePlace{Path: "pay/again.go", StartLine: new(5), EndLine: new(8), Commit: "def", Hash: "h2"}
		lost := claim
		lost.Owner = "somebody else"
		if err := b.FollowLinks(b.ctx(), lost, "def", []store.LinkMove{move}, b.now); err == nil {
			t.Error("who lost the scope writes")
		}
		stands := func(stale bool, want rampforge.KnowledgeLink) {
			t.Helper()
			k, err := b.KnowledgeItem(b.ctx(), reader(ann), project, kept.ID)
			b.must(err)
			if diff := cmp.Diff([]rampforge.KnowledgeLink{want}, k.Links, cmpopts.EquateEmpty()); diff != "" || k.Stale != stale {
				t.Errorf("stale is %v: %s", k.Stale, diff)
			}
		}
		stands(false, kept.Links[0])
		b.must(b.FollowLinks(b.ctx(), claim, "def", []store.LinkMove{move}, b.now))
		stands(true, move.Link)
		if behind, err = b.LinksBehind(b.ctx(), repository, "def"); err != nil || len(behind) != 0 {
			t.Errorf("after it the links behind are %+v, %v", behind, err)
		}
		// Somebody confirms while a worker looks the links up at the next commit.
		behind, err = b.LinksBehind(b.ctx(), repository, "ghi")
		b.must(err)
		confirmed, err := b.ChangeKnowledge(b.ctx(), kept.ID, b.now, func(k *rampforge.KnowledgeItem) error {
			l := &k.Links[0]
			l.KnowledgePlace, l.Now, l.State, l.Detail = *l.Now, nil, rampforge.LinkCurrent, ""
			return nil
		})
		b.must(err)
		late := store.LinkMove{Was: behind[0], Link: behind[0].KnowledgeLink}
		late.Link.State, late.Link.Detail = rampforge.LinkGone, "The file is gone."
		b.must(b.FollowLinks(b.ctx(), claim, "ghi", []store.LinkMove{late}, b.now))
		stands(false, confirmed.Links[0])
	})
}

// interview is a kit for ann.
func (b *bundle) interview(project string, ann rampforge.User) rampforge.Interview {
	b.t.Helper()
	i := rampforge.Interview{
		ID: store.NewID("int"), ProjectID: project, Person: &rampforge.InterviewPerson{UserID: &ann.ID, Email: ann.Email, Name: ann.Name}, Reason: rampforge.InterviewLeaving, Status: rampforge.InterviewOpen,
		Commit: "abc", Paths: []string{"pay"}, Components: []string{}, Notes: []string{"Made for a test."}, CreatedAt: b.now, UpdatedAt: b.now, CreatedBy: ann.ID,
	}
	for n := range 2 {
		i.Questions = append(i.Questions, rampforge.InterviewQuestion{
			ID: store.NewID("inq"), Kind: "goal", Topic: fmt.Sprintf("Topic %d", n), Text: "Why?", Why: "Nobody else knows.", Case: rampforge.InterviewCase{What: "constant", Path: "pay/retry.go", StartLine: new(3), EndLine: new(9), Commit: "abc"},
			Probes: []rampforge.InterviewProbe{{Kind: "cue", Text: "What did you see?"}}, Needs: []string{"reason"}, Status: rampforge.QuestionOpen, Thin: []string{}, Versions: []rampforge.InterviewAnswer{},
		})
	}
	b.must(b.CreateInterview(b.ctx(), i))
	return i
}

// TestInterviews asks, keeps each version of an answer, and finishes once.
func TestInterviews(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ann, bert, lead := b.user("ann", rampforge.RoleObserver), b.user("bert", rampforge.RoleDeveloper), b.user("lead", rampforge.RoleTeamLead)
		project, _ := b.scoped("shop", ann)
		b.must(b.InTx(b.ctx(), func(tx *sql.Tx) error {
			return b.SetMembersTx(b.ctx(), tx, project, []string{ann.Email, bert.Email, lead.Email}, b.now)
		}))
		made := b.interview(project, ann)
		for _, who := range []rampforge.User{ann, lead} {
			got, err := b.Interview(b.ctx(), reader(who), project, made.ID)
			b.must(err)
			if diff := cmp.Diff(made, got); diff != "" {
				t.Error(diff)
			}
		}
		for _, r := range []store.Reader{reader(bert), {Viewer: store.ViewerOf(b.user("stranger", rampforge.RoleTeamLead)), Leads: true}} {
			_, err := b.Interview(b.ctx(), r, project, made.ID)
			b.code(err, rampforge.CodeNotFound)
			list, total, err := b.Interviews(b.ctx(), r, project, "", store.Page{Limit: 9})
			if err != nil || total != 0 || len(list) != 0 {
				t.Errorf("they see %+v, %v", list, err)
			}
		}
		question := made.Questions[0].ID
		answer := func(text, followUp string) rampforge.InterviewQuestion {
			t.Helper()
			q, err := b.ChangeQuestion(b.ctx(), made.ID, question, b.now, func(q *rampforge.InterviewQuestion) error {
				q.Versions = append(q.Versions, rampforge.InterviewAnswer{FollowUp: textOf(q.FollowUp), Text: text, CreatedAt: b.now})
				q.Answer, q.Status, q.FollowUp = &text, rampforge.QuestionAnswered, nil
				if followUp != "" {
					q.Status, q.FollowUp, q.AskedAgain, q.Thin = rampforge.QuestionAskedAgain, &followUp, q.AskedAgain+1, []string{"short"}
				}
				return nil
			})
			b.must(err)
			return q
		}
		answer("Because.", "Because of what?")
		last := answer("Because of the bank.", "")
		got, err := b.Interview(b.ctx(), reader(ann), project, made.ID)
		b.must(err)
		if diff := cmp.Diff(last, got.Questions[0]); diff != "" || len(last.Versions) != 2 || last.Versions[1].FollowUp != "Because of what?" {
			t.Errorf("%+v: %s", last, diff)
		}
		_, err = b.ChangeQuestion(b.ctx(), made.ID, "inq_none", b.now, func(*rampforge.InterviewQuestion) error { return nil })
		b.code(err, rampforge.CodeNotFound)
		items, err := b.FinishInterview(b.ctx(), got, b.now, func(questions []rampforge.InterviewQuestion) []rampforge.KnowledgeItem {
			k := b.item(project, ann, "", "Why", *questions[0].Answer)
			k.InterviewID, k.QuestionID = &made.ID, &questions[0].ID
			return []rampforge.KnowledgeItem{k}
		})
		if err != nil || len(items) != 1 {
			t.Fatalf("%+v, %v", items, err)
		}
		_, err = b.FinishInterview(b.ctx(), got, b.now, func([]rampforge.InterviewQuestion) []rampforge.KnowledgeItem { return nil })
		b.code(err, rampforge.CodeConflict)
		_, err = b.ChangeQuestion(b.ctx(), made.ID, question, b.now, func(*rampforge.InterviewQuestion) error { return nil })
		b.code(err, rampforge.CodeConflict)
		list, total, err := b.Interviews(b.ctx(), reader(ann), project, rampforge.InterviewFinished, store.Page{Limit: 9})
		if err != nil || total != 1 || list[0].FinishedAt == nil {
			t.Errorf("finished are %+v, %v", list, err)
		}
		b.must(b.DeleteInterview(b.ctx(), made.ID))
		k, err := b.KnowledgeItem(b.ctx(), reader(ann), project, items[0].ID)
		if err != nil || k.InterviewID != nil || k.Text != "Because of the bank." {
			t.Errorf("the item of a removed interview is %+v, %v", k, err)
		}
		if n := b.count(`SELECT count(*) FROM interview_answers`) + b.count(`SELECT count(*) FROM interview_questions`); n != 0 {
			t.Errorf("%d answers and questions are left", n)
		}
	})
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// TestErasedAccounts removes an account from the database: its interviews go with
// it, and so do its drafts; what was approved stays without a name.
func TestErasedAccounts(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ann, bert := b.user("ann", rampforge.RoleDeveloper), b.user("bert", rampforge.RoleDeveloper)
		project, _ := b.scoped("shop", bert)
		draft, approved := b.item(project, ann, "", "Draft", "Not yet."), b.item(project, ann, "", "Approved", "So it is.")
		b.must(b.CreateKnowledge(b.ctx(), draft))
		b.must(b.CreateKnowledge(b.ctx(), approved))
		b.approve(approved.ID)
		b.interview(project, ann)
		_, err := b.db.Write().ExecContext(b.ctx(), `DELETE FROM users WHERE id = $1`, ann.ID)
		b.must(err)
		removed, err := b.DeleteOrphanKnowledge(b.ctx())
		if err != nil || removed != 1 {
			t.Errorf("%d orphans are removed, %v", removed, err)
		}
		if n := b.count(`SELECT count(*) FROM interviews`) + b.count(`SELECT count(*) FROM interview_questions`); n != 0 {
			t.Errorf("%d interviews and questions are left", n)
		}
		k, err := b.KnowledgeItem(b.ctx(), reader(bert), project, approved.ID)
		if err != nil || k.Author != nil {
			t.Errorf("what was approved is %+v, %v", k, err)
		}
		if all := b.count(`SELECT count(*) FROM knowledge_items`); all != 1 {
			t.Errorf("%d items are left", all)
		}
	})
}

// TestAuthorsWhoAreGone tells authors who are there from those who left the
// project, whose account is not active, or is erased; what was changed after that
// stays.
func TestAuthorsWhoAreGone(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.user("root", rampforge.RoleAdmin) // who sees every project
		ann, bert := b.user("ann", rampforge.RoleDeveloper), b.user("bert", rampforge.RoleTeamLead)
		project, _ := b.scoped("shop", bert)
		members := func(emails ...string) {
			t.Helper()
			b.must(b.InTx(b.ctx(), func(tx *sql.Tx) error { return b.SetMembersTx(b.ctx(), tx, project, emails, b.now) }))
		}
		kept := b.item(project, ann, "", "Why", "So.")
		b.must(b.CreateKnowledge(b.ctx(), kept))
		b.approve(kept.ID)
		gone := func(want bool) {
			t.Helper()
			k, err := b.KnowledgeItem(b.ctx(), reader(bert), project, kept.ID)
			if err != nil || k.AuthorGone != want {
				t.Errorf("the author is gone: %v, want %v (%v)", k.AuthorGone, want, err)
			}
		}
		gone(true)
		members(ann.Email, bert.Email)
		gone(false)
		execute := func(text string) {
			t.Helper()
			_, err := b.db.Write().ExecContext(b.ctx(), text, ann.ID)
			b.must(err)
		}
		execute(`UPDATE users SET is_active = FALSE WHERE id = $1`)
		gone(true)
		execute(`UPDATE users SET is_active = TRUE WHERE id = $1`)
		gone(false)
		execute(`DELETE FROM users WHERE id = $1`)
		gone(true)
		_, err := b.ChangeKnowledge(b.ctx(), kept.ID, b.now, func(k *rampforge.KnowledgeItem) error {
			k.Text, k.State, k.Revised = "So it is.", rampforge.KnowledgeDraft, true
			return nil
		})
		b.must(err)
		if removed, err := b.DeleteOrphanKnowledge(b.ctx()); err != nil || removed != 0 {
			t.Errorf("%d corrected items are removed, %v", removed, err)
		}
		_, err = b.ChangeKnowledge(b.ctx(), kept.ID, b.now, func(k *rampforge.KnowledgeItem) error {
			k.State, k.ApprovedAt, k.ApprovedBy = rampforge.KnowledgeApproved, &b.now, &rampforge.KnowledgeAuthor{UserID: bert.ID}
			return nil
		})
		b.must(err)
		if k, err := b.KnowledgeItem(b.ctx(), reader(bert), project, kept.ID); err != nil || k.ApprovedBy == nil || k.ApprovedBy.Name != bert.Name {
			t.Errorf("approved again: %+v, %v", k, err)
		}
	})
}

// TestOneInterviewAtATime makes several of the same choice at once: one is kept,
// the others name it. What was asked in it is known.
func TestOneInterviewAtATime(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ann := b.user("ann", rampforge.RoleDeveloper)
		project, _ := b.scoped("shop", ann)
		made := b.interview(project, ann)
		var group sync.WaitGroup
		failed := make(chan error, 4)
		for n := range 4 {
			i := made
			i.ID, i.Paths, i.Questions = store.NewID("int"), []string{"./pay/"}, []rampforge.InterviewQuestion{made.Questions[0]}
			i.Questions[0].ID = store.NewID("inq")
			if n > 1 {
				i.Paths = []string{"ship"}
			}
			group.Go(func() { failed <- b.CreateInterview(b.ctx(), i) })
		}
		group.Wait()
		close(failed)
		kept := 0
		for err := range failed {
			var e *rampforge.Error
			switch {
			case err == nil:
				kept++
			case !errors.As(err, &e) || e.Code != rampforge.CodeConflict || e.Details["interview_id"] == "":
				t.Errorf("a second interview: %v", err)
			}
		}
		if n := b.count(`SELECT count(*) FROM interviews`); kept != 1 || n != 2 {
			t.Errorf("%d are kept, %d are there", kept, n)
		}
		asked, err := b.AskedOf(b.ctx(), project, "ANN@example.com")
		if err != nil || len(asked) != 3 || asked[0].Case.Path != "pay/retry.go" {
			t.Errorf("asked is %+v, %v", asked, err)
		}
		_, err = b.FinishInterview(b.ctx(), made, b.now, func([]rampforge.InterviewQuestion) []rampforge.KnowledgeItem {
			k := b.item(project, ann, "", "Why", "So.")
			k.Question = "Why so?"
			return []rampforge.KnowledgeItem{k}
		})
		b.must(err)
		asked, err = b.AskedOf(b.ctx(), project, ann.Email)
		if err != nil || len(asked) != 2 || asked[1].Text != "Why so?" {
			t.Errorf("after it is finished, asked is %+v, %v", asked, err)
		}
	})
}
