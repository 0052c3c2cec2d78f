package api

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest/identity"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow"
	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
	"github.com/rampforgeai/rampforge/internal/workflow/forecast"
)

// workflowSettingsAnswer is what a project says of its workflow, what follows
// from it, and what its records have that it may name.
type workflowSettingsAnswer struct {
	ETag string `header:"ETag"`
	Body struct {
		ProjectID string                     `json:"project_id"`
		Revision  int64                      `json:"revision" doc:"For If-Match; 0: nobody said anything yet"`
		UpdatedBy *string                    `json:"updated_by"`
		UpdatedAt *time.Time                 `json:"updated_at"`
		Settings  rampforge.WorkflowSettings `json:"settings"`
		Effective effectiveWorkflow          `json:"effective"`
		Seen      seenWorkflow               `json:"seen"`
		Refresh   *workflowRefresh           `json:"workflow_refresh" doc:"Whether these settings are in the report; null before anybody asked for one"`
	}
}

// effectiveWorkflow is what a report goes by.
type effectiveWorkflow struct {
	Zone                   string               `json:"zone"`
	States                 []workflow.WorkState `json:"states"`
	CommitmentState        *string              `json:"commitment_state"`
	DoneState              *string              `json:"done_state"`
	WithdrawnResolutions   []string             `json:"withdrawn_resolutions"`
	ProductionEnvironments []string             `json:"production_environments"`
}

// seenWorkflow is what the records of a project's sources have.
type seenWorkflow struct {
	States       []workflow.WorkState `json:"states" doc:"As the trackers have them, in the order that they would have without settings"`
	Types        []string             `json:"types"`
	Resolutions  []string             `json:"resolutions"`
	Labels       []string             `json:"labels" doc:"The first 500"`
	Environments []string             `json:"environments"`
	Pipelines    []string             `json:"pipelines"`
	Accounts     []seenAccount        `json:"accounts" doc:"The first 500; they may be named as bots"`
}

type seenAccount struct {
	ID    string `json:"id"`
	Login string `json:"login"`
	Bot   bool   `json:"bot"`
}

