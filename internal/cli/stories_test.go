package cli_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
)

// The statuses of the fake Jira, by id.
const (
	toDo     = "1"
	doing    = "3"
	review   = "10002"
	finished = "10001"
	dropped  = "10003" // of a category that the tracker does not tell
	doneToo  = jiratest.UnknownStatus
)

// at is a moment by the clock of UTC in 2025.
func at(month time.Month, day, hour, minute int) time.Time {
	return time.Date(2025, month, day, hour, minute, 0, 0, time.UTC)
}

// told are the sprints, two weeks each from Monday, closed a day late in the
// evening; the last but one is active, and the last is to come.
func toldSprints() (sprints []jiratest.Sprint) {
	for i := range 11 {
		start := at(1, 13+14*i, 9, 0)
		s := jiratest.Sprint{ID: 401 + i, Start: start, End: start.AddDate(0, 0, 14), Completed: start.AddDate(0, 0, 15).Add(11 * time.Hour)}
		if s.Completed.After(storyEnd) {
			s.Completed = time.Time{}
		}
		sprints = append(sprints, s)
	}
	return append(sprints, jiratest.Sprint{ID: 412})
}

// storyEnd is after everything that happens in the stories.
var storyEnd = at(6, 16, 12, 0)

// move is a change of status.
func move(when time.Time, status string) jiratest.Move {
	return jiratest.Move{At: when, Status: status}
}

// stories are made-up work items: some by hand, for what tools differ in, and
// others drawn.
func stories() []jiratest.Story {
	yes, no := new(true), new(false)
	ada, li := new(0), new(1)
	hand := []jiratest.Story{
		{Kind: "Story", Created: at(1, 6, 8, 0), Points: new(5.0), Sprints: []int{401}, Resolution: "Erledigt", Moves: []jiratest.Move{ // as it is meant to be
			{At: at(1, 14, 8, 0), Status: doing, Assignee: ada}, move(at(1, 16, 8, 30), review), move(at(1, 17, 15, 0), finished)}},
		{Kind: "Story", Created: at(1, 7, 8, 0), Points: new(3.0), Sprints: []int{401}, Resolution: "Erledigt", Moves: []jiratest.Move{ // reopened
			move(at(1, 15, 8, 0), doing), move(at(1, 20, 8, 0), finished), move(at(1, 29, 9, 0), doing), {At: at(1, 29, 9, 5), Sprints: []int{401, 402}}, move(at(2, 3, 9, 0), finished)}},
		{Kind: "Story", Created: at(1, 8, 8, 0), Points: new(2.0), Sprints: []int{401}, Resolution: "Erledigt", Moves: []jiratest.Move{move(at(1, 22, 9, 0), finished)}}, // all skipped
		{Kind: "Bug", Created: at(1, 9, 8, 0), Resolution: "Erledigt", Moves: []jiratest.Move{ // reopened twice, over the change of the clocks
			move(at(3, 28, 9, 0), doing), move(at(3, 29, 9, 0), finished), move(at(3, 30, 9, 0), doing), move(at(3, 31, 9, 0), finished), move(at(4, 2, 9, 0), review), move(at(4, 3, 9, 0), finished)}},
		{Kind: "Story", Created: at(1, 10, 8, 0), Points: new(8.0), Sprints: []int{402}, Resolution: "Erledigt", Moves: []jiratest.Move{ // carried over and estimated anew
			move(at(1, 28, 9, 0), doing), {At: at(2, 4, 9, 0), Points: new(13.0)}, {At: at(2, 12, 9, 0), Sprints: []int{402, 403}}, move(at(2, 14, 9, 0), finished)}},
		{Kind: "Story", Created: at(1, 10, 9, 0), Points: new(4.0), Sprints: []int{403}, Moves: []jiratest.Move{ // taken out, and in again
			{At: at(2, 13, 9, 0), Sprints: []int{}}, {At: at(2, 17, 9, 0), Sprints: []int{403}, Points: new(7.0)}, move(at(2, 18, 9, 0), doing), {At: at(2, 20, 9, 0), Points: new(6.0)}}},
		{Kind: "Story", Created: at(2, 1, 9, 0), Points: new(5.0), Sprints: []int{404}, Resolution: "Won't Do", Moves: []jiratest.Move{ // withdrawn out of progress
			move(at(2, 25, 9, 0), doing), move(at(3, 4, 9, 0), finished)}},
		{Kind: "Story", Created: at(2, 2, 9, 0), Points: new(1.0), Sprints: []int{404}, Resolution: "Duplicate", Moves: []jiratest.Move{move(at(3, 5, 9, 0), dropped)}}, // withdrawn, never begun
		{Kind: "Bug", Created: at(2, 3, 9, 0), Moves: []jiratest.Move{move(at(3, 6, 9, 0), dropped)}},                                                                   // in a state that nobody places
		{Kind: "Story", Created: at(2, 5, 9, 0), Points: new(3.0)},                                                                                                      // never begun
		{Kind: "Epic", Created: at(2, 6, 9, 0), Moves: []jiratest.Move{move(at(2, 7, 9, 0), doing)}},
		{Kind: "Story", Created: at(2, 7, 9, 0), Points: new(3.0), Sprints: []int{404}, Resolution: "Erledigt", Moves: []jiratest.Move{ // flagged
			{At: at(2, 24, 10, 0), Status: doing, Assignee: li}, {At: at(2, 25, 10, 0), Flagged: yes}, {At: at(3, 5, 10, 0), Flagged: no}, move(at(3, 6, 10, 0), review), move(at(3, 7, 10, 0), finished)}},
		{Kind: "Story", Created: at(5, 19, 9, 0), Points: new(5.0), Sprints: []int{410}, Moves: []jiratest.Move{ // in progress and flagged now
			move(at(5, 28, 9, 0), doing), {At: at(6, 3, 9, 0), Flagged: yes}}},
		{Kind: "Story", Created: at(5, 20, 9, 0), Points: new(2.0), Sprints: []int{411}, Resolution: "Erledigt", Moves: []jiratest.Move{move(at(6, 4, 9, 0), doing), move(at(6, 9, 9, 0), doneToo)}}, // done by another name
		{Kind: "Bug", Created: at(3, 1, 9, 0), Sprints: []int{405}, Resolution: "Erledigt", Moves: []jiratest.Move{ // back and forth
			move(at(3, 10, 9, 0), doing), move(at(3, 11, 9, 0), review), move(at(3, 12, 9, 0), doing), move(at(3, 13, 9, 0), review), move(at(3, 14, 9, 0), toDo), move(at(3, 17, 9, 0), doing), move(at(3, 18, 9, 0), finished)}},
		{Kind: "Story", Created: at(3, 2, 9, 0), Points: new(2.0), Sprints: []int{406}, Resolution: "Erledigt", Moves: []jiratest.Move{ // done before its sprint
			move(at(3, 3, 9, 0), doing), move(at(3, 20, 9, 0), finished)}},
	}
	random := rand.New(rand.NewPCG(4, 4))
	for range 54 {
		hand = append(hand, drawn(random))
	}
	for i := range hand {
		hand[i].Number, hand[i].Status = i+1, toDo
	}
	return hand
}

