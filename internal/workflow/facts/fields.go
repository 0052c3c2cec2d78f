package facts

import "strings"

// How each kind of fact is stored: a write and a read that name the same
// fields in the same order. Who changes one changes packVersion.

func (w *writer) item(v *Item) {
	w.symbol(v.Source)
	w.text(v.ID)
	w.text(v.Key)
	w.symbol(v.Type)
	w.symbol(v.Priority)
	w.symbol(v.Resolution)
	w.symbol(v.Category)
	w.symbols(v.Labels)
	w.text(v.Parent)
	w.time(v.Created, 0)
	w.time(v.Updated, v.Created)
	w.time(v.SyncedAt, v.Updated)
	w.symbol(v.Reporter)
	w.visits(v.Visits, v.Created)
	w.count(len(v.Flags))
	for _, s := range v.Flags {
		w.span(s, v.Created)
	}
	w.count(len(v.Assignees))
	for _, a := range v.Assignees {
		w.symbol(a.Account)
		w.span(a.Span, v.Created)
	}
	w.count(len(v.Sprints))
	for _, s := range v.Sprints {
		w.symbol(s.Sprint)
		w.span(s.Span, v.Created)
	}
	w.count(len(v.Estimates))
	for _, e := range v.Estimates {
		w.time(e.At, v.Created)
		if w.bool(e.Known); e.Known {
			w.float(e.Value)
		}
	}
	w.remarks(v.Comments, v.Created)
	w.texts(v.BlockedBy)
	w.bool(v.Incomplete)
	w.bool(v.Imported)
}

func (r *reader) item(v *Item) {
	v.Source = r.symbol()
	v.ID = r.text()
	v.Key = r.text()
	v.Type = r.symbol()
	v.Priority = r.symbol()
	v.Resolution = r.symbol()
	v.Category = r.symbol()
	v.Labels = r.manySymbols()
	v.Parent = r.text()
	v.Created = r.time(0)
	v.Updated = r.time(v.Created)
	v.SyncedAt = r.time(v.Updated)
	v.Reporter = r.symbol()
	v.Visits = r.manyVisits(v.Created)
	v.Flags = r.spans.take(r.count())
	for i := range v.Flags {
		v.Flags[i] = r.span(v.Created)
	}
	v.Assignees = r.assignments.take(r.count())
	for i := range v.Assignees {
		v.Assignees[i] = Assignment{Account: r.symbol(), Span: r.span(v.Created)}
	}
	v.Sprints = r.memberships.take(r.count())
	for i := range v.Sprints {
		v.Sprints[i] = Membership{Sprint: r.symbol(), Span: r.span(v.Created)}
	}
	v.Estimates = r.estimates.take(r.count())
	for i := range v.Estimates {
		e := Estimate{At: r.time(v.Created), Known: r.bool()}
		if e.Known {
			e.Value = r.float()
		}
		v.Estimates[i] = e
	}
	v.Comments = r.manyRemarks(v.Created)
	v.BlockedBy = r.manyTexts()
	v.Incomplete = r.bool()
	v.Imported = r.bool()
}

func (w *writer) pullRequest(v *PullRequest) {
	w.symbol(v.Source)
	w.text(v.ID)
	w.integer(v.Number)
	w.symbol(v.State)
	w.bool(v.Draft)
	w.symbol(v.Author)
	w.symbol(v.MergedBy)
	w.time(v.Created, 0)
	w.time(v.Updated, v.Created)
	w.time(v.SyncedAt, v.Updated)
	w.moment(v.Ready, v.Created)
	w.moment(v.Closed, v.Created)
	w.moment(v.Merged, v.Created)
	w.text(v.HeadCommit)
	w.text(v.MergeCommit)
	w.symbol(v.TargetBranch)
	w.count(len(v.Commits))
	for _, c := range v.Commits {
		w.text(c.Hash)
		w.moment(c.Authored, v.Created)
		w.moment(c.Committed, v.Created)
	}
	w.count(len(v.Reviews))
	for _, c := range v.Reviews {
		w.symbol(c.Account)
		w.symbol(c.State)
		w.moment(c.At, v.Created)
	}
	w.remarks(v.Comments, v.Created)
	w.symbols(v.Requested)
	w.integer(v.Additions)
	w.integer(v.Deletions)
	w.integer(v.ChangedFiles)
}

func (r *reader) pullRequest(v *PullRequest) {
	v.Source = r.symbol()
	v.ID = r.text()
	v.Number = r.integer()
	v.State = r.symbol()
	v.Draft = r.bool()
	v.Author = r.symbol()
	v.MergedBy = r.symbol()
	v.Created = r.time(0)
	v.Updated = r.time(v.Created)
	v.SyncedAt = r.time(v.Updated)
	v.Ready = r.moment(v.Created)
	v.Closed = r.moment(v.Created)
	v.Merged = r.moment(v.Created)
	v.HeadCommit = r.text()
	v.MergeCommit = r.text()
	v.TargetBranch = r.symbol()
	v.Commits = r.commits.take(r.count())
	for i := range v.Commits {
		v.Commits[i] = PullCommit{Hash: r.text(), Authored: r.moment(v.Created), Committed: r.moment(v.Created)}
	}
	v.Reviews = r.reviews.take(r.count())
	for i := range v.Reviews {
		v.Reviews[i] = Review{Account: r.symbol(), State: r.symbol(), At: r.moment(v.Created)}
	}
	v.Comments = r.manyRemarks(v.Created)
	v.Requested = r.manySymbols()
	v.Additions = r.integer()
	v.Deletions = r.integer()
	v.ChangedFiles = r.integer()
}

