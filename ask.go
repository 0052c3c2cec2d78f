package rampforge

import "time"

// Answer is what a question about a project was answered with.
type Answer struct {
	ID             string     `json:"id"`
	ConversationID string     `json:"conversation_id"`
	Question       string     `json:"question"`
	Text           string     `json:"answer"` // Markdown whose [n] are citations; it has no link and no image
	Citations      []Citation `json:"citations"`
	Confidence     Confidence `json:"confidence"`
	Abstained      bool       `json:"abstained"` // the sources do not say: Text tells what was looked at
	Model          string     `json:"model"`     // that wrote Text; extractive where none did
	Note           string     `json:"note"`      // why no model answered, and what else there is to know; "" for nothing
	Tokens         TokenUse   `json:"tokens"`
	FollowUps      []string   `json:"follow_ups"`
	Diagram        *string    `json:"diagram"` // Mermaid, drawn from the code graph; null where none helps
	Feedback       Feedback   `json:"feedback"`
	FeedbackNote   string     `json:"feedback_note"`
	AskedAt        time.Time  `json:"asked_at"`
}

// Citation is a source that an answer rests on.
type Citation struct {
	N         int         `json:"n"` // as the answer names it: [1]
	Kind      PassageKind `json:"kind"`
	Title     string      `json:"title"`
	Path      string      `json:"path"`
	StartLine *int        `json:"start_line"` // null where there are no lines
	EndLine   *int        `json:"end_line"`
	Commit    string      `json:"commit"` // in which the lines stand; of a commit its own
	URL       string      `json:"url"`    // for a browser; "" for none
	Excerpt   string      `json:"excerpt"`
	// Of a knowledge item: who wrote it, "" where they may not be named; when it was
	// approved; and whether the code that it speaks of has moved on since.
	Author string     `json:"author"`
	At     *time.Time `json:"at"`
	Stale  bool       `json:"stale"`
}

// TokenUse is what a model took for an answer; 0 without one.
type TokenUse struct {
	Input    int `json:"input"`
	Output   int `json:"output"`
	Thinking int `json:"thinking"`
}

// Confidence is how far the sources carry an answer.
type Confidence string

// The confidences. None is that of an answer that says it does not know.
const (
	ConfidenceHigh   Confidence = "high"
	ConfidenceMedium Confidence = "medium"
	ConfidenceLow    Confidence = "low"
	ConfidenceNone   Confidence = "none"
)

// Feedback is what the asker says of an answer.
type Feedback string

// The kinds of feedback; "" is none.
const (
	FeedbackHelpful   Feedback = "helpful"
	FeedbackUnhelpful Feedback = "unhelpful"
)

// Conversation is questions of one person about one project, with their answers.
type Conversation struct {
	ID         string    `json:"id"`
	ProjectID  string    `json:"project_id"`
	UserID     string    `json:"-"`
	Title      string    `json:"title"`
	Bookmarked bool      `json:"bookmarked"`
	Questions  int       `json:"questions"` // how many
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"` // when the newest was asked
}
