package measure

import (
	"context"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/team"
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/delivery"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Insights is what the product counts of one person, for that person alone.
type Insights struct {
	Purpose  string        `json:"purpose"`
	State    team.State    `json:"state"`
	Reason   string        `json:"reason"`
	Projects []OwnInsights `json:"projects"` // that you are a member of, by name
}

// OwnInsights are one's own numbers in one project.
type OwnInsights struct {
	ProjectID   string     `json:"project_id"`
	ProjectName string     `json:"project_name"`
	State       team.State `json:"state"`
	Reason      string     `json:"reason"`
	Own         *team.Own  `json:"insights"` // null unless the state is ok
}

// OnlyYou is what one's own numbers are for; it stands in the answer.
const OnlyYou = "Only you see this: nobody else can ask for it, whatever their role, and nothing is made of it. It is for you to see how you arrive and how your work waits. Each reading is in the audit log under your own name."

// Own returns somebody's own numbers. For nobody else may this be called.
func (m *Measurer) Own(ctx context.Context, user rampforge.User) (*Insights, error) {
	out := &Insights{Purpose: OnlyYou, State: team.OK, Projects: []OwnInsights{}}
	person, mine, err := m.mine(ctx, user)
	if err != nil {
		return nil, err
	}
	projects, err := m.Store.UserProjects(ctx, user.ID)
	if err != nil {
		return nil, err
	}
	if len(projects) == 0 {
		out.State, out.Reason = team.NoData, "You are a member of no project."
		return out, nil
	}
	for _, u := range projects {
		o, err := m.ownIn(ctx, user, u.ID, person, mine)
		if err != nil {
			return nil, err
		}
		out.Projects = append(out.Projects, o)
	}
	return out, nil
}

// mine returns the person whom a user is, "" for none, and which of that
// person's accounts and signatures are proven to be the user's. nil is all:
// rules joined them, or administrators who are not the user did. What anybody
// else joined proves nothing, as whoever may merge people could have a second
// user to read with what is another's.
func (m *Measurer) mine(ctx context.Context, user rampforge.User) (person string, only map[string]bool, err error) {
	person, doubtful, err := m.Store.PersonOfUser(ctx, user.ID)
	if err != nil || person == "" || !doubtful {
		return person, nil, err
	}
	if m.Proven == nil {
		return person, map[string]bool{}, nil
	}
	only, err = m.Proven(ctx, user)
	return person, only, err
}

func (m *Measurer) ownIn(ctx context.Context, user rampforge.User, projectID, person string, only map[string]bool) (OwnInsights, error) {
	p, err := m.Store.Project(ctx, store.Viewer{UserID: user.ID}, projectID)
	o := OwnInsights{ProjectID: p.ID, ProjectName: p.Name, State: team.OK}
	if err != nil {
		return o, err
	}
	s, _, err := m.teamOf(ctx, p)
	if err != nil {
		return o, err
	}
	switches := s.config.Settings.People
	if switches.Insights != nil && !*switches.Insights {
		o.State, o.Reason = team.Off, "This project has switched this off (people_metrics.insights in its workflow settings): nothing is counted of you, for you neither."
		return o, nil
	}
	own := func(account facts.Symbol) bool {
		text := s.log.Symbols.Text(account)
		if parts := facts.Parts(text); len(parts) == 3 {
			text = m.Subject(rampforge.Signature{Name: parts[1], Email: parts[2]})
		}
		return only == nil || only[text]
	}
	theirs := map[facts.Symbol]bool{}
	for _, a := range s.log.Accounts {
		if a.Person == person && person != "" {
			theirs[a.Account] = own(a.Account)
		}
	}
	s.without = func(account facts.Symbol) bool { mine, of := theirs[account]; return of && !mine }
	in := teamInput(s)
	at := -1
	for i := range in.People {
		if in.People[i].UserID == user.ID {
			at = i
		}
	}
	proven := false
	for _, is := range theirs {
		proven = proven || is
	}
	switch {
	case len(theirs) > 0 && !proven:
		o.State, o.Reason = team.NoData, "Which accounts are yours was said by yourself, or by somebody who is no administrator, and no vendor verified your address for them: ask another person, who is an administrator, to split them from you and to join them again."
		return o, nil
	case at < 0 || len(theirs) == 0:
		o.State, o.Reason = team.NoData, "No account or address in this project's sources is known to be yours: ask your team's lead to join them with you (people, suggestions)."
		return o, nil
	}
	q := team.OwnQuery{Now: team.At(m.Now()), OffHours: team.FigureOffHours.On(switches)}
	q.Reviews, q.PullRequests = ownReviews(s, theirs, m.Now())
	counted := team.OwnOf(in, int32(at), q)
	o.Own = &counted
	return o, nil
}

// ownReviews counts the reviews and pull requests of who is behind accounts.
func ownReviews(s teamSource, theirs map[facts.Symbol]bool, now time.Time) (team.OwnReviews, team.OwnPullRequests) {
	var accounts []facts.Symbol
	for account, is := range theirs {
		if is {
			accounts = append(accounts, account)
		}
	}
	slices.Sort(accounts)
	at := facts.At(now)
	in := delivery.Input{
		Log: s.log, Settings: &s.config.Settings, From: facts.At(now.Add(-team.OwnSince)), To: at, AsOf: at, Zone: s.config.Zone,
		People: delivery.PeopleOf(s.log), Own: true,
	}
	own := delivery.ComputeSelfReviews(in, accounts)
	reviews := team.OwnReviews{Requested: own.Reviewed + own.Requested, Done: own.Reviewed, Pending: own.Requested, Pickup: own.Pickup}
	pulls := team.OwnPullRequests{Opened: own.Opened, Merged: own.Merged, FirstResponse: own.FirstResponse}
	mine := *s.log
	mine.PullRequests = nil
	for i := range s.log.PullRequests {
		if theirs[s.log.PullRequests[i].Author] {
			mine.PullRequests = append(mine.PullRequests, s.log.PullRequests[i])
		}
	}
	in.Log = &mine
	if stages := delivery.Compute(in).PullRequests.Stages; stages.State == basis.OK {
		pulls.Stages = &team.OwnStages{Coding: stages.Coding.P50, Pickup: stages.Pickup.P50, Review: stages.Review.P50, Merge: stages.Merge.P50, Deploy: stages.Deploy.P50}
	}
	return reviews, pulls
}