func (w *writer) deployment(v *Deployment) {
	w.symbol(v.Source)
	w.text(v.ID)
	w.symbol(v.Environment)
	w.symbol(v.Pipeline)
	w.text(v.Commit)
	w.symbol(v.Branch)
	w.symbol(v.State)
	w.time(v.Created, 0)
	w.moment(v.Finished, v.Created)
	w.time(v.SyncedAt, v.Created)
}

func (r *reader) deployment(v *Deployment) {
	v.Source = r.symbol()
	v.ID = r.text()
	v.Environment = r.symbol()
	v.Pipeline = r.symbol()
	v.Commit = r.text()
	v.Branch = r.symbol()
	v.State = r.symbol()
	v.Created = r.time(0)
	v.Finished = r.moment(v.Created)
	v.SyncedAt = r.time(v.Created)
}

func (w *writer) commit(v *Commit) {
	w.symbol(v.Source)
	w.text(v.ID)
	if strings.HasSuffix(v.ID, v.Hash) { // most are the hash, or end in it
		w.count(1 + len(v.Hash))
	} else {
		w.count(0)
		w.text(v.Hash)
	}
	w.texts(v.Parents)
	w.symbol(v.Author)
	w.time(v.Authored, 0)
	w.moment(v.Committed, v.Authored)
	w.time(v.SyncedAt, v.Authored)
}

func (r *reader) commit(v *Commit) {
	v.Source = r.symbol()
	v.ID = r.text()
	switch n := r.uvarint(); {
	case n == 0:
		v.Hash = r.text()
	case n-1 <= uint64(len(v.ID)):
		v.Hash = v.ID[uint64(len(v.ID))-(n-1):]
	default:
		r.fail()
	}
	v.Parents = r.manyTexts()
	v.Author = r.symbol()
	v.Authored = r.time(0)
	v.Committed = r.moment(v.Authored)
	v.SyncedAt = r.time(v.Authored)
}

func (w *writer) sprint(v *Sprint) {
	w.symbol(v.ID)
	w.symbol(v.Board)
	w.text(v.Name)
	w.symbol(v.State)
	w.time(v.Start, 0)
	w.moment(v.End, v.Start)
	w.moment(v.Completed, v.Start)
	w.time(v.SyncedAt, 0)
}

func (r *reader) sprint(v *Sprint) {
	v.ID = r.symbol()
	v.Board = r.symbol()
	v.Name = r.text()
	v.State = r.symbol()
	v.Start = r.time(0)
	v.End = r.moment(v.Start)
	v.Completed = r.moment(v.Start)
	v.SyncedAt = r.time(0)
}

// moment stores a time that may be none. None is none itself, and not far from
// the other.
func (w *writer) moment(t, from Time) {
	if w.bool(t != 0); t != 0 {
		w.time(t, from)
	}
}

func (r *reader) moment(from Time) Time {
	if !r.bool() {
		return 0
	}
	return r.time(from)
}

func (w *writer) span(s Span, from Time) {
	w.time(s.From, from)
	w.moment(s.To, s.From)
}

func (r *reader) span(from Time) Span {
	s := Span{From: r.time(from)}
	s.To = r.moment(s.From)
	return s
}

func (w *writer) visits(list []Visit, from Time) {
	w.count(len(list))
	for _, v := range list {
		w.symbol(v.Status)
		w.symbol(v.Name)
		w.symbol(v.Actor)
		w.time(v.At, from)
		from = v.At
	}
}

func (r *reader) manyVisits(from Time) []Visit {
	list := r.visits.take(r.count())
	for i := range list {
		v := Visit{Status: r.symbol(), Name: r.symbol(), Actor: r.symbol()}
		v.At = r.time(from)
		list[i], from = v, v.At
	}
	return list
}

func (w *writer) remarks(list []Remark, from Time) {
	w.count(len(list))
	for _, v := range list {
		w.symbol(v.Account)
		w.time(v.At, from)
		from = v.At
	}
}

func (r *reader) manyRemarks(from Time) []Remark {
	list := r.remarks.take(r.count())
	for i := range list {
		list[i] = Remark{Account: r.symbol(), At: r.time(from)}
		from = list[i].At
	}
	return list
}

func (w *writer) symbols(list []Symbol) {
	w.count(len(list))
	for _, v := range list {
		w.symbol(v)
	}
}

func (r *reader) manySymbols() []Symbol {
	list := r.symbolLists.take(r.count())
	for i := range list {
		list[i] = r.symbol()
	}
	return list
}

func (w *writer) texts(list []string) {
	w.count(len(list))
	for _, v := range list {
		w.text(v)
	}
}

func (r *reader) manyTexts() []string {
	list := r.textLists.take(r.count())
	for i := range list {
		list[i] = r.text()
	}
	return list
}
