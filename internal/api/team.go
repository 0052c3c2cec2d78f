package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/team"
)

func (a *API) registerTeam() {
	handle(a, route{id: "get-project-team", method: http.MethodGet, path: oneProject + "/team", tag: tagProjects, policy: observers,
		summary: "What holds for a project's team: members, whom to ask, risks of areas, and figures of groups", description: teamDescription, errors: notThere}, a.team)
	handle(a, route{id: "my-insights", method: http.MethodGet, path: "/api/v1/auth/me/insights", tag: tagAccount, policy: personally,
		summary: "Your own numbers, for nobody else", description: "No role may ask for another's, and an API token cannot. Each reading is in the audit log."}, a.insights)
	a.answers(oneProject+"/team", jsonType, reflect.TypeFor[teamDocument](), "The report")
}

const teamDescription = "Holds no number about a person. Figures of people are of five or more, of a whole month, and are computed once: they take no window and no filter. " +
	"Names stand beside areas and skills, in alphabetical order. Each reading is in the audit log. The ETag is strong."

// teamDocument is the answer.
type teamDocument struct {
	ProjectID    string        `json:"project_id"`
	TeamInsights team.Insights `json:"team_insights"`
	GeneratedAt  time.Time     `json:"generated_at" doc:"When the facts were brought up to date that it is of"`
}

type teamInput struct {
	ByID
	IfNoneMatch string `header:"If-None-Match"`
	Explain     string `query:"explain" enum:"0,1,false,true" doc:"1 adds how much each figure counted, of people to tens: never which, and never people"`
}

func (a *API) team(ctx context.Context, in *teamInput) (*streamAnswer, error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.note(ctx, "team.read", p.ID); err != nil {
		return nil, err
	}
	report, at, err := a.options.Measurer.Team(ctx, p, in.Explain == "1" || in.Explain == "true")
	if err != nil {
		return nil, err
	}
	return tagged(teamDocument{p.ID, *report, at}, in.IfNoneMatch)
}

type insightsAnswer struct{ Body measure.Insights }

func (a *API) insights(ctx context.Context, _ *nothing) (*insightsAnswer, error) {
	user := requestOf(ctx).identity.User
	if err := a.note(ctx, "insights.read", user.ID); err != nil {
		return nil, err
	}
	requestOf(ctx).header.Set("Cache-Control", "private, no-store")
	own, err := a.options.Measurer.Own(ctx, user)
	if err != nil {
		return nil, err
	}
	return &insightsAnswer{*own}, nil
}

// note writes into the audit log that the caller reads what is about people.
// What cannot be noted is not shown.
func (a *API) note(ctx context.Context, action, target string) error {
	e := decider(ctx)
	e.At, e.Action, e.TargetID, e.Success = a.options.Now().UTC(), action, target, true
	return a.options.Store.Audit(ctx, e)
}

// tagged answers with a document and the strong tag of its bytes.
func tagged(document any, ifNoneMatch string) (*streamAnswer, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return nil, err
	}
	return taggedText(text.Bytes(), jsonType, ifNoneMatch), nil
}

// taggedText answers with a text and the strong tag of its bytes.
func taggedText(text []byte, mediaType, ifNoneMatch string) *streamAnswer {
	sum := sha256.Sum256(text)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	return &streamAnswer{func(c huma.Context) {
		r, w := humago.Unwrap(c)
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "private, no-cache")
		if matches(ifNoneMatch, tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", mediaType)
		if r.Method == http.MethodHead {
			return
		}
		_, _ = w.Write(text) // or the client went away
	}}
}
