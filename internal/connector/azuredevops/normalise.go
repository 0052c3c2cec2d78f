package azuredevops

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/microsoft/azure-devops-go-api/azuredevops/v7"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/build"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/git"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/release"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/webapi"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/work"

	"github.com/rampforgeai/rampforge"
)

// Normalise makes the record of what was read: raw is Record.Raw, so that a
// mapping can be run again without asking the vendor. It is the one way in
// which records of this vendor come about.
func Normalise(stream rampforge.Stream, resource string, raw []byte) (rampforge.Record, error) {
	normalise := map[rampforge.Stream]func(*rampforge.Record) error{
		rampforge.StreamWorkItems:    workItem,
		rampforge.StreamSprints:      sprint,
		rampforge.StreamPullRequests: pullRequest,
		rampforge.StreamCommits:      commit,
		rampforge.StreamPipelineRuns: pipelineRun,
		rampforge.StreamDeployments:  deployment,
	}[stream]
	if normalise == nil {
		return rampforge.Record{}, unsupported()
	}
	r := rampforge.Record{Stream: stream, ResourceID: resource, Raw: raw}
	if err := normalise(&r); err != nil {
		return rampforge.Record{}, err
	}
	if r.ID == "" || r.UpdatedAt.IsZero() {
		return rampforge.Record{}, malformed()
	}
	return r, nil
}

// sprint maps an iteration of a team. Azure DevOps plans by days: the date of
// finish is the last day itself, so the sprint ends when the next day begins.
// Nobody closes an iteration; it is over when its time is.
func sprint(r *rampforge.Record) error {
	var parts sprintParts
	var in work.TeamSettingsIteration
	if json.Unmarshal(r.Raw, &parts) != nil || json.Unmarshal(parts.Iteration, &in) != nil || in.Id == nil {
		return malformed()
	}
	s := &rampforge.Sprint{Name: text(in.Name), State: "future"}
	if len(parts.Teams) > 0 {
		s.BoardID = parts.Teams[0].ID
	}
	if a := in.Attributes; a != nil {
		s.StartAt, s.EndAt = moment(a.StartDate), moment(a.FinishDate)
		if s.EndAt != nil && s.EndAt.Truncate(24*time.Hour).Equal(*s.EndAt) {
			end := s.EndAt.Add(24 * time.Hour)
			s.EndAt = &end
		}
		if a.TimeFrame != nil {
			switch *a.TimeFrame {
			case work.TimeFrameValues.Past:
				s.State, s.CompletedAt = "closed", s.EndAt
			case work.TimeFrameValues.Current:
				s.State = "active"
			}
		}
	}
	r.ID, r.Sprint = in.Id.String(), s
	r.UpdatedAt = time.Unix(0, 0).UTC() // iterations keep no time of update
	if s.StartAt != nil {
		r.UpdatedAt = *s.StartAt
	}
	return nil
}

// commit maps a commit. Its id holds the repository: forks share hashes.
func commit(r *rampforge.Record) error {
	var in git.GitCommitRef
	if json.Unmarshal(r.Raw, &in) != nil || text(in.CommitId) == "" {
		return malformed()
	}
	c := &rampforge.VendorCommit{Hash: *in.CommitId, Parents: []string{}, Message: text(in.Comment)}
	if in.Parents != nil {
		c.Parents = slices.Clone(*in.Parents)
	}
	c.Author, c.AuthoredAt = person(in.Author)
	c.Committer, c.CommittedAt = person(in.Committer)
	if c.CommittedAt.IsZero() {
		c.CommittedAt = c.AuthoredAt
	}
	r.ID, r.UpdatedAt, r.Commit = r.ResourceID+":"+c.Hash, c.CommittedAt, c
	return nil
}

func person(in *git.GitUserDate) (rampforge.Signature, time.Time) {
	if in == nil {
		return rampforge.Signature{}, time.Time{}
	}
	return rampforge.Signature{Name: text(in.Name), Email: text(in.Email)}, at(in.Date)
}

func pipelineRun(r *rampforge.Record) error {
	var in build.Build
	if json.Unmarshal(r.Raw, &in) != nil || in.Id == nil {
		return malformed()
	}
	run := &rampforge.PipelineRun{
		URL: href(in.Links, "web"), Branch: branch(text(in.SourceBranch)), Commit: text(in.SourceVersion), Actor: account(in.RequestedFor),
		CreatedAt: at(in.QueueTime), StartedAt: moment(in.StartTime), FinishedAt: moment(in.FinishTime), State: runState(in),
	}
	if in.Definition != nil {
		run.Name = text(in.Definition.Name)
	}
	if in.Reason != nil {
		run.Event = runEvent(*in.Reason)
	}
	r.ID, r.PipelineRun = strconv.Itoa(*in.Id), run
	r.UpdatedAt = latest(at(in.LastChangedDate), at(in.FinishTime), at(in.StartTime), at(in.QueueTime))
	if run.CreatedAt.IsZero() {
		run.CreatedAt = r.UpdatedAt
	}
	return nil
}

// runState maps the two words that Azure DevOps has for the state of a run. A
// run that succeeded in part went on to its end and counts as succeeded, as it
// does for what waits for it.
func runState(in build.Build) string {
	status, result := "", ""
	if in.Status != nil {
		status = string(*in.Status)
	}
	if in.Result != nil {
		result = string(*in.Result)
	}
	switch status {
	case "completed":
		switch result {
		case "succeeded", "partiallySucceeded":
			return "succeeded"
		case "canceled":
			return "cancelled"
		case "failed":
			return "failed"
		default:
			return "skipped"
		}
	case "inProgress", "cancelling":
		return "running"
	default:
		return "queued"
	}
}

