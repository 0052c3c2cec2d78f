package gitlab

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// together is how many calls one answer makes at the same time, no more than a
// session lets through.
const together = 4

func (t *tools) me(r *http.Request) (mcpclient.Answer, error) {
	own, err := t.own(r.Context(), sigWhoAmI, ownMe)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	if own {
		raw, err := t.call(r.Context(), map[string]any{"me": true}, ownMe)
		return mcpclient.Answer{JSON: raw}, err
	}
	raw, err := t.call(r.Context(), nil, sigWhoAmI)
	return mcpclient.Answer{JSON: raw}, err
}

// user answers for an account. The server refuses its own answer where GitLab
// tells little of somebody, as of who hides their profile. GitLab's own server
// never tells what is asked for here: whether it is a bot, and an address.
func (t *tools) user(r *http.Request) (mcpclient.Answer, error) {
	raw, err := t.call(r.Context(), map[string]any{"user_id": r.PathValue("user")}, sigUser)
	switch connector.Reason(err) {
	case connector.ReasonMalformed, connector.ReasonUnsupported:
		return mcpclient.Answer{}, gone()
	}
	return mcpclient.Answer{JSON: raw}, err
}

func (t *tools) metadata(r *http.Request) (mcpclient.Answer, error) {
	raw, err := t.call(r.Context(), nil, sigHealth, ownVersion)
	return mcpclient.Answer{JSON: raw}, err
}