// drawn is a story that goes its way with some detours.
func drawn(random *rand.Rand) jiratest.Story {
	s := jiratest.Story{Kind: []string{"Story", "Story", "Bug", "Task"}[random.IntN(4)], Created: at(1, 6, 7, 0).Add(time.Duration(random.IntN(140*24*60)) * time.Minute)}
	if random.IntN(4) > 0 {
		s.Points = new([]float64{1, 2, 3, 5, 8}[random.IntN(5)])
	}
	when := s.Created
	later := func(hours int) time.Time {
		when = when.Add(time.Duration(60+random.IntN(60*hours)) * time.Minute)
		return when
	}
	add := func(m jiratest.Move) {
		if m.At.Before(storyEnd) {
			s.Moves = append(s.Moves, m)
		}
	}
	sprint := 401 + int(s.Created.Sub(at(1, 6, 7, 0)).Hours()/24/14) + random.IntN(2)
	if random.IntN(3) > 0 && sprint <= 411 {
		add(jiratest.Move{At: later(48), Sprints: []int{sprint}})
	}
	if random.IntN(12) == 0 {
		return s // never begun
	}
	add(jiratest.Move{At: later(200), Status: doing, Assignee: new([]int{0, 1, 4}[random.IntN(3)])})
	for random.IntN(3) == 0 {
		add(move(later(60), review))
		add(move(later(60), doing))
	}
	if random.IntN(4) == 0 {
		add(jiratest.Move{At: later(30), Flagged: new(true)})
		add(jiratest.Move{At: later(90), Flagged: new(false)})
	}
	if random.IntN(5) == 0 && s.Points != nil {
		add(jiratest.Move{At: later(30), Points: new(*s.Points + 2)})
	}
	if random.IntN(4) > 0 {
		add(move(later(100), review))
	}
	if random.IntN(9) == 0 {
		return s // stays
	}
	end := move(later(150), finished)
	if add(end); end.At.Before(storyEnd) {
		s.Resolution = "Erledigt"
		if random.IntN(7) == 0 {
			back := move(later(300), doing)
			again := move(later(80), finished)
			if again.At.Before(storyEnd) {
				add(back)
				add(again)
			}
		}
	}
	return s
}

func keyOf(s *jiratest.Story) string { return fmt.Sprintf("BETA-%d", s.Number) }
