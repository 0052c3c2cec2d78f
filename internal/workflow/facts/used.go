package facts

// Used says of each symbol whether a fact refers to it. What Rebase moves is
// what is used.
func (l *Log) Used() []bool {
	used := make([]bool, l.Symbols.Len())
	use := func(symbols ...Symbol) {
		for _, s := range symbols {
			used[s] = true
		}
	}
	use(0)
	for i := range l.Items {
		l.Items[i].use(use)
	}
	for i := range l.PullRequests {
		l.PullRequests[i].use(use)
	}
	for i := range l.Deployments {
		v := &l.Deployments[i]
		use(v.Source, v.Environment, v.Pipeline, v.Branch, v.State)
	}
	for i := range l.Commits {
		use(l.Commits[i].Source, l.Commits[i].Author)
	}
	for i := range l.Sprints {
		use(l.Sprints[i].ID, l.Sprints[i].Board, l.Sprints[i].State)
	}
	for i := range l.Statuses {
		use(l.Statuses[i].Status, l.Statuses[i].Category)
	}
	return used
}

func (v *Item) use(use func(...Symbol)) {
	use(v.Source, v.Type, v.Priority, v.Resolution, v.Category, v.Reporter)
	use(v.Labels...)
	for i := range v.Visits {
		use(v.Visits[i].Status, v.Visits[i].Name, v.Visits[i].Actor)
	}
	for i := range v.Assignees {
		use(v.Assignees[i].Account)
	}
	for i := range v.Sprints {
		use(v.Sprints[i].Sprint)
	}
	for i := range v.Comments {
		use(v.Comments[i].Account)
	}
}

func (v *PullRequest) use(use func(...Symbol)) {
	use(v.Source, v.State, v.Author, v.MergedBy, v.TargetBranch)
	for i := range v.Reviews {
		use(v.Reviews[i].Account, v.Reviews[i].State)
	}
	for i := range v.Comments {
		use(v.Comments[i].Account)
	}
	use(v.Requested...)
}