// projects answers the list of projects as one page. A project that goes while
// the list is read moves those behind it up, past the page that is read next:
// a list of several pages is read until nothing new comes. What the list lacks
// of each, which of its features are on, is asked for.
func (t *tools) projects(r *http.Request) (mcpclient.Answer, error) {
	ctx := r.Context()
	if r.URL.Query().Get("id_after") != "" {
		return page(nil, 0), nil
	}
	own, err := t.own(ctx, sigProjects, ownProjects)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	if own {
		all, err := t.ownProjects(ctx)
		return page(all, 0), err
	}
	ids, err := t.projectIDs(ctx)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	all := make([]json.RawMessage, len(ids))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(together)
	for i, number := range ids {
		group.Go(func() (err error) {
			all[i], err = t.projectByID(groupCtx, strconv.FormatUint(number, 10))
			if connector.Reason(err) == connector.ReasonNotFound {
				return nil // gone since it was listed
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return mcpclient.Answer{}, err
	}
	return page(slices.DeleteFunc(all, func(raw json.RawMessage) bool { return raw == nil }), 0), nil
}

// projectIDs returns the ids of all projects, in order.
func (t *tools) projectIDs(ctx context.Context) ([]uint64, error) {
	const passes = 5
	known := map[uint64]bool{}
	for range passes {
		before, pages := len(known), 0
		for number := 1; ; number++ {
			all, err := t.items(ctx, map[string]any{"membership": true, argOrder: "id", argSort: "asc", argPage: number, argPer: 100}, sigProjects)
			if err != nil {
				return nil, err
			}
			last := len(known)
			if err := noteIDs(all, known); err != nil {
				return nil, err
			}
			if pages++; len(all) == 0 {
				break
			}
			if last == len(known) && before == 0 || pages > maxPages {
				return nil, endless() // it repeats itself
			}
		}
		if len(known) == before || pages <= 2 { // one page, and the empty one
			break
		}
	}
	ids := make([]uint64, 0, len(known))
	for id := range known {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids, nil
}

// noteIDs adds the ids of projects to those that are known.
func noteIDs(all []json.RawMessage, known map[uint64]bool) error {
	for _, raw := range all {
		var h head
		if err := decode(raw, &h); err != nil {
			return malformed()
		}
		n, err := strconv.ParseUint(string(h.ID), 10, 64)
		if err != nil {
			return malformed()
		}
		known[n] = true
	}
	return nil
}

func (t *tools) project(r *http.Request) (mcpclient.Answer, error) {
	raw, err := t.projectByID(r.Context(), r.PathValue("id"))
	return mcpclient.Answer{JSON: raw}, err
}

// projectByID notes the group of a project besides: iterations belong to it.
func (t *tools) projectByID(ctx context.Context, id string) (json.RawMessage, error) {
	raw, err := t.call(ctx, map[string]any{argProject: id}, sigProject)
	if err != nil {
		return nil, err
	}
	var p project
	if err := decode(raw, &p); err != nil {
		return nil, malformed()
	}
	group := ""
	if p.Namespace.Kind == "group" {
		group = string(p.Namespace.ID)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.groups) > remembered {
		clear(t.groups)
	}
	t.groups[id] = group
	return raw, nil
}

// iterations answers those of the project's group and of the groups above it:
// the same that the project's own list would hold.
func (t *tools) iterations(r *http.Request) (mcpclient.Answer, error) {
	id := r.PathValue("id")
	t.mu.Lock()
	group, known := t.groups[id]
	t.mu.Unlock()
	if !known {
		if _, err := t.projectByID(r.Context(), id); err != nil {
			return mcpclient.Answer{}, err
		}
		t.mu.Lock()
		group = t.groups[id]
		t.mu.Unlock()
	}
	if group == "" {
		return mcpclient.Answer{}, gone()
	}
	in := args(r)
	in["group_id"] = group
	all, err := t.items(r.Context(), in, sigIterations)
	return mcpclient.Answer{JSON: array(all)}, err
}

// discussed is a page of discussions, with GitLab's word on the next.
type discussed struct {
	Items      []json.RawMessage `json:"items"`
	Pagination struct {
		Page int  `json:"x_page"`
		Next *int `json:"x_next_page"`
	} `json:"pagination"`
}

func (d discussed) answer() mcpclient.Answer {
	switch {
	case d.Pagination.Next != nil:
		return page(d.Items, *d.Pagination.Next)
	case d.Pagination.Page > 0:
		return page(d.Items, 0)
	default: // something on the way took the headers away
		return mcpclient.Answer{JSON: array(d.Items)}
	}
}

// discussions answers the discussions of a merge request.
func (t *tools) discussions(r *http.Request) (mcpclient.Answer, error) {
	in := args(r)
	in["merge_request_iid"] = r.PathValue("iid")
	d, err := t.discussed(r.Context(), in, sigMergeNotes)
	return d.answer(), err
}

func (t *tools) discussed(ctx context.Context, in map[string]any, sig mcpclient.Signature) (d discussed, err error) {
	raw, err := t.call(ctx, in, sig)
	if err != nil {
		return d, err
	}
	if err := decode(raw, &d); err != nil || d.Items == nil {
		return d, malformed()
	}
	return d, nil
}

// issueNotes answers the notes of an issue, which the tool groups by
// discussion: all of them as one page, by time.
func (t *tools) issueNotes(r *http.Request) (mcpclient.Answer, error) {
	own, err := t.own(r.Context(), sigIssueNotes, ownItem)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	if own {
		all, err := t.ownNotes(r.Context(), r.PathValue("id"), r.PathValue("iid"))
		return page(all, 0), err
	}
	type placed struct {
		note
		raw json.RawMessage
	}
	var all []placed
	in := args(r)
	in["issue_iid"], in[argPage] = r.PathValue("iid"), 1
	for number := 1; number <= maxPages; number++ {
		in[argPage] = number
		d, err := t.discussed(r.Context(), in, sigIssueNotes)
		if err != nil {
			return mcpclient.Answer{}, err
		}
		for _, raw := range d.Items {
			var of struct {
				Notes []json.RawMessage `json:"notes"`
			}
			if err := decode(raw, &of); err != nil {
				return mcpclient.Answer{}, malformed()
			}
			for _, raw := range of.Notes {
				one := placed{raw: raw}
				if err := decode(raw, &one.note); err != nil {
					return mcpclient.Answer{}, malformed()
				}
				all = append(all, one)
			}
		}
		if told := d.Pagination.Page > 0; len(d.Items) == 0 || told && d.Pagination.Next == nil {
			slices.SortStableFunc(all, func(a, b placed) int { return a.CreatedAt.Compare(b.CreatedAt.Time) })
			out := make([]json.RawMessage, 0, len(all))
			for _, one := range all {
				out = append(out, one.raw)
			}
			return page(out, 0), nil
		}
	}
	return mcpclient.Answer{}, endless()
}

type diffRefs struct {
	Start string `json:"start_sha"`
	Head  string `json:"head_sha"`
}

func (t *tools) mergeRequest(r *http.Request) (mcpclient.Answer, error) {
	raw, _, err := t.merge(r)
	return mcpclient.Answer{JSON: raw}, err
}

func mergeKey(r *http.Request) string { return r.PathValue("id") + "!" + r.PathValue("iid") }

func (t *tools) merge(r *http.Request) (json.RawMessage, diffRefs, error) {
	raw, err := t.call(r.Context(), map[string]any{argProject: r.PathValue("id"), "merge_request_iid": r.PathValue("iid")}, sigMerge)
	if err != nil {
		return nil, diffRefs{}, err
	}
	var mr struct {
		Refs diffRefs `json:"diff_refs"`
	}
	if err := decode(raw, &mr); err != nil {
		return nil, diffRefs{}, malformed()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.refs) > remembered {
		clear(t.refs)
	}
	t.refs[mergeKey(r)] = mr.Refs
	return raw, mr.Refs, nil
}

// mergeCommits answers the commits of a merge request. No tool lists them
// without their changes, which may be of any size: it is the range that GitLab
// compares for the request, whose ends the request itself names.
func (t *tools) mergeCommits(r *http.Request) (mcpclient.Answer, error) {
	t.mu.Lock()
	refs, known := t.refs[mergeKey(r)]
	t.mu.Unlock()
	if !known {
		var err error
		if _, refs, err = t.merge(r); err != nil {
			return mcpclient.Answer{}, err
		}
	}
	if refs.Start == "" || refs.Head == "" {
		return page(nil, 0), nil // a request without changes
	}
	in := args(r)
	in["ref_name"] = refs.Start + ".." + refs.Head
	all, err := t.items(r.Context(), in, sigCommits)
	if len(all) == 0 { // the last page
		t.mu.Lock()
		delete(t.refs, mergeKey(r))
		t.mu.Unlock()
	}
	return mcpclient.Answer{JSON: array(all)}, err
}

// approvals answers who approves: the tool tells them as accounts alone.
func (t *tools) approvals(r *http.Request) (mcpclient.Answer, error) {
	raw, err := t.call(r.Context(), map[string]any{argProject: r.PathValue("id"), "merge_request_iid": r.PathValue("iid")}, sigApprovals)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	var state struct {
		By []json.RawMessage `json:"approved_by"`
	}
	if err := decode(raw, &state); err != nil {
		return mcpclient.Answer{}, malformed()
	}
	by := []map[string]json.RawMessage{}
	for _, user := range state.By {
		by = append(by, map[string]json.RawMessage{"user": user})
	}
	out, err := json.Marshal(map[string]any{"approved_by": by})
	return mcpclient.Answer{JSON: out}, err
}

// deployments answers the list with the end of each deployment's job, which
// the tool leaves out: without it the last change would pass for the end.
func (t *tools) deployments(r *http.Request) (mcpclient.Answer, error) {
	all, err := t.items(r.Context(), args(r, "updated_after", argOrder, argSort), sigDeployments)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	group, ctx := errgroup.WithContext(r.Context())
	group.SetLimit(together)
	for i, raw := range all {
		group.Go(func() error {
			whole, err := t.ended(ctx, r.PathValue("id"), raw)
			all[i] = whole
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return mcpclient.Answer{}, err
	}
	return mcpclient.Answer{JSON: array(all)}, nil
}

// ended puts the time at which its job ended into a deployment that is over.
func (t *tools) ended(ctx context.Context, projectID string, raw json.RawMessage) (json.RawMessage, error) {
	var d struct {
		Status string `json:"status"`
		Job    struct {
			ID id `json:"id"`
		} `json:"deployable"`
	}
	if err := decode(raw, &d); err != nil {
		return nil, malformed()
	}
	if d.Job.ID == "" || d.Status != "success" && d.Status != "failed" && d.Status != "canceled" {
		return raw, nil
	}
	answer, err := t.call(ctx, map[string]any{argProject: projectID, "job_id": string(d.Job.ID)}, sigJob)
	if connector.Absent(err) {
		return raw, nil // removed by GitLab's retention
	}
	if err != nil {
		return nil, err
	}
	var job struct {
		FinishedAt json.RawMessage `json:"finished_at"`
	}
	var whole, deployable map[string]json.RawMessage
	if decode(answer, &job) != nil || decode(raw, &whole) != nil || decode(whole["deployable"], &deployable) != nil {
		return nil, malformed()
	}
	if job.FinishedAt == nil {
		return raw, nil
	}
	deployable["finished_at"] = job.FinishedAt
	whole["deployable"] = object(deployable)
	return object(whole), nil
}

// wikis answers the pages of a wiki. Their tool pages as GitLab does: not.
func (t *tools) wikis(r *http.Request) (mcpclient.Answer, error) {
	in := map[string]any{argProject: r.PathValue("id")}
	if r.URL.Query().Get("with_content") != "" {
		in["with_content"] = true
	}
	all, err := t.items(r.Context(), in, sigWikis)
	return page(all, 0), err
}
