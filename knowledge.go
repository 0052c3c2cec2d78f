package rampforge

import "time"

// InterviewReason says why somebody is asked what they know.
type InterviewReason string

// The reasons of interviews.
const (
	InterviewLeaving    InterviewReason = "leaving"
	InterviewSoleExpert InterviewReason = "sole_expert"
	InterviewOther      InterviewReason = "other"
)

// InterviewStatus is how far an interview is.
type InterviewStatus string

// The states of an interview. What was answered in a finished one is drafts of
// knowledge items.
const (
	InterviewOpen     InterviewStatus = "open"
	InterviewFinished InterviewStatus = "finished"
)

// InterviewQuestionStatus is how far a question of an interview is.
type InterviewQuestionStatus string

// The states of a question.
const (
	QuestionOpen       InterviewQuestionStatus = "open"
	QuestionAskedAgain InterviewQuestionStatus = "asked_again" // its answer is thin, and a follow-up waits
	QuestionAnswered   InterviewQuestionStatus = "answered"
	QuestionUnknown    InterviewQuestionStatus = "unknown" // who was asked does not know
	QuestionSkipped    InterviewQuestionStatus = "skipped"
)

// Interview is a kit of questions for one person about what they alone know.
type Interview struct {
	ID        string `json:"id"`
	ProjectID string `json:"project_id"`
	// Person is who is asked; null where they do not want to be named.
	Person     *InterviewPerson    `json:"person"`
	Reason     InterviewReason     `json:"reason"`
	Status     InterviewStatus     `json:"status"`
	Commit     string              `json:"commit"` // that the questions are of
	Paths      []string            `json:"paths"`  // that it was narrowed to
	Components []string            `json:"components"`
	Notes      []string            `json:"notes"` // what there is to know of how it was made
	Questions  []InterviewQuestion `json:"questions"`
	CreatedAt  time.Time           `json:"created_at"`
	UpdatedAt  time.Time           `json:"updated_at"`
	FinishedAt *time.Time          `json:"finished_at"`
	CreatedBy  string              `json:"-"`
	Unnamed    bool                `json:"-"` // who is asked does not want to be named
}

// InterviewPerson is who is asked.
type InterviewPerson struct {
	UserID *string `json:"user_id"` // null before they have an account
	Email  string  `json:"email"`
	Name   string  `json:"name"` // "" before they have an account
}

// InterviewQuestion is a question about one case.
type InterviewQuestion struct {
	ID     string           `json:"id"`
	Kind   string           `json:"kind"` // timeline, cue, option, goal, risk, workaround, error, contact
	Topic  string           `json:"topic"`
	Text   string           `json:"text"`
	Why    string           `json:"why"` // why it is asked
	Case   InterviewCase    `json:"case"`
	Probes []InterviewProbe `json:"probes"`
	Needs  []string         `json:"needs"` // what an answer should hold: reason, concrete

	Status InterviewQuestionStatus `json:"status"`
	// FollowUp is what is asked again about a thin answer; null while nothing is.
	FollowUp   *string           `json:"follow_up"`
	AskedAgain int               `json:"asked_again"` // how often, at most twice
	Thin       []string          `json:"thin"`        // why the answer is thin
	Answer     *string           `json:"answer"`      // as it stands
	Versions   []InterviewAnswer `json:"versions"`    // of the answer as they were sent, oldest first
}

// InterviewProbe is a further question about the same case.
type InterviewProbe struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// InterviewCase is what a question is about, with the place that shows it.
type InterviewCase struct {
	What      string `json:"what"` // incident, reverted, repaired, change, decision, remark, constant, waiting, complex, hotspot, untested, coupling, system
	Title     string `json:"title"`
	Path      string `json:"path"`
	Symbol    string `json:"symbol"`
	StartLine *int   `json:"start_line"` // null where it has no lines
	EndLine   *int   `json:"end_line"`
	Commit    string `json:"commit"` // in which the lines stand; of a commit its own
	Excerpt   string `json:"excerpt"`
	URL       string `json:"url"`
	Related   string `json:"related"` // a second path or commit, "" for none
}

// InterviewAnswer is one version of an answer.
type InterviewAnswer struct {
	FollowUp  string    `json:"follow_up"` // that it answers, "" for the question itself
	Text      string    `json:"text"`
	CreatedAt time.Time `json:"created_at"`
}

// KnowledgeState is whether a knowledge item may be read by a project.
type KnowledgeState string

// The states of a knowledge item.
const (
	KnowledgeDraft    KnowledgeState = "draft"
	KnowledgeApproved KnowledgeState = "approved"
	KnowledgeRetired  KnowledgeState = "retired"
)

// KnowledgeItem is something that somebody knows about the code, in their words.
type KnowledgeItem struct {
	ID        string `json:"id"`
	ProjectID string `json:"project_id"`
	Title     string `json:"title"`
	Text      string `json:"text"`
	Question  string `json:"question"` // that it answers, "" for none
	// Author is null where their account is gone, or where they do not want to be
	// named.
	Author      *KnowledgeAuthor `json:"author"`
	InterviewID *string          `json:"interview_id"`
	QuestionID  *string          `json:"question_id"`
	State       KnowledgeState   `json:"state"`
	Stale       bool             `json:"stale"` // the code that it speaks of moved on
	Links       []KnowledgeLink  `json:"links"`
	CreatedAt   time.Time        `json:"created_at"`
	UpdatedAt   time.Time        `json:"updated_at"`
	ApprovedAt  *time.Time       `json:"approved_at"`
	// ApprovedBy is the author, or somebody who leads where the author is gone;
	// null where it is not approved, their account is gone, or they do not want to
	// be named.
	ApprovedBy  *KnowledgeAuthor `json:"approved_by"`
	ConfirmedAt *time.Time       `json:"confirmed_at"` // when somebody last said that it is still true
	Unnamed     bool             `json:"-"`            // the author does not want to be named
	Discreet    bool             `json:"-"`            // nor does who approved it
	// AuthorGone says that the author has no active account, or does not see the
	// project any more: who leads may approve in their place.
	AuthorGone bool `json:"-"`
	Revised    bool `json:"-"` // somebody changed it after the author's account was erased
}

// KnowledgeAuthor is who wrote a knowledge item.
type KnowledgeAuthor struct {
	UserID string `json:"user_id"`
	Name   string `json:"name"`
}

// LinkState is whether the code behind a link is as it was.
type LinkState string

// The states of a link.
const (
	LinkCurrent LinkState = "current"
	LinkChanged LinkState = "changed"
	LinkGone    LinkState = "gone"
)

// KnowledgePlace is some lines of a file at a commit, or the whole file.
type KnowledgePlace struct {
	Path      string `json:"path"`
	Symbol    string `json:"symbol"`
	StartLine *int   `json:"start_line"` // null for the whole file
	EndLine   *int   `json:"end_line"`
	Commit    string `json:"commit"`
	Hash      string `json:"hash"` // of the lines
}

// KnowledgeLink leads from a knowledge item to the code that it speaks of.
type KnowledgeLink struct {
	ID           string `json:"id"`
	RepositoryID string `json:"-"`
	KnowledgePlace
	State  LinkState `json:"state"`
	Detail string    `json:"detail"` // what changed, "" where nothing did
	// Now is where changed lines seem to be; null where that is not known.
	Now *KnowledgePlace `json:"now"`
}
