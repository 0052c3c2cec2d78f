package interview_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/interview"
)

// questions are those that the answers of the table are given to.
var questions = map[string]rampforge.InterviewQuestion{
	"constant": {
		Text: "`maxQueue = 12` in `berth/berth.go`: nothing says where the value comes from. What was it chosen by, and what happens with half of it, or twice?", Needs: []string{"reason", "concrete"},
		Case:   rampforge.InterviewCase{What: "constant", Path: "berth/berth.go", Symbol: "maxQueue", Excerpt: "const maxQueue = 12"},
		Probes: []rampforge.InterviewProbe{{Kind: "what_if", Text: "What would you watch if you changed it today?"}},
	},
	"workaround": {
		Text: "`pay/client.go`, line 40, says “HACK: send the header twice”. What breaks without it, and what must be true before it can go?", Needs: []string{"reason"},
		Case: rampforge.InterviewCase{What: "remark", Path: "pay/client.go", Excerpt: "// HACK: send the header twice"},
	},
	"incident": {
		Text: "Commit `ab12cd34ef` (“Fix lost orders (#88)”) repaired `orders/queue.go`. How did it begin: what was seen first, and in which order did you look until the cause was clear?", Needs: []string{"concrete"},
		Case: rampforge.InterviewCase{What: "incident", Path: "orders/queue.go", Title: "Fix lost orders (#88)"},
	},
	"coupling": {
		Text: "`api/fields.go` and `web/form.ts` change together, and neither imports the other. What ties them, and what goes wrong when only one is changed?", Needs: []string{"reason"},
		Case: rampforge.InterviewCase{What: "coupling", Path: "api/fields.go", Related: "web/form.ts"},
	},
	"system": {
		Text: "`sync/ledger.py` speaks to `ledger.internal`. Who runs that system, and what do you do when it does not answer?", Needs: []string{"concrete"},
		Case: rampforge.InterviewCase{What: "system", Path: "sync/ledger.py"},
	},
}

