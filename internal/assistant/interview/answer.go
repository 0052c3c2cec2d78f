package interview

import (
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

// maxAskedAgain is how often one question is asked again at most: who is asked a
// third time writes what ends the asking.
const maxAskedAgain = 2

// Answer takes an answer to a question, or to what was asked again about it, and
// says by the question's status and follow-up what comes next. What answers a
// follow-up is added to the answer, unless it holds the answer so far. The same
// text once more changes nothing.
func Answer(q *rampforge.InterviewQuestion, text string, at time.Time) {
	text = strings.TrimSpace(text)
	if n := len(q.Versions); n > 0 && q.Versions[n-1].Text == text && q.Status != rampforge.QuestionSkipped {
		return
	}
	whole, followUp := text, ""
	if q.FollowUp != nil {
		followUp = *q.FollowUp
		if q.Answer != nil && !strings.Contains(text, *q.Answer) && !isUnknown(text) {
			whole = *q.Answer + "\n\n" + text
		}
	}
	before := q.Answer
	q.Versions = append(q.Versions, rampforge.InterviewAnswer{FollowUp: followUp, Text: text, CreatedAt: at})
	q.Answer, q.FollowUp, q.Status = &whole, nil, rampforge.QuestionAnswered
	if isUnknown(text) {
		// What was said before stands; it is the follow-up that nobody can answer.
		if followUp != "" && before != nil && !isUnknown(*before) {
			q.Answer = before
			q.Thin = Judge(q, *before).Thin
			return
		}
		q.Status, q.Thin = rampforge.QuestionUnknown, []string{}
		return
	}
	v := Judge(q, whole)
	q.Thin = append([]string{}, v.Thin...)
	if v.Probe != "" && q.AskedAgain < maxAskedAgain {
		q.Status, q.FollowUp = rampforge.QuestionAskedAgain, &v.Probe
		q.AskedAgain++
	}
}

// Skip leaves a question out. What was answered of it is kept as a version.
func Skip(q *rampforge.InterviewQuestion) {
	q.Status, q.FollowUp = rampforge.QuestionSkipped, nil
}
