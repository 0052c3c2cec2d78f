package jira

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/atlassian"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// The tools of v2 of Atlassian's own server answer in {"data":…}, leave fields
// out of what a search finds, and tell custom fields by their names. What
// follows asks for what is missing and says it as the REST API does.

// together is how many calls one answer makes at the same time, no more than a
// session lets through.
const together = 4

// completed puts into the place of each issue that a search of v2 has found the
// issue itself: a search leaves parents and dates out even when they are asked
// for. Each keeps the time that the search told, which is what the reading goes
// by: one that was changed since comes again under its new one. An issue that
// went away meanwhile stays as the search told it.
func (t *tools) completed(ctx context.Context, asked map[string]any, issues []json.RawMessage) error {
	if _, err := t.session.First(ctx, newerSearch); err != nil {
		if connector.Reason(err) == connector.ReasonUnsupported {
			return nil // v1 leaves nothing out
		}
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(together)
	for i, raw := range issues {
		group.Go(func() error {
			var found struct {
				ID  string `json:"id"`
				Key string `json:"key"`

				Fields struct {
					Updated string `json:"updated"`
				} `json:"fields"`
			}
			if json.Unmarshal(raw, &found) != nil || found.ID == "" && found.Key == "" {
				return atlassian.ShapeFault()
			}
			args := map[string]any{"issueIdOrKey": cmp.Or(found.ID, found.Key)}
			for _, arg := range []string{"fields", "expand"} {
				if v, ok := asked[arg]; ok {
					args[arg] = v
				}
			}
			value, err := t.ask(groupCtx, args, []string{"id", "fields"}, newerIssue)
			switch {
			case connector.Absent(err):
				value = raw
			case err != nil:
				return err
			}
			issues[i], err = flat(value, found.Fields.Updated)
			return err
		})
	}
	return group.Wait()
}

// flat puts custom fields to the others, under their ids. One that is empty has
// an id and no value. updated, unless it is "", is said to be when the issue
// changed.
func flat(issue json.RawMessage, updated string) (json.RawMessage, error) {
	var whole, fields map[string]json.RawMessage
	if json.Unmarshal(issue, &whole) != nil {
		return nil, atlassian.ShapeFault()
	}
	if json.Unmarshal(whole["fields"], &fields) != nil || fields == nil {
		return issue, nil //nolint:nilerr // what is made of the issue says what is wrong with it
	}
	var custom map[string]struct {
		ID    string          `json:"id"`
		Value json.RawMessage `json:"value"`
	}
	switch {
	case json.Unmarshal(fields["customFields"], &custom) == nil:
		delete(fields, "customFields")
	case updated == "":
		return issue, nil // there are none of that shape, as in all of v1
	}
	for _, f := range custom {
		if f.ID != "" && fields[f.ID] == nil && len(f.Value) > 0 {
			fields[f.ID] = f.Value
		}
	}
	if updated != "" {
		told, err := json.Marshal(updated)
		if err != nil {
			return nil, atlassian.ShapeFault()
		}
		fields["updated"] = told
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, atlassian.ShapeFault()
	}
	whole["fields"] = text
	if text, err = json.Marshal(whole); err != nil {
		return nil, atlassian.ShapeFault()
	}
	return text, nil
}

// listed answers a list that belongs to an issue or a board by the tool of it.
func (t *tools) listed(r *http.Request, sig mcpclient.Signature, members ...string) (mcpclient.Answer, error) {
	if _, err := t.session.First(r.Context(), sig); err != nil {
		return mcpclient.Answer{}, err
	}
	args := asked(r.URL.Query(), []string{"startAt", "maxResults"}, nil)
	args["issueIdOrKey"] = r.PathValue("id")
	if id, err := strconv.Atoi(r.PathValue("id")); err == nil {
		args["boardId"] = id
	}
	value, err := t.ask(r.Context(), args, members, sig)
	return mcpclient.Answer{JSON: value}, err
}