// answers are made-up answers, each with why it is thin: the first reason, ""
// where it will do and "unknown" where it ends the question.
var answers = []struct{ question, answer, want string }{
	// The constant.
	{"constant", "It depends.", "evasive"},
	{"constant", "It depends on the customer, really.", "evasive"},
	{"constant", "Historical reasons.", "evasive"},
	{"constant", "It has always been like that.", "evasive"},
	{"constant", "See the code.", "evasive"},
	{"constant", "Best practice.", "evasive"},
	{"constant", "12 is the maximum queue.", "restates"},
	{"constant", "The value of maxQueue is 12.", "restates"},
	{"constant", "We tried several values and this one was fine for everybody.", "no_reason"},
	{"constant", "It felt right when we built the first version of the simulator.", "no_reason"},
	{"constant", "Because the harbour gets too crowded otherwise and ships complain a lot.", "not_concrete"},
	{"constant", "Otherwise it would be too slow for everybody who waits outside there.", "not_concrete"},
	{"constant", "The radio of the harbour office has twelve channels, so a thirteenth ship could not be told to wait.", ""},
	{"constant", "With more than 15 the pilots' list breaks: it prints one page and the rest is lost.", ""},
	{"constant", "Ferries need to turn within 40 minutes; beyond 12 ships in the queue the last one waits longer, and the operator pays a fine.", ""},
	{"constant", "It depends on the season: in July 12 is too small, because 20 yachts arrive per day, so we override it with HARBOUR_QUEUE.", ""},
	{"constant", "I don't know.", "unknown"},
	{"constant", "No idea, sorry.", "unknown"},
	{"constant", "I can't remember any more.", "unknown"},
	{"constant", "Not sure, probably something with the radio.", "evasive"},
	{"constant", "I don't know why; ask the harbour office, Mrs Quill decided it in 2019.", ""},
	{"constant", "capacity", "restates"},
	{"constant", "x", "restates"},
	// The workaround.
	{"workaround", "It breaks without it.", "restates"},
	{"workaround", "The header is sent twice.", "restates"},
	{"workaround", "It's a hack, but it just works.", "evasive"},
	{"workaround", "Some clients are weird about this and it made them happy again.", "no_reason"},
	{"workaround", "Payments fail.", "restates"},
	{"workaround", "The gateway of the old bank drops the first header because its proxy strips duplicates; it can go once they are on version 4.", ""},
	{"workaround", "Without the second header Internet Explorer caches the token and the user is logged out.", ""},
	{"workaround", "Somebody added it years ago and nobody has dared to touch it since that day.", ""}, // "since" means time here: the rules do not see it
	{"workaround", "Performance.", "restates"},
	{"workaround", "Don't remove it! The reconciliation run at midnight fails with ERR_DUP and Finance calls.", ""},
	// The rest was written after the rules, and once: see docs/knowledge.md.
	{"workaround", "Safari 14 ignores the first one, and we still have two kiosks with it.", ""},
	{"workaround", "Nobody knows, it was there before me, I would try removing it on staging.", "evasive"},
	{"constant", "Just a number I picked on a Friday afternoon, nothing depends on it.", ""},
	{"constant", "We measured: at 24 the p99 of the planner doubles.", ""},
	{"constant", "Customers prefer it.", "restates"},
	{"coupling", "Both must know the enum of ship types; I generate neither, so a new type needs both.", ""},
	{"coupling", "They are two views of the same thing and should be kept in sync.", "no_reason"},
	{"incident", "A user wrote us an email. I looked at the logs and found it after an hour.", ""}, // "after" is a condition: the rules do not see it,
	{"incident", "Jepsen test 14 went red after the upgrade of Raft, so I bisected down to the heartbeat.", ""},
	{"system", "It is ours, a cron job on box7 restarts it.", ""},
	{"system", "Depends.", "evasive"},
	{"system", "Nobody runs it any more.", "restates"},

	// The incident.
	{"incident", "There was a bug and I fixed it.", "restates"},
	{"incident", "Orders were lost, see the commit.", "evasive"},
	{"incident", "It was a long story, we looked at many things and in the end found it.", "evasive"},
	{"incident", "Somebody complained about lost orders and then we searched everywhere for quite some time.", "not_concrete"},
	{"incident", "Warehouse rang at 9: three orders were paid and not in their list. I compared the payment log with the table, then saw the worker restart in between.", ""},
	{"incident", "The alert on queue depth fired on Sunday. First I suspected the database, then Kafka; the consumer had committed the offset before the insert.", ""},
	{"incident", "I do not remember.", "unknown"},
	{"incident", "Customers noticed. We debugged. It was the queue.", "not_concrete"},
	{"incident", "A flaky disk on worker-3: writes came back late, and after a restart the queue was read from an old snapshot.", ""},
	// The coupling.
	{"coupling", "They belong together.", "restates"},
	{"coupling", "They change together because they are tied to each other.", "restates"},
	{"coupling", "The field names are the JSON contract: a field that only the API knows is dropped by the form, and saving overwrites it with null.", ""},
	{"coupling", "Validation is duplicated; if only the server is changed, users see an error after they filled in everything.", ""},
	{"coupling", "Various reasons, mostly for consistency between the two sides of the thing.", "evasive"},
	{"coupling", "It is obvious when you look at both of them side by side.", "evasive"},
	// The system.
	{"system", "Ops.", "restates"},
	{"system", "Another team runs it and they usually fix it quickly enough for us.", "not_concrete"},
	{"system", "Finance IT, channel #ledger-ops; after two failures I stop the job with `make ledger-off` and they restart their queue.", ""},
	{"system", "Ask Dana in Finance.", ""},
	{"system", "We wait and retry, normally it comes back by itself.", "not_concrete"},
	{"system", "Die Buchhaltung betreibt das System, bei Ausfall rufe ich Frau Quill an und sie startet den Dienst neu.", ""},
	{"system", "el sistema lo mantiene el equipo de finanzas y cuando falla hay que llamar por telefono al turno de guardia", ""},
}

// TestThinAnswers holds the rules against answers that were written before them.
func TestThinAnswers(t *testing.T) {
	t.Parallel()
	right := 0
	for _, a := range answers {
		q := questions[a.question]
		q.Status = rampforge.QuestionOpen
		interview.Answer(&q, a.answer, time.Time{})
		got := ""
		switch {
		case q.Status == rampforge.QuestionUnknown:
			got = "unknown"
		case len(q.Thin) > 0:
			got = q.Thin[0]
		}
		if got == a.want {
			right++
		} else {
			t.Errorf("%q to %s is %q %v, want %q", a.answer, a.question, got, q.Thin, a.want)
		}
		if thin := got != "" && got != "unknown"; thin != (q.Status == rampforge.QuestionAskedAgain) || thin != (q.FollowUp != nil) {
			t.Errorf("%q is thin: %v, and the question is %s", a.answer, thin, q.Status)
		}
	}
	t.Logf("%d of %d", right, len(answers))
}

