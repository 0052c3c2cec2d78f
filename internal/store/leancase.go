package store

import (
	"time"

	"github.com/rampforgeai/rampforge"
)

// leanCase is a case of an event log as it is kept. An event log has hundreds of
// thousands of events that say little: without the fields that are empty they
// take a third of the room, and of the time to write and to read them again. It
// reads as a rampforge.WorkItem.
type leanCase struct {
	Key               string                   `json:"key"`
	Type              string                   `json:"type,omitempty"`
	Title             string                   `json:"title,omitempty"`
	Body              string                   `json:"body,omitempty"`
	URL               string                   `json:"url,omitempty"`
	Status            string                   `json:"status,omitempty"`
	StatusID          string                   `json:"status_id,omitempty"`
	StatusCategory    rampforge.StatusCategory `json:"status_category,omitempty"`
	Resolution        string                   `json:"resolution,omitempty"`
	Priority          string                   `json:"priority,omitempty"`
	Labels            []string                 `json:"labels,omitempty"`
	Reporter          *leanAccount             `json:"reporter,omitempty"`
	Assignees         []rampforge.Account      `json:"assignees,omitempty"`
	Estimate          *float64                 `json:"estimate,omitempty"`
	SprintIDs         []string                 `json:"sprint_ids,omitempty"`
	ParentID          string                   `json:"parent_id,omitempty"`
	Links             []rampforge.WorkItemLink `json:"links,omitempty"`
	Flagged           bool                     `json:"flagged,omitempty"`
	CreatedAt         time.Time                `json:"created_at"`
	UpdatedAt         time.Time                `json:"updated_at"`
	ClosedAt          *time.Time               `json:"closed_at,omitempty"`
	Events            []leanEvent              `json:"events"`
	HistoryIncomplete bool                     `json:"history_incomplete,omitempty"`
	EventLog          bool                     `json:"event_log"`
}

type leanEvent struct {
	Field     rampforge.WorkItemField `json:"field"`
	From      string                  `json:"from,omitempty"`
	To        string                  `json:"to,omitempty"`
	FromID    string                  `json:"from_id,omitempty"`
	ToID      string                  `json:"to_id,omitempty"`
	At        time.Time               `json:"at"`
	Actor     *leanAccount            `json:"actor,omitempty"`
	Lifecycle string                  `json:"lifecycle,omitempty"`
}

type leanAccount struct {
	ID            string `json:"id"`
	Login         string `json:"login,omitempty"`
	Name          string `json:"name,omitempty"`
	Email         string `json:"email,omitempty"`
	EmailVerified bool   `json:"email_verified,omitempty"`
	Bot           bool   `json:"bot,omitempty"`
}

// leanCaseOf leaves out comments, of which no case has any, and the ids of the
// events, which are their places.
func leanCaseOf(w *rampforge.WorkItem) *leanCase {
	c := &leanCase{
		Key: w.Key, Type: w.Type, Title: w.Title, Body: w.Body, URL: w.URL, Status: w.Status, StatusID: w.StatusID, StatusCategory: w.StatusCategory, Resolution: w.Resolution,
		Priority: w.Priority, Labels: w.Labels, Reporter: (*leanAccount)(w.Reporter), Assignees: w.Assignees, Estimate: w.Estimate, SprintIDs: w.SprintIDs, ParentID: w.ParentID,
		Links: w.Links, Flagged: w.Flagged, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt, ClosedAt: w.ClosedAt, Events: make([]leanEvent, len(w.Events)),
		HistoryIncomplete: w.HistoryIncomplete, EventLog: true,
	}
	for i := range w.Events {
		e := &w.Events[i]
		c.Events[i] = leanEvent{Field: e.Field, From: e.From, To: e.To, FromID: e.FromID, ToID: e.ToID, At: e.At, Actor: (*leanAccount)(e.Actor), Lifecycle: e.Lifecycle}
	}
	return c
}
