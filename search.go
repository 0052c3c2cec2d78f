package rampforge

import "time"

// PassageKind is what a passage is a part of.
type PassageKind string

// The kinds of passages.
const (
	PassageCode        PassageKind = "code" // a symbol, or code between symbols
	PassageFile        PassageKind = "file" // the head of a file, and what it declares
	PassageDocument    PassageKind = "document"
	PassageCommit      PassageKind = "commit"
	PassagePullRequest PassageKind = "pull_request"
	PassageWorkItem    PassageKind = "work_item"
	PassagePage        PassageKind = "page" // of a wiki
	PassageKnowledge   PassageKind = "knowledge"
	PassageReport      PassageKind = "report" // what an analysis says
)

// PassageKinds are all kinds. Stored passages carry the place of theirs in this
// list, so that new ones come last.
var PassageKinds = []PassageKind{
	PassageCode, PassageFile, PassageDocument, PassageCommit, PassagePullRequest,
	PassageWorkItem, PassagePage, PassageKnowledge, PassageReport,
}

// Passage is what search finds and answers quote: a symbol, a section of a
// document, a commit, a comment.
type Passage struct {
	ID        int64 // given by the store
	Kind      PassageKind
	Key       string // what it is of: a path, a commit, a record's stream and id
	Version   string // of that; where it is the same, so are the passages
	Title     string // as a reader knows it
	Path      string // of code and documents
	Symbol    string // qualified in its file
	StartLine int    // from 1; 0 where there are no lines
	EndLine   int    // the last line
	Commit    string // in which the lines stand; of a commit its own
	URL       string // for a browser; "" for none
	Names     string // whose words weigh more than those of the text
	Text      string
	Paths     []string   // of a commit and a pull request: what it changed
	Weight    float64    // 0 to 1: how central it is
	At        *time.Time // when it was written
}
