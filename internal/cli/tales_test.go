package cli_test

import (
	"math/rand/v2"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector/github/githubtest"
)

// tales are made-up issues and pull requests, with what was committed and
// deployed meanwhile.
func tales() (all []githubtest.Story, commits []time.Time, rollouts []githubtest.Rollout) {
	random := rand.New(rand.NewPCG(9, 9))
	people := []string{"ada", "grace", "linus", "margaret", "ken", "Straße"}
	someone := func() string { return people[random.IntN(len(people))] }
	hours := func(n int) time.Duration { return time.Duration(10+random.IntN(60*n)) * time.Minute }
	for n := range 130 {
		s := githubtest.Story{Number: n + 1, Author: someone(), Opened: at(1, 6, 9, 0).Add(time.Duration(n) * 29 * time.Hour)}
		when := s.Opened
		later := func(n int) time.Time { when = when.Add(hours(n)); return when }
		if s.Pull = n%2 == 0; s.Pull {
			told(random, &s, later, someone)
			if n%22 == 10 {
				s.Author = "dependabot[bot]"
			}
		} else {
			issue(random, &s, later, someone)
		}
		all = append(all, s)
	}
	for n := range 20 {
		commits = append(commits, at(1, 2, 9, 0).Add(time.Duration(n)*190*time.Hour))
	}
	for n := range 41 {
		r := githubtest.Rollout{At: at(1, 20, 16, 0).Add(time.Duration(n)*80*time.Hour + hours(8)), State: "success", Environment: "production"}
		if n%9 == 4 {
			r.State = "failure"
		}
		if n%6 == 1 { // again on the same day
			rollouts = append(rollouts, githubtest.Rollout{At: r.At.Add(-3 * time.Hour), State: "success", Environment: "production"})
		}
		rollouts = append(rollouts, r, githubtest.Rollout{At: r.At.Add(-time.Hour), State: "success", Environment: "staging"}, githubtest.Rollout{At: r.At.Add(-2 * time.Hour), State: "success"})
	}
	return all, commits, rollouts
}

// told is a pull request on its way.
func told(random *rand.Rand, s *githubtest.Story, later func(int) time.Time, someone func() string) {
	s.Requested = []string{someone()}
	s.Commits = []time.Time{s.Opened.Add(-time.Duration(random.IntN(2000)) * time.Minute)}
	if random.IntN(5) == 0 {
		if s.Draft = random.IntN(3) == 0; s.Draft {
			return
		}
		s.Ready = later(20)
	}
	if random.IntN(10) > 0 {
		s.Comments = append(s.Comments, githubtest.Word{By: someone(), At: later(10)})
	}
	for random.IntN(3) == 0 {
		s.Reviews = append(s.Reviews, githubtest.Word{By: someone(), At: later(20), State: "CHANGES_REQUESTED"})
		s.Commits = append(s.Commits, later(10))
	}
	if random.IntN(6) > 0 {
		s.Reviews = append(s.Reviews, githubtest.Word{By: someone(), At: later(20), State: "APPROVED"})
	}
	if random.IntN(7) > 0 {
		s.Turns, s.Merged = []time.Time{later(30)}, random.IntN(8) > 0
	}
}

// issue is one that is worked on, some of them incidents.
func issue(random *rand.Rand, s *githubtest.Story, later func(int) time.Time, someone func() string) {
	if random.IntN(3) > 0 {
		s.Labels = []string{"incident"}
	}
	for range random.IntN(3) {
		s.Comments = append(s.Comments, githubtest.Word{By: someone(), At: later(10)})
	}
	if random.IntN(6) > 0 {
		s.Turns = append(s.Turns, later(150))
		if random.IntN(6) == 0 {
			s.Turns = append(s.Turns, later(50), later(60))
		}
		s.NotPlanned = random.IntN(8) == 0
	}
}
