package store

import (
	"maps"
	"slices"

	"github.com/rampforgeai/rampforge"
)

// collectAccounts adds every account that a record names, by id.
func collectAccounts(r *rampforge.Record, into map[string]rampforge.Account) {
	visitAccounts(r, func(_ string, a *rampforge.Account) {
		if a.ID != "" {
			into[a.ID] = fuller(into[a.ID], *a)
		}
	})
}

// visitAccounts hands on every account that a record names, and what as.
func visitAccounts(r *rampforge.Record, visit func(role string, a *rampforge.Account)) {
	add := func(role string, a *rampforge.Account) {
		if a != nil {
			visit(role, a)
		}
	}
	comments := func(list []rampforge.Comment) {
		for i := range list {
			add("commented", list[i].Author)
		}
	}
	all := func(role string, list []rampforge.Account) {
		for i := range list {
			add(role, &list[i])
		}
	}
	switch {
	case r.WorkItem != nil:
		add("reported", r.WorkItem.Reporter)
		all("assigned", r.WorkItem.Assignees)
		comments(r.WorkItem.Comments)
		for i := range r.WorkItem.Events {
			add("changed", r.WorkItem.Events[i].Actor)
		}
	case r.PullRequest != nil:
		add("opened", r.PullRequest.Author)
		add("merged", r.PullRequest.MergedBy)
		all("assigned", r.PullRequest.Assignees)
		all("asked to review", r.PullRequest.Requested)
		comments(r.PullRequest.Comments)
		for i := range r.PullRequest.Reviews {
			add("reviewed", r.PullRequest.Reviews[i].Author)
		}
	case r.Commit != nil:
		add("authored", r.Commit.AuthorAccount)
		add("committed", r.Commit.CommitterAccount)
	case r.PipelineRun != nil:
		add("started", r.PipelineRun.Actor)
	case r.Deployment != nil:
		add("started", r.Deployment.Actor)
	case r.Document != nil:
		add("wrote", r.Document.Author)
	}
}

// fuller joins two mentions of one account: vendors leave the address out in
// most places.
func fuller(before, now rampforge.Account) rampforge.Account {
	if now.Email == "" {
		now.Email, now.EmailVerified = before.Email, before.EmailVerified
	}
	if now.Name == "" {
		now.Name = before.Name
	}
	if now.Login == "" {
		now.Login = before.Login
	}
	return now
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// maxSeen bounds what Seen remembers; then it begins anew.
const maxSeen = 20_000

// Seen is what one sync has kept of accounts. The same few stand in every page,
// and need not be written with each. The zero value has seen nothing; it is not
// for use by two goroutines at once.
type Seen struct{ accounts map[string]rampforge.Account }

// news returns what was not kept yet.
func (s *Seen) news(accounts map[string]rampforge.Account) map[string]rampforge.Account {
	if s == nil {
		return accounts
	}
	for id, a := range accounts {
		if kept, ok := s.accounts[id]; ok {
			if a = fuller(kept, a); a == kept {
				delete(accounts, id)
				continue
			}
			accounts[id] = a
		}
	}
	return accounts
}

// keep remembers what is in the database now.
func (s *Seen) keep(accounts map[string]rampforge.Account) {
	if s == nil {
		return
	}
	if s.accounts == nil || len(s.accounts)+len(accounts) > maxSeen {
		s.accounts = map[string]rampforge.Account{}
	}
	maps.Copy(s.accounts, accounts)
}
