package store_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
)

// answered is an answer to a question, with all that is kept of one.
func (b *bundle) answered(question, conversation string) rampforge.Answer {
	b.now = b.now.Add(time.Minute)
	return rampforge.Answer{
		ConversationID: conversation, Question: question, Text: "It is in `pay` [1].", Confidence: rampforge.ConfidenceHigh, Model: "extractive", AskedAt: b.now,
		Citations: []rampforge.Citation{{N: 1, Kind: rampforge.PassageCode, Title: "func pay", Path: "pay.go", StartLine: new(3), EndLine: new(9), Commit: "abc", Excerpt: "func pay() {}"}},
		FollowUps: []string{"Who knows pay.go?"}, Diagram: new("flowchart TD\n"), Tokens: rampforge.TokenUse{Input: 10, Output: 2},
	}
}

// TestConversations begins one with a question, goes on, reads, renames,
// bookmarks and deletes it.
func TestConversations(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ann := b.user("ann", rampforge.RoleDeveloper)
		project, _ := b.scoped("shop", ann)
		v, all := store.ViewerOf(ann), store.Page{Limit: 10}
		first, err := b.KeepAnswer(b.ctx(), v, project, "Payments", b.answered("Where are payments?", ""))
		b.must(err)
		if !strings.HasPrefix(first.ID, "ans_") || !strings.HasPrefix(first.ConversationID, "conv_") {
			t.Errorf("the ids are %q and %q", first.ID, first.ConversationID)
		}
		second, err := b.KeepAnswer(b.ctx(), v, project, "not used", b.answered("And refunds?", first.ConversationID))
		b.must(err)
		other, err := b.KeepAnswer(b.ctx(), v, project, "Other", b.answered("What is a cart?", ""))
		b.must(err)
		got, err := b.Answers(b.ctx(), v, project, first.ConversationID, all)
		b.must(err)
		if diff := cmp.Diff([]rampforge.Answer{second, first}, got); diff != "" {
			t.Error(diff)
		}
		list, total, err := b.Conversations(b.ctx(), v, project, false, all)
		b.must(err)
		want := rampforge.Conversation{ID: first.ConversationID, ProjectID: project, UserID: ann.ID, Title: "Payments", Questions: 2, CreatedAt: first.AskedAt, UpdatedAt: second.AskedAt}
		if total != 2 || len(list) != 2 || list[0].ID != other.ConversationID {
			t.Fatalf("%d conversations: %+v", total, list)
		}
		if diff := cmp.Diff(want, list[1]); diff != "" {
			t.Error(diff)
		}
		want.Title, want.Bookmarked = "Money", true
		changed, err := b.ChangeConversation(b.ctx(), v, project, want.ID, store.ConversationChange{Title: new("Money")})
		b.must(err)
		if changed.Bookmarked {
			t.Error("a new name sets the bookmark")
		}
		changed, err = b.ChangeConversation(b.ctx(), v, project, want.ID, store.ConversationChange{Bookmarked: new(true)})
		b.must(err)
		if diff := cmp.Diff(want, changed); diff != "" {
			t.Error(diff)
		}
		list, total, err = b.Conversations(b.ctx(), v, project, true, all)
		if err != nil || total != 1 || len(list) != 1 || list[0].ID != want.ID {
			t.Errorf("bookmarked are %d: %+v, %v", total, list, err)
		}
		b.must(b.SetFeedback(b.ctx(), v, project, want.ID, first.ID, rampforge.FeedbackUnhelpful, "It is elsewhere."))
		got, err = b.Answers(b.ctx(), v, project, want.ID, store.Page{Limit: 1, Offset: 1})
		if err != nil || len(got) != 1 || got[0].Feedback != rampforge.FeedbackUnhelpful || got[0].FeedbackNote != "It is elsewhere." {
			t.Errorf("the feedback is %+v, %v", got, err)
		}
		b.code(b.SetFeedback(b.ctx(), v, project, want.ID, other.ID, rampforge.FeedbackHelpful, ""), rampforge.CodeNotFound)
		b.must(b.DeleteConversation(b.ctx(), v, project, want.ID))
		_, err = b.Answers(b.ctx(), v, project, want.ID, all)
		b.code(err, rampforge.CodeNotFound)
		_, err = b.KeepAnswer(b.ctx(), v, project, "", b.answered("And now?", want.ID))
		b.code(err, rampforge.CodeNotFound)
	})
}

// TestConversationsAreTheirOwners says that nobody else reads or changes one, and
// that its owner does only while they may see the project.
func TestConversationsAreTheirOwners(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		root, ann := b.user("root", rampforge.RoleAdmin), b.user("ann", rampforge.RoleDeveloper)
		project, _ := b.scoped("shop", ann)
		elsewhere, _ := b.scoped("other", ann)
		v := store.ViewerOf(ann)
		kept, err := b.KeepAnswer(b.ctx(), v, project, "Mine", b.answered("Where?", ""))
		b.must(err)
		refused := func(who store.Viewer, in string) {
			t.Helper()
			_, err := b.Conversation(b.ctx(), who, in, kept.ConversationID)
			b.code(err, rampforge.CodeNotFound)
			_, err = b.Answers(b.ctx(), who, in, kept.ConversationID, store.Page{Limit: 1})
			b.code(err, rampforge.CodeNotFound)
			_, err = b.KeepAnswer(b.ctx(), who, in, "", b.answered("Mine?", kept.ConversationID))
			b.code(err, rampforge.CodeNotFound)
			_, err = b.ChangeConversation(b.ctx(), who, in, kept.ConversationID, store.ConversationChange{Title: new("Theirs")})
			b.code(err, rampforge.CodeNotFound)
			b.code(b.SetFeedback(b.ctx(), who, in, kept.ConversationID, kept.ID, rampforge.FeedbackHelpful, ""), rampforge.CodeNotFound)
			b.code(b.DeleteConversation(b.ctx(), who, in, kept.ConversationID), rampforge.CodeNotFound)
			list, total, err := b.Conversations(b.ctx(), who, in, false, store.Page{Limit: 9})
			if err != nil || total != 0 || len(list) != 0 {
				t.Errorf("they see %+v, %v", list, err)
			}
		}
		refused(store.ViewerOf(root), project)
		refused(v, elsewhere)
		b.must(b.InTx(b.ctx(), func(tx *sql.Tx) error {
			return b.SetMembersTx(b.ctx(), tx, project, nil, b.now)
		}))
		refused(v, project)
		if c, err := b.Conversation(b.ctx(), store.Viewer{UserID: ann.ID, Admin: true}, project, kept.ConversationID); err != nil || c.Questions != 1 {
			t.Errorf("what was refused changed something: %+v, %v", c, err)
		}
		b.must(b.DeleteProject(b.ctx(), project))
	})
}

// TestAnswerAboutARemovedProject: somebody removed it while the answer was made.
func TestAnswerAboutARemovedProject(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ann := b.user("ann", rampforge.RoleDeveloper)
		if _, err := b.KeepAnswer(b.ctx(), store.ViewerOf(ann), "prj_gone", "Payments", b.answered("Where are payments?", "")); !database.IsOrphan(err) {
			t.Errorf("the error is %v", err)
		}
	})
}