func runEvent(reason build.BuildReason) string {
	switch reason {
	case build.BuildReasonValues.IndividualCI, build.BuildReasonValues.BatchedCI:
		return "push"
	case build.BuildReasonValues.PullRequest:
		return "pull_request"
	case build.BuildReasonValues.Schedule, build.BuildReasonValues.ScheduleForced:
		return "schedule"
	default:
		return string(reason)
	}
}

func deployment(r *rampforge.Record) error {
	var in release.Deployment
	if json.Unmarshal(r.Raw, &in) != nil || in.Id == nil {
		return malformed()
	}
	d := &rampforge.Deployment{Actor: account(in.RequestedFor), CreatedAt: at(in.QueuedOn), FinishedAt: moment(in.CompletedOn), State: deployState(in)}
	if d.Actor == nil {
		d.Actor = account(in.RequestedBy)
	}
	if in.ReleaseEnvironment != nil {
		d.Environment = text(in.ReleaseEnvironment.Name)
	}
	if rel := in.Release; rel != nil {
		d.URL = href(rel.Links, "web")
		d.Branch, d.Commit = source(rel.Artifacts)
	}
	r.ID, r.Deployment = strconv.Itoa(*in.Id), d
	r.UpdatedAt = latest(at(in.LastModifiedOn), at(in.CompletedOn), at(in.StartedOn), at(in.QueuedOn))
	if d.CreatedAt.IsZero() {
		d.CreatedAt = r.UpdatedAt
	}
	return nil
}

func deployState(in release.Deployment) string {
	status, operation := "", ""
	if in.DeploymentStatus != nil {
		status = string(*in.DeploymentStatus)
	}
	if in.OperationStatus != nil {
		operation = string(*in.OperationStatus)
	}
	switch strings.ToLower(operation) {
	case "canceled", "cancelling", "rejected":
		if status != "succeeded" && status != "failed" {
			return "cancelled"
		}
	}
	switch status {
	case "succeeded", "partiallySucceeded":
		return "succeeded"
	case "failed":
		return "failed"
	case "inProgress":
		return "running"
	default:
		return "queued"
	}
}

// source is the branch and commit of a release: those of its primary artifact.
func source(artifacts *[]release.Artifact) (name, hash string) {
	if artifacts == nil {
		return "", ""
	}
	for _, a := range *artifacts {
		if a.DefinitionReference == nil || hash != "" && (a.IsPrimary == nil || !*a.IsPrimary) {
			continue
		}
		refs := *a.DefinitionReference
		name, hash = branch(text(refs["branch"].Id)), text(refs["sourceVersion"].Id)
		if hash == "" && strings.EqualFold(text(a.Type), "Git") {
			hash = text(refs["version"].Id)
		}
	}
	return name, hash
}

// account maps an identity. Groups and the vendor's own services are bots:
// nobody works under their names.
func account(in *webapi.IdentityRef) *rampforge.Account {
	if in == nil {
		return nil
	}
	descriptor, unique := text(in.Descriptor), text(in.UniqueName)
	a := rampforge.Account{ID: text(in.Id), Login: unique, Name: text(in.DisplayName), Bot: isBot(descriptor, in.IsContainer != nil && *in.IsContainer)}
	if a.ID == "" || strings.Trim(a.ID, "0-") == "" {
		a.ID = descriptor
	}
	if a.ID == "" {
		a.ID = unique
	}
	if a.ID == "" {
		return nil
	}
	if looksLikeEmail(unique) {
		a.Email, a.EmailVerified = unique, isVerified(descriptor)
	}
	return &a
}

// isBot goes by the kind of identity that a descriptor begins with: services
// of Azure DevOps and service principals of the directory.
func isBot(descriptor string, container bool) bool {
	return container || slices.ContainsFunc([]string{"svc.", "s2s.", "aadsp.", "aadgp.", "vssgp."}, func(p string) bool { return strings.HasPrefix(descriptor, p) })
}

// isVerified says whether a unique name was proved: a directory gives names of
// its own domains only, and Microsoft accounts confirm their address.
func isVerified(descriptor string) bool {
	return strings.HasPrefix(descriptor, "aad.") || strings.HasPrefix(descriptor, "msa.")
}

var email = regexp.MustCompile(`^[^@\s\\/<>"]+@[^@\s\\/<>"]+\.[^@\s\\/<>".]+$`)

func looksLikeEmail(s string) bool { return email.MatchString(s) }

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// at is a time in UTC, zero where there is none.
func at(t *azuredevops.Time) time.Time {
	if t == nil || t.Time.Year() <= 1 {
		return time.Time{}
	}
	return t.Time.UTC()
}

func moment(t *azuredevops.Time) *time.Time {
	when := at(t)
	if when.IsZero() {
		return nil
	}
	return &when
}

func latest(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare)
}

func branch(ref string) string { return strings.TrimPrefix(ref, "refs/heads/") }

// href is the address of a link, "" where it is not told.
func href(links any, name string) string {
	all, _ := links.(map[string]any)
	link, _ := all[name].(map[string]any)
	address, _ := link["href"].(string)
	return address
}

// property is a text of the bags that Azure DevOps types: {"$type", "$value"}.
func property(bag any, name string) string {
	all, _ := bag.(map[string]any)
	switch v := all[name].(type) {
	case map[string]any:
		switch value := v["$value"].(type) {
		case string:
			return value
		case float64:
			return strconv.FormatFloat(value, 'f', -1, 64)
		}
	case string:
		return v
	}
	return ""
}