func (a *API) workflowSettings(ctx context.Context, in *ByID) (*workflowSettingsAnswer, error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	kept, err := a.options.Store.WorkflowSettings(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	return a.settingsAnswer(ctx, p.ID, kept)
}

func (a *API) settingsAnswer(ctx context.Context, projectID string, kept store.WorkflowSettings) (*workflowSettingsAnswer, error) {
	seen, err := a.options.Measurer.Seen(ctx, projectID, kept)
	if err != nil {
		return nil, err
	}
	out := &workflowSettingsAnswer{ETag: `"` + strconv.FormatInt(kept.Revision, 10) + `"`}
	out.Body.ProjectID, out.Body.Revision, out.Body.Settings, out.Body.UpdatedAt = projectID, kept.Revision, shown(kept.Settings), kept.UpdatedAt
	if kept.UpdatedBy != "" {
		out.Body.UpdatedBy = &kept.UpdatedBy
	}
	out.Body.Effective = effectiveWorkflow{
		Zone: seen.Zone, States: noNil(seen.States), CommitmentState: seen.CommitmentState, DoneState: seen.DoneState,
		WithdrawnResolutions: kept.Settings.WithdrawnResolutions, ProductionEnvironments: kept.Settings.ProductionEnvironments,
	}
	if out.Body.Effective.WithdrawnResolutions == nil {
		out.Body.Effective.WithdrawnResolutions = rampforge.DefaultWithdrawn()
	}
	if out.Body.Effective.ProductionEnvironments == nil {
		out.Body.Effective.ProductionEnvironments = rampforge.DefaultProduction()
	}
	out.Body.Seen = seenOf(seen, leads(requestOf(ctx)))
	out.Body.Refresh, err = a.workflowRefresh(ctx, projectID)
	return out, err
}

// shown makes lists of which nothing is said empty ones. Two stay null, as that
// is their default, and an empty one is not.
func shown(s rampforge.WorkflowSettings) rampforge.WorkflowSettings {
	s.States, s.ExcludedTypes, s.Bots, s.DeploymentPipelines, s.BlackoutDays = noNil(s.States), noNil(s.ExcludedTypes), noNil(s.Bots), noNil(s.DeploymentPipelines), noNil(s.BlackoutDays)
	s.Incidents.Types, s.Incidents.Labels = noNil(s.Incidents.Types), noNil(s.Incidents.Labels)
	return s
}

// seenOf tells what was seen. E-mail addresses, which some vendors have for
// logins and ids, are for those who decide who is who.
func seenOf(seen measure.Seen, addresses bool) seenWorkflow {
	out := seenWorkflow{States: noNil(seen.Trackers), Types: seen.Types, Resolutions: seen.Resolutions, Labels: seen.Labels, Environments: seen.Environments, Pipelines: seen.Pipelines, Accounts: []seenAccount{}}
	for _, v := range seen.Accounts {
		if !addresses {
			v.ID, v.Login = identity.WithoutAddress(v.ID), identity.WithoutAddress(v.Login)
		}
		out.Accounts = append(out.Accounts, seenAccount(v))
	}
	return out
}

type workflowSettingsInput struct {
	ByID
	IfMatch string `header:"If-Match" doc:"The revision that the change is of, as the ETag has it"`
	Body    workflowSettingsBody
}

// workflowSettingsBody is rampforge.WorkflowSettings with nothing required.
type workflowSettingsBody struct {
	Zone                   string         `json:"zone" required:"false" maxLength:"64" doc:"IANA name of the zone whose days and weeks count; empty is UTC"`
	States                 []stateChange  `json:"states" required:"false" maxItems:"500" doc:"What differs from the trackers' own word"`
	CommitmentState        string         `json:"commitment_state" required:"false" maxLength:"500" doc:"Where work on an item begins; empty is the first state in progress"`
	DoneState              string         `json:"done_state" required:"false" maxLength:"500" doc:"Where an item is finished; empty is any state that is done"`
	ExcludedTypes          []string       `json:"excluded_types" required:"false" maxItems:"100" doc:"Types of work items that are not counted, as epics may not be"`
	WithdrawnResolutions   *[]string      `json:"withdrawn_resolutions" required:"false" maxItems:"100" doc:"Why an item is closed without being finished"`
	Bots                   []string       `json:"bots" required:"false" maxItems:"500" doc:"Accounts that are no person, by login or id, besides those whose type says so"`
	ProductionEnvironments *[]string      `json:"production_environments" required:"false" maxItems:"100" doc:"The environments whose deployments count"`
	DeploymentPipelines    []string       `json:"deployment_pipelines" required:"false" maxItems:"100" doc:"Pipelines whose runs count as deployments, by name"`
	Incidents              incidentChange `json:"incidents" required:"false"`
	PersonWIPLimit         int            `json:"person_wip_limit" required:"false" minimum:"0" maximum:"1000" doc:"How many work items one person should have in progress; 0 is no limit"`
	BlackoutDays           []string       `json:"blackout_days" required:"false" maxItems:"500" doc:"Days of the zone on which nobody works: 2026-12-24, or 2026-12-24/2027-01-01 for all days from one to another, at most 366"`
	People                 peopleChange   `json:"people_metrics" required:"false"`
}

// peopleChange turns measures that are about people on or off; null is the
// default.
type peopleChange struct {
	Workload      *bool `json:"workload" required:"false"`
	Collaboration *bool `json:"collaboration" required:"false"`
	ReviewLoad    *bool `json:"review_load" required:"false"`
	Knowledge     *bool `json:"knowledge" required:"false"`
	Skills        *bool `json:"skills" required:"false"`
	Newcomers     *bool `json:"newcomers" required:"false"`
	OffHours      *bool `json:"off_hours" required:"false"`
	Insights      *bool `json:"insights" required:"false"`
}

type stateChange struct {
	Name     string  `json:"name" maxLength:"500"`
	Category *string `json:"category" required:"false" doc:"todo, in_progress or done"`
	Order    *int    `json:"order" required:"false" doc:"From 1, from the first state to the last"`
	Wait     *bool   `json:"wait" required:"false" doc:"In it, an item waits for somebody"`
}

type incidentChange struct {
	Types  []string `json:"types" required:"false" maxItems:"100"`
	Labels []string `json:"labels" required:"false" maxItems:"100"`
}

func (b *workflowSettingsBody) settings() rampforge.WorkflowSettings {
	s := rampforge.WorkflowSettings{
		Zone: b.Zone, States: []rampforge.StateSettings{}, CommitmentState: strings.TrimSpace(b.CommitmentState), DoneState: strings.TrimSpace(b.DoneState),
		ExcludedTypes: noNil(b.ExcludedTypes), Bots: noNil(b.Bots), DeploymentPipelines: noNil(b.DeploymentPipelines),
		Incidents: rampforge.IncidentRules{Types: noNil(b.Incidents.Types), Labels: noNil(b.Incidents.Labels)}, People: rampforge.PeopleMetricsSwitch(b.People),
		PersonWIPLimit: b.PersonWIPLimit, BlackoutDays: noNil(b.BlackoutDays),
	}
	for i, v := range s.BlackoutDays {
		s.BlackoutDays[i] = strings.TrimSpace(v)
	}
	for _, v := range b.States {
		state := rampforge.StateSettings{Name: strings.TrimSpace(v.Name), Order: v.Order, Wait: v.Wait}
		if v.Category != nil {
			category := rampforge.StatusCategory(*v.Category)
			state.Category = &category
		}
		s.States = append(s.States, state)
	}
	if b.WithdrawnResolutions != nil {
		s.WithdrawnResolutions = noNil(*b.WithdrawnResolutions)
	}
	if b.ProductionEnvironments != nil {
		s.ProductionEnvironments = noNil(*b.ProductionEnvironments)
	}
	return s
}

func noNil[T any](list []T) []T { return append([]T{}, list...) }

func (a *API) setWorkflowSettings(ctx context.Context, in *workflowSettingsInput) (*workflowSettingsAnswer, error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	kept, err := a.options.Store.WorkflowSettings(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	was, err := revisionOf(in.IfMatch, kept.Revision)
	if err != nil {
		return nil, err
	}
	settings := in.Body.settings()
	f, err := a.settingsFaults(ctx, p.ID, kept, &settings)
	if err != nil {
		return nil, err
	}
	people, err := a.options.Measurer.NoBots(ctx, p.ID, settings.Bots)
	if err != nil {
		return nil, err
	}
	checkBots(&f, settings.Bots, people)
	if len(f) > 0 {
		return nil, rampforge.Invalid(f...)
	}
	before := kept.Settings.Bots
	by := requestOf(ctx).identity.User.ID
	err = a.options.Store.InTx(ctx, func(tx *sql.Tx) (err error) {
		kept, err = a.options.Store.PutWorkflowSettingsTx(ctx, tx, p.ID, settings, was, by, a.options.Now().UTC())
		return err
	})
	if err != nil {
		return nil, err
	}
	a.record(ctx, "project.workflow", p.ID, true, map[string]any{
		"revision": kept.Revision, "bots_added": without(settings.Bots, before), "bots_removed": without(before, settings.Bots),
	})
	return a.settingsAnswer(ctx, p.ID, kept)
}

// settingsFaults finds what of settings cannot be. A state may be one of records
// that just came, so before one is unknown the facts under way are waited for.
func (a *API) settingsFaults(ctx context.Context, projectID string, kept store.WorkflowSettings, settings *rampforge.WorkflowSettings) (faults, error) {
	check := func() (faults, error) {
		seen, err := a.options.Measurer.Seen(ctx, projectID, kept)
		if err != nil {
			return nil, err
		}
		return checkSettings(settings, seen.Trackers, seen.Folded == 0), nil
	}
	f, err := check()
	if err != nil || len(f) == 0 || len(checkSettings(settings, nil, false)) > 0 { // other faults do not pass by waiting
		return f, err
	}
	if err := a.options.Measurer.Settle(ctx, projectID, a.firstWait()); err != nil {
		return nil, err
	}
	return check()
}

// revisionOf reads the revision that a change is of; none, or any, is the one
// that there is.
func revisionOf(ifMatch string, now int64) (int64, error) {
	text := strings.Trim(strings.TrimSpace(ifMatch), `"`)
	if text == "" || text == "*" {
		return now, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, rampforge.Invalid(rampforge.FieldIssue{Field: "header.If-Match", Issue: "is no revision: send the ETag of the settings, or leave it out"})
	}
	return n, nil
}

// without returns what of a list is not in another, whatever its case.
func without(list, other []string) []string {
	out := []string{}
	for _, v := range list {
		if !slices.ContainsFunc(other, func(o string) bool { return strings.EqualFold(v, o) }) {
			out = append(out, v)
		}
	}
	return out
}

// checkBots finds bots that are people, given in lower case.
func checkBots(f *faults, bots []string, people map[string]bool) {
	for i, name := range bots {
		if people[strings.ToLower(name)] {
			f.addf(fmt.Sprintf("bots[%d]", i), "is the account of somebody who is a member of this project or has a user here, so it is no bot: without the others, figures would be of whoever is left")
		}
	}
}

// checkSettings finds what of settings cannot be. Only where all states are known
// must those that are named be among them: one that is named is told apart then.
func checkSettings(s *rampforge.WorkflowSettings, known []workflow.WorkState, all bool) (f faults) {
	if _, err := time.LoadLocation(s.Zone); err != nil || s.Zone == "Local" {
		f.addf("zone", "is no IANA time zone: write one as Europe/Berlin")
	}
	state := func(field, name string) {
		if all && name != "" && !slices.ContainsFunc(known, func(v workflow.WorkState) bool { return strings.EqualFold(v.Name, name) }) {
			f.addf(field, "is no state that was seen in this project: seen.states has those that were")
		}
	}
	state("commitment_state", s.CommitmentState)
	state("done_state", s.DoneState)
	named := map[string]bool{}
	for i, v := range s.States {
		at := fmt.Sprintf("states[%d].", i)
		if v.Name == "" {
			f.addf(at+"name", "must name a state")
		}
		state(at+"name", v.Name)
		if key := strings.ToLower(v.Name); named[key] {
			f.addf(at+"name", "is there twice")
		} else {
			named[key] = true
		}
		if v.Category != nil && !slices.Contains([]rampforge.StatusCategory{rampforge.StatusToDo, rampforge.StatusInProgress, rampforge.StatusDone}, *v.Category) {
			f.addf(at+"category", "must be todo, in_progress or done, or null for the tracker's own")
		}
		if v.Order != nil && *v.Order < 1 {
			f.addf(at+"order", "must be 1 or more, or null for the tracker's own")
		}
	}
	boundedTexts(&f, s)
	for i, v := range s.BlackoutDays {
		if _, _, err := forecast.ParseDays(v); err != nil {
			f.addf(fmt.Sprintf("blackout_days[%d]", i), "%s", err.Error())
		}
	}
	return f
}

// maxSetting bounds a text of settings, in characters. It is as long as a name
// of a file may be.
const maxSetting = eventlog.MaxName

// boundedTexts finds texts in lists that are too long.
func boundedTexts(f *faults, s *rampforge.WorkflowSettings) {
	for _, list := range []struct {
		field string
		texts []string
	}{
		{"excluded_types", s.ExcludedTypes}, {"withdrawn_resolutions", s.WithdrawnResolutions}, {"bots", s.Bots}, {"production_environments", s.ProductionEnvironments},
		{"deployment_pipelines", s.DeploymentPipelines}, {"incidents.types", s.Incidents.Types}, {"incidents.labels", s.Incidents.Labels}, {"blackout_days", s.BlackoutDays},
	} {
		for i, text := range list.texts {
			if n := utf8.RuneCountInString(text); n > maxSetting {
				f.addf(fmt.Sprintf("%s[%d]", list.field, i), "has %d characters: at most %d are taken", n, maxSetting)
			}
		}
	}
}
