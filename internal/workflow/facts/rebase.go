package facts

// Rebase makes a log's facts refer to the symbols of another table, which gets
// those that it lacks, in the order in which the log has them. Batches that
// were made side by side are joined by it, in one order and with one outcome.
func (l *Log) Rebase(onto *Symbols) {
	if l.Symbols == onto {
		return
	}
	to := make([]Symbol, l.Symbols.Len())
	for i, text := range l.Symbols.Texts() {
		to[i] = onto.Add(text)
	}
	for i := range l.Items {
		l.Items[i].rebase(to)
	}
	for i := range l.PullRequests {
		l.PullRequests[i].rebase(to)
	}
	for i := range l.Deployments {
		v := &l.Deployments[i]
		move(to, &v.Source, &v.Environment, &v.Pipeline, &v.Branch, &v.State)
	}
	for i := range l.Commits {
		v := &l.Commits[i]
		move(to, &v.Source, &v.Author)
	}
	for i := range l.Sprints {
		v := &l.Sprints[i]
		move(to, &v.ID, &v.Board, &v.State)
	}
	for i := range l.Statuses {
		v := &l.Statuses[i]
		move(to, &v.Status, &v.Category)
	}
	for i := range l.Accounts {
		move(to, &l.Accounts[i].Account)
	}
	l.Symbols = onto
}

func move(to []Symbol, symbols ...*Symbol) {
	for _, s := range symbols {
		*s = to[*s]
	}
}

func (v *Item) rebase(to []Symbol) {
	move(to, &v.Source, &v.Type, &v.Priority, &v.Resolution, &v.Category, &v.Reporter)
	for i := range v.Labels {
		v.Labels[i] = to[v.Labels[i]]
	}
	for i := range v.Visits {
		s := &v.Visits[i]
		s.Status, s.Name, s.Actor = to[s.Status], to[s.Name], to[s.Actor]
	}
	for i := range v.Assignees {
		v.Assignees[i].Account = to[v.Assignees[i].Account]
	}
	for i := range v.Sprints {
		v.Sprints[i].Sprint = to[v.Sprints[i].Sprint]
	}
	for i := range v.Comments {
		v.Comments[i].Account = to[v.Comments[i].Account]
	}
}

func (v *PullRequest) rebase(to []Symbol) {
	move(to, &v.Source, &v.State, &v.Author, &v.MergedBy, &v.TargetBranch)
	for i := range v.Reviews {
		v.Reviews[i].Account, v.Reviews[i].State = to[v.Reviews[i].Account], to[v.Reviews[i].State]
	}
	for i := range v.Comments {
		v.Comments[i].Account = to[v.Comments[i].Account]
	}
	for i := range v.Requested {
		v.Requested[i] = to[v.Requested[i]]
	}
}