// TestAskedAgain asks with the answer's own words, another way the second time,
// and never a third time.
func TestAskedAgain(t *testing.T) {
	t.Parallel()
	q := questions["constant"]
	interview.Answer(&q, "It depends on the customer.", time.Time{})
	if q.FollowUp == nil || !strings.Contains(*q.FollowUp, "“it depends on the customer”") || !strings.Contains(*q.FollowUp, "`maxQueue`") {
		t.Fatalf("asked again is %v", q.FollowUp)
	}
	first := *q.FollowUp
	interview.Answer(&q, "Big ones complain a lot.", time.Time{})
	if q.FollowUp == nil || *q.FollowUp == first || q.AskedAgain != 2 || *q.Answer != "It depends on the customer.\n\nBig ones complain a lot." {
		t.Fatalf("%+v", q)
	}
	second := *q.FollowUp
	interview.Answer(&q, "It depends.", time.Time{})
	if q.Status != rampforge.QuestionAnswered || q.FollowUp != nil || len(q.Thin) == 0 || len(q.Versions) != 3 || q.Versions[2].FollowUp != second {
		t.Errorf("after three answers: %+v", q)
	}
}

// TestAnswerChanges covers the ways in which an answer becomes another.
func TestAnswerChanges(t *testing.T) {
	t.Parallel()
	q := questions["workaround"]
	interview.Answer(&q, "It just works.", time.Time{})
	again := *q.FollowUp
	interview.Answer(&q, "It just works.", time.Time{})
	if len(q.Versions) != 1 || *q.FollowUp != again {
		t.Errorf("the same text once more: %+v", q)
	}
	interview.Answer(&q, "I don't know.", time.Time{})
	if q.Status != rampforge.QuestionAnswered || *q.Answer != "It just works." || !slices.Contains(q.Thin, "evasive") {
		t.Errorf("who cannot say more: %+v", q)
	}
	whole := "It just works. The gateway strips the first header because its proxy is old."
	interview.Answer(&q, whole, time.Time{})
	if *q.Answer != whole || len(q.Thin) != 0 || q.Status != rampforge.QuestionAnswered {
		t.Errorf("a better one: %+v", q)
	}
	interview.Skip(&q)
	if q.Status != rampforge.QuestionSkipped || len(q.Versions) != 3 {
		t.Errorf("skipped: %+v", q)
	}
	unknown := questions["workaround"]
	interview.Answer(&unknown, "No idea.", time.Time{})
	interview.Answer(&unknown, whole, time.Time{})
	if unknown.Status != rampforge.QuestionAnswered || *unknown.Answer != whole {
		t.Errorf("remembered later: %+v", unknown)
	}
}

// TestPaddedAnswers has answers that have the words of one and say nothing, and such
// that say something in other scripts.
func TestPaddedAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answer string
		thin   bool
	}{
		{"It depends, because there are 3 reasons.", true},
		{"As usual, because of 12 things.", true},
		{"See the code in berth.go, because it is obvious.", true},
		{"Blah blah blah because blah blah 12 blah blah blah blah blah.", true},
		{"Because it broke. Because it broke. Because it broke. Because it broke. 7.", true},
		{"because 12 because 12 because 12 because 12 because 12 because 12", true},
		{"Lorem ipsum dolor, otherwise lorem ipsum dolor, lorem ipsum dolor 44 lorem ipsum.", true},
		{"It depends. The crane lifts 30 tonnes only, so a thirteenth ship would wait until the tide turns.", false},
		{"Look at the radio: it has twelve channels, because the licence of 1994 allows no more of them.", false},
		{"Потому что у диспетчера только двенадцать каналов связи и тринадцатое судно не услышит команду.", false},
		{"因为港口的无线电只有十二个频道，第十三艘船收不到调度员的指令，所以必须等待。", false},
		{"港の無線は十二チャンネルしかないので、十三隻目は指示を受けられず待つことになります。", false},
		{"Зависит.", true},
		{"看代码。", true},
	} {
		q := questions["constant"]
		interview.Answer(&q, c.answer, time.Time{})
		if thin := len(q.Thin) > 0; thin != c.thin {
			t.Errorf("%q is thin for %v", c.answer, q.Thin)
		}
	}
}
