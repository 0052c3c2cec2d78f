package jira

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"slices"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// sprintCursor names the last board that was read to its end. Jira does not
// say when a sprint changed, so that every reading that has come to its end is
// followed by one from the beginning.
type sprintCursor struct {
	Board string `json:"board,omitempty"`
}

func (j *jira) readSprints(ctx context.Context, resource rampforge.Resource, cursor connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		var at sprintCursor
		if len(cursor) > 0 {
			if err := json.Unmarshal(cursor, &at); err != nil {
				yield(connector.Page{}, malformedCursor())
				return
			}
		}
		boards, err := j.boards(ctx, resource)
		if connector.Reason(err) == connector.ReasonUnsupported { // a Jira without boards has no sprints
			return
		}
		if err != nil {
			yield(connector.Page{}, err)
			return
		}
		// A board that is gone is as good as none: sprints are few, and read again.
		first := slices.Index(boards, at.Board) + 1
		if first == len(boards) {
			first = 0
		}
		seen := map[string]bool{}
		for i, board := range boards[first:] {
			next := sprintCursor{}
			if first+i < len(boards)-1 {
				next.Board = board
			}
			page, err := j.boardPage(ctx, resource, board, next, seen)
			if err != nil {
				yield(connector.Page{}, err)
				return
			}
			// A page without sprints is worth yielding at the end alone: it is
			// what makes the next reading begin at the first board.
			if (len(page.Records) > 0 || next.Board == "") && !yield(page, nil) {
				return
			}
		}
	}
}

// boardPage makes one page of the sprints of a board that are not seen yet: a
// sprint shows on every board whose filter finds an item of it. A board is a
// page, so that no sprint is missed when the list of a board shifts.
func (j *jira) boardPage(ctx context.Context, resource rampforge.Resource, board string, next sprintCursor, seen map[string]bool) (connector.Page, error) {
	page := connector.Page{}
	for rows, err := range j.sprintsOf(ctx, board) {
		if err != nil {
			return connector.Page{}, err
		}
		for _, row := range rows {
			if seen[idOf(row)] {
				continue
			}
			seen[idOf(row)] = true
			raw, err := json.Marshal(rawSprint{Sprint: row, BoardID: board})
			if err != nil {
				return connector.Page{}, malformed(err)
			}
			record, err := Normalise(rampforge.StreamSprints, resource.ID, raw)
			if err != nil {
				return connector.Page{}, err
			}
			page.Records = append(page.Records, record)
		}
	}
	var err error
	page.Next, err = json.Marshal(next)
	return page, err
}

const boardPath = "/rest/agile/1.0/board"

// boards lists the ids of the project's boards. A Jira without Jira Software
// has no such place at all, which is unsupported and no error of the project.
func (j *jira) boards(ctx context.Context, resource rampforge.Resource) ([]string, error) {
	ids := []string{}
	for rows, err := range j.offsets(ctx, boardPath, url.Values{"projectKeyOrId": {resource.ID}}) {
		if connector.Reason(err) == connector.ReasonNotFound {
			var some offsetPage
			if _, e := j.get(ctx, boardPath, url.Values{"maxResults": {"1"}}, &some); connector.Reason(e) == connector.ReasonNotFound {
				return nil, unsupported(rampforge.StreamSprints)
			}
		}
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			ids = append(ids, idOf(row))
		}
	}
	return ids, nil
}

// sprintsOf lists the sprints of a board, none where the board has no sprints,
// which Jira says by an error, or is gone.
func (j *jira) sprintsOf(ctx context.Context, board string) iter.Seq2[[]json.RawMessage, error] {
	return func(yield func([]json.RawMessage, error) bool) {
		for rows, err := range j.offsets(ctx, boardPath+"/"+url.PathEscape(board)+"/sprint", nil) {
			if err != nil && connector.Reason(err) == connector.ReasonNotFound { // 400 and 404 alike
				return
			}
			if !yield(rows, err) || err != nil {
				return
			}
		}
	}
}

func (j *jira) sprintIDs(ctx context.Context, resource rampforge.Resource) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		boards, err := j.boards(ctx, resource)
		if err != nil {
			yield(nil, err)
			return
		}
		seen := map[string]bool{}
		for _, board := range boards {
			for rows, err := range j.sprintsOf(ctx, board) {
				if err != nil {
					yield(nil, err)
					return
				}
				var ids []string
				for _, row := range rows {
					if id := idOf(row); !seen[id] {
						seen[id] = true
						ids = append(ids, id)
					}
				}
				if len(ids) > 0 && !yield(ids, nil) {
					return
				}
			}
		}
	}
}
