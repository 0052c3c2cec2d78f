package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// planted is a credential that must be seen nowhere.
const planted = "ghp_planted-secret-5e1f-wxyz"

func gitHub(name string) client.NewService {
	return client.NewService{Type: rampforge.ServiceGitHub, Name: name, Endpoint: "https://api.github.com/", Credentials: map[string]string{"token": planted}}
}

// add adds a service as the team lead.
func (w *world) add(s client.NewService) rampforge.Service {
	w.t.Helper()
	made, err := w.lead().CreateService(w.t.Context(), s)
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

// faults are the fields that an error is about.
func faults(err error) []string {
	list := []string{}
	if e, ok := errors.AsType[*client.Error](err); ok {
		for _, f := range e.Fields {
			list = append(list, f.Field)
		}
	}
	slices.Sort(list)
	return list
}

func TestServices(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		made := w.add(gitHub(" GitHub of ours "))
		want := rampforge.Service{
			Type: rampforge.ServiceGitHub, Name: "GitHub of ours", Endpoint: "https://api.github.com", Transport: rampforge.TransportREST, Enabled: true,
			Status: rampforge.ServiceDisconnected, Timeout: 30, RetryAttempts: 3, Scope: []string{}, Credentials: map[string]string{"token": "••••wxyz"},
		}
		if diff := cmp.Diff(want, made, cmpopts.IgnoreFields(rampforge.Service{}, "ID", "CreatedAt", "UpdatedAt")); diff != "" || !strings.HasPrefix(made.ID, "svc_") || w.vendor.calls != 0 {
			t.Errorf("%s, %d calls (-want +got):\n%s", made.ID, w.vendor.calls, diff)
		}
		_, err := w.admin().CreateService(ctx, gitHub("GITHUB OF OURS"))
		wantStatus(t, "the same name", err, http.StatusConflict)
		jira := w.add(client.NewService{
			Type: rampforge.ServiceJira, Name: "Jira", Endpoint: "https://jira.example.com/base", Credentials: map[string]string{"username": "ada@example.com", "api_token": "short", "token": ""},
			Enabled: new(false), Rates: &rampforge.ServiceRates{PerMinute: 60, PerHour: 1000}, Timeout: new(5), RetryAttempts: new(0), Scope: []string{"10000"},
		})
		if diff := cmp.Diff(map[string]string{"username": "••••.com", "api_token": "••••"}, jira.Credentials); diff != "" || jira.Enabled || jira.Rates.PerHour != 1000 || jira.Timeout != 5 || jira.RetryAttempts != 0 {
			t.Errorf("%+v (-want +got):\n%s", jira, diff)
		}
		for query, names := range map[string][]string{"": {"Jira", "GitHub of ours"}, "enabled=true": {"GitHub of ours"}, "enabled=false": {"Jira"}, "service_type=jira": {"Jira"}, "service_type=gitlab": {}} {
			name, value, _ := strings.Cut(query, "=")
			q := client.Query{}
			if name != "" {
				q[name] = value
			}
			list, total, err := w.observer().Services(ctx, q)
			got := []string{}
			for _, s := range list {
				got = append(got, s.Name)
			}
			if diff := cmp.Diff(names, got); err != nil || total != len(names) || diff != "" {
				t.Errorf("%s: %d, %v (-want +got):\n%s", query, total, err, diff)
			}
		}
		got, err := w.observer().Service(ctx, made.ID)
		if diff := cmp.Diff(made, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		wantStatus(t, "removing", w.lead().DeleteService(ctx, jira.ID, true), 0)
		wantStatus(t, "removing again", w.lead().DeleteService(ctx, jira.ID, false), http.StatusNotFound)
		log, err := w.admin().AuditLog(ctx, nil)
		actions := map[string]int{}
		for _, e := range log.Entries {
			actions[e.Action]++
		}
		if err != nil || actions["service.created"] != 2 || actions["service.deleted"] != 1 {
			t.Errorf("%v, %v", actions, err)
		}
	})
}

func TestNewServiceFaults(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		long := strings.Repeat("x", 101)
		for name, test := range map[string]struct {
			change func(s *client.NewService)
			want   []string
		}{
			"everything at once": {func(s *client.NewService) {
				s.Name, s.Endpoint, s.Credentials, s.Timeout, s.RetryAttempts, s.Rates, s.Scope = " ", "ftp://x", map[string]string{}, new(0), new(11), &rampforge.ServiceRates{PerMinute: -1, PerHour: 1e9}, []string{""}
			}, []string{"credentials.token", "endpoint", "name", "rate_limits.requests_per_hour", "rate_limits.requests_per_minute", "retry_attempts", "scope", "timeout"}},
			"a long name":       {func(s *client.NewService) { s.Name = long }, []string{"name"}},
			"no address":        {func(s *client.NewService) { s.Endpoint = "" }, []string{"endpoint"}},
			"a private address": {func(s *client.NewService) { s.Endpoint = "https://169.254.169.254/latest" }, []string{"endpoint"}},
			"a masked token":    {func(s *client.NewService) { s.Credentials = map[string]string{"token": "••••wxyz"} }, []string{"credentials.token"}},
			"a broken token":    {func(s *client.NewService) { s.Credentials = map[string]string{"token": planted + "\n" + planted} }, []string{"credentials.token"}},
			"GitLab":            {func(s *client.NewService) { s.Type, s.Credentials = rampforge.ServiceGitLab, nil }, []string{"credentials"}},
			"half of Jira": {func(s *client.NewService) {
				s.Type, s.Credentials = rampforge.ServiceJira, map[string]string{"username": "a"}
			}, []string{"credentials.api_token"}},
			"nothing of Jira": {func(s *client.NewService) {
				s.Type, s.Credentials = rampforge.ServiceConfluence, map[string]string{"odd": "a"}
			}, []string{"credentials"}},
			"half of Azure": {func(s *client.NewService) {
				s.Type, s.Credentials = rampforge.ServiceAzureDevOps, map[string]string{"personal_access_token": planted}
			}, []string{"credentials.organization"}},
			"an odd type": {func(s *client.NewService) { s.Type = "svn" }, []string{"service_type"}},
		} {
			s := gitHub("x")
			test.change(&s)
			_, err := w.lead().CreateService(t.Context(), s)
			if diff := cmp.Diff(test.want, faults(err)); client.StatusOf(err) != http.StatusUnprocessableEntity || diff != "" || strings.Contains(err.Error(), planted) {
				t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
			}
		}
		if a := w.raw("POST", "/api/v1/mcp/services", "", w.bearer(rampforge.RoleTeamLead)...); a.status != http.StatusUnprocessableEntity || strings.Count(a.body, `"issue":"is required"`) != 4 {
			t.Errorf("%d %s", a.status, a.body)
		}
		chosen := gitHub("rest all the same")
		chosen.Endpoint, chosen.Transport = "https://github.example.com/mcp", rampforge.TransportREST
		if made := w.add(chosen); made.Transport != rampforge.TransportREST {
			t.Errorf("%+v", made)
		}
		body := `{"service_type":"jira","name":"nulls","endpoint":"https://j.example.com","credentials":{"token":"t"},"transport":null,"enabled":null,"rate_limits":null,"timeout":null,"retry_attempts":null,"scope":null,"odd":1}`
		if a := w.raw("POST", "/api/v1/mcp/services", body, w.bearer(rampforge.RoleTeamLead)...); a.status != http.StatusCreated || !strings.Contains(a.body, `"server":null`) || !strings.Contains(a.body, `"scope":[]`) {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
}

func TestUpdateService(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		made := w.add(gitHub("one"))
		other := w.add(gitHub("two"))
		same, err := w.lead().UpdateService(ctx, made.ID, map[string]any{})
		if diff := cmp.Diff(made, same, cmpopts.IgnoreFields(rampforge.Service{}, "UpdatedAt")); err != nil || diff != "" {
			t.Errorf("nothing changed: %v (-before +after):\n%s", err, diff)
		}
		changed, err := w.lead().UpdateService(ctx, made.ID, map[string]any{
			"service_type": "github", "name": " new ", "endpoint": "https://api.github.com/v3", "enabled": false, "timeout": 9, "retry_attempts": 1, "scope": []string{"7"},
			"rate_limits": map[string]any{"requests_per_minute": 5}, "credentials": map[string]string{"token": "••••wxyz"},
		})
		if err != nil || changed.Name != "new" || changed.Enabled || changed.Timeout != 9 || changed.RetryAttempts != 1 || changed.Rates.PerMinute != 5 || changed.Endpoint != "https://api.github.com/v3" || changed.Scope[0] != "7" {
			t.Errorf("%+v, %v", changed, err)
		}
		saw := func() map[string]string {
			if _, err := w.lead().ServiceHealth(ctx, made.ID); err != nil {
				t.Error(err)
			}
			return w.vendor.saw
		}
		if got := saw(); got["token"] != planted {
			t.Errorf("a masked token became %v", got)
		}
		for name, test := range map[string]struct {
			change map[string]any
			want   []string
		}{
			"another host":            {map[string]any{"endpoint": "https://evil.example.com"}, []string{"credentials"}},
			"another host, masked":    {map[string]any{"endpoint": "https://evil.example.com", "credentials": map[string]string{"token": "••••wxyz"}}, []string{"credentials"}},
			"another mask":            {map[string]any{"credentials": map[string]string{"token": "••••abcd"}}, []string{"credentials.token"}},
			"another type":            {map[string]any{"service_type": "jira"}, []string{"service_type"}},
			"several":                 {map[string]any{"name": "", "endpoint": "http://x", "timeout": 999}, []string{"credentials", "endpoint", "name", "timeout"}},
			"an empty address":        {map[string]any{"endpoint": " "}, []string{"credentials", "endpoint"}},
			"a token of several rows": {map[string]any{"credentials": map[string]string{"token": "a\nb"}}, []string{"credentials.token"}},
		} {
			_, err := w.lead().UpdateService(ctx, made.ID, test.change)
			if diff := cmp.Diff(test.want, faults(err)); client.StatusOf(err) != http.StatusUnprocessableEntity || diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
			}
		}
		_, err = w.lead().UpdateService(ctx, made.ID, map[string]any{"name": other.Name})
		wantStatus(t, "the name of another", err, http.StatusConflict)
		_, err = w.lead().UpdateService(ctx, "svc_unknown", map[string]any{})
		wantStatus(t, "an unknown service", err, http.StatusNotFound)
		moved, err := w.lead().UpdateService(ctx, made.ID, map[string]any{"endpoint": "https://github.example.com", "credentials": map[string]string{"token": "another-long-token"}})
		if err != nil || moved.Credentials["token"] != "••••oken" || saw()["token"] != "another-long-token" {
			t.Errorf("%+v, %v, %v", moved, err, w.vendor.saw)
		}
		// Of two credentials one may be changed, and both be left for another kind.
		jira := w.add(client.NewService{Type: rampforge.ServiceJira, Name: "j", Endpoint: "https://j.example.com", Credentials: map[string]string{"username": "ada@example.com", "api_token": "the first one"}})
		made = jira
		for _, test := range []struct{ give, want map[string]string }{
			{map[string]string{"api_token": "the second one"}, map[string]string{"username": "ada@example.com", "api_token": "the second one"}},
			{map[string]string{"username": "••••.com", "api_token": "the third one"}, map[string]string{"username": "ada@example.com", "api_token": "the third one"}},
			{map[string]string{"token": "of a data center"}, map[string]string{"token": "of a data center"}},
		} {
			_, err := w.lead().UpdateService(ctx, jira.ID, map[string]any{"credentials": test.give})
			if diff := cmp.Diff(test.want, saw()); err != nil || diff != "" {
				t.Errorf("%v: %v (-want +got):\n%s", test.give, err, diff)
			}
		}
	})
}

func TestConnectService(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		made := w.add(gitHub("one"))
		for reason, status := range map[string]int{
			connector.ReasonAuthentication: 400, connector.ReasonPermission: 400, connector.ReasonUnreachable: 503, connector.ReasonTimeout: 504,
			connector.ReasonVendor: 502, connector.ReasonMalformed: 502, connector.ReasonRateLimited: 502, connector.ReasonTooLarge: 502,
		} {
			w.vendor.answer(connector.Errorf(reason, "It says no.", "Change something.", errors.New("cause")))
			_, err := w.lead().ConnectService(ctx, made.ID)
			e, _ := errors.AsType[*client.Error](err)
			if client.StatusOf(err) != status || e.Code != rampforge.CodeMCPService || e.Details["service_id"] != made.ID || e.Details["hint"] != "Change something." || e.Message != "It says no." {
				t.Errorf("%s: %v", reason, err)
			}
			if v, err := w.lead().Service(ctx, made.ID); err != nil || v.Status != rampforge.ServiceError || *v.LastError != "It says no. Change something." || v.AuthNeeded != (reason == connector.ReasonAuthentication) {
				t.Errorf("%s: %+v, %v", reason, v, err)
			}
		}
		w.vendor.answer(connector.Errorf(connector.ReasonVendor, "It says no.", "Change something.", nil))
		validated := gitHub("validated")
		a := w.raw("POST", "/api/v1/mcp/services?validate=true", jsonOf(t, validated), w.bearer(rampforge.RoleTeamLead)...)
		if _, total, err := w.lead().Services(ctx, nil); a.status != 502 || !strings.Contains(a.body, `"service_id":null`) || err != nil || total != 1 {
			t.Errorf("%d %s; %d services, %v", a.status, a.body, total, err)
		}
		w.vendor.answer(nil)
		reset := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
		w.vendor.rates = &connector.Rates{Remaining: 4999, Reset: reset}
		connected, err := w.lead().ConnectService(ctx, made.ID)
		if r := connected.TestResults; err != nil || connected.Status != rampforge.ServiceConnected || connected.ConnectionTime.IsZero() || r.Authentication != "success" || r.APIAccess != "success" || *r.RateLimits.Remaining != 4999 || !r.RateLimits.ResetTime.Equal(reset) {
			t.Errorf("%+v, %v", connected, err)
		}
		v, err := w.lead().Service(ctx, made.ID)
		if err != nil || v.Status != rampforge.ServiceConnected || v.LastError != nil || v.LastConnected == nil || v.Server == nil || v.Server.Version != "3.14" {
			t.Errorf("%+v, %v", v, err)
		}
		if a := w.raw("POST", "/api/v1/mcp/services?validate=true", jsonOf(t, validated), w.bearer(rampforge.RoleTeamLead)...); a.status != http.StatusCreated || !strings.Contains(a.body, `"status":"disconnected"`) {
			t.Errorf("%d %s", a.status, a.body)
		}
		list, err := w.lead().ServiceResources(ctx, made.ID, client.Paging(2, 2))
		if err != nil || list.Total != 3 || len(list.Resources) != 1 || list.Resources[0].ID != "2" || list.Truncated {
			t.Errorf("%+v, %v", list, err)
		}
		wantStatus(t, "disconnecting", w.lead().DisconnectService(ctx, made.ID), 0)
		if v, err := w.lead().Service(ctx, made.ID); err != nil || v.Status != rampforge.ServiceDisconnected || !v.Enabled {
			t.Errorf("%+v, %v", v, err)
		}
		_, err = w.lead().UpdateService(ctx, made.ID, map[string]any{"enabled": false})
		wantStatus(t, "disabling", err, 0)
		_, err = w.lead().ConnectService(ctx, made.ID)
		wantStatus(t, "connecting what is disabled", err, http.StatusConflict)
	})
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestServiceHealth(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		if all, err := w.observer().ServicesHealth(ctx); err != nil || all.OverallStatus != "healthy" || all.TotalServices != 0 || all.HealthChecks == nil {
			t.Errorf("%+v, %v", all, err)
		}
		made := w.add(gitHub("one"))
		type state struct{ status, api, rates, authentication string }
		for name, test := range map[string]struct {
			err   error
			rates *connector.Rates
			want  state
		}{
			"well":       {nil, nil, state{"healthy", "operational", "unknown", "valid"}},
			"few left":   {nil, &connector.Rates{Remaining: 5}, state{"healthy", "operational", "low", "valid"}},
			"many left":  {nil, &connector.Rates{Remaining: 5000}, state{"healthy", "operational", "normal", "valid"}},
			"none left":  {nil, &connector.Rates{}, state{"healthy", "operational", "exceeded", "valid"}},
			"limited":    {connector.Errorf(connector.ReasonRateLimited, "Wait.", "Wait.", nil), nil, state{"degraded", "limited", "exceeded", "valid"}},
			"permission": {connector.Errorf(connector.ReasonPermission, "No.", "Ask.", nil), nil, state{"degraded", "limited", "unknown", "valid"}},
			"sign-in":    {connector.Errorf(connector.ReasonAuthentication, "No.", "New.", nil), nil, state{"unhealthy", "operational", "unknown", "invalid"}},
			"down":       {connector.Errorf(connector.ReasonUnreachable, "Down.", "Look.", nil), nil, state{"unhealthy", "down", "unknown", "unknown"}},
		} {
			w.vendor.answer(test.err)
			w.vendor.rates = test.rates
			h, err := w.observer().ServiceHealth(ctx, made.ID)
			got := state{h.Status, h.Details.APIStatus, h.Details.RateLimitStatus, h.Details.Authentication}
			if err != nil || got != test.want || h.ServiceID != made.ID || h.LastCheck.IsZero() || (h.Details.Hint == nil) != (test.err == nil) {
				t.Errorf("%s: %+v, %v", name, h, err)
			}
		}
		_, err := w.observer().ServiceHealth(ctx, "svc_unknown")
		wantStatus(t, "an unknown service", err, http.StatusNotFound)
		w.add(gitHub("two"))
		disabled := gitHub("three")
		disabled.Enabled = new(false)
		w.add(disabled)
		w.vendor.answer(nil)
		for n, want := range []string{"unhealthy", "degraded"} {
			all, err := w.observer().ServicesHealth(ctx)
			if err != nil || all.OverallStatus != want || all.TotalServices != 2 || all.HealthyServices != n || all.UnhealthyServices != 2-n || all.HealthChecks[0].ServiceID != made.ID || all.HealthChecks[0].LastCheck == nil || all.HealthChecks[1].ResponseTimeMS != nil {
				t.Errorf("%+v, %v", all, err)
			}
			if _, err := w.lead().ConnectService(ctx, made.ID); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestCredentialsAreSeenNowhere uses a planted credential in every way and
// looks for it in the database's files, the answers, the logs and the audit
// log.
func TestCredentialsAreSeenNowhere(t *testing.T) {
	t.Parallel()
	url := storetest.SQLiteURL(t)
	db := storetest.Open(t, url)
	w := newWorld(t, store.New(db), db)
	lead := w.bearer(rampforge.RoleTeamLead)
	const path = "/api/v1/mcp/services"
	body := `{"service_type":"github","name":"x","endpoint":"https://api.github.com","credentials":{"token":"` + planted + `"}}`
	made := w.raw("POST", path, body, lead...)
	var s rampforge.Service
	if err := json.Unmarshal([]byte(made.body), &s); err != nil {
		t.Fatal(err)
	}
	one := path + "/" + s.ID
	said := []string{made.body}
	w.vendor.answer(connector.Errorf(connector.ReasonVendor, "GET /?token="+planted, "not "+planted, errors.New(planted)))
	for _, request := range [][2]string{
		{"POST " + path, body}, {"POST " + path + "?validate=true", strings.Replace(body, `"x"`, `"y"`, 1)}, {"GET " + path, ""}, {"GET " + one, ""}, {"PUT " + one, body}, {"PUT " + one, `{"credentials":{"token":["` + planted + `"]}}`},
		{"PUT " + one, `{"credentials":"` + planted + `"}`}, {"PUT " + one, `{"credentials":{"token":"` + planted + `","token":"` + planted + `"}}`}, {"PUT " + one, `{"timeout":0,"credentials":{"token":"` + planted + `"}}`},
		{"PUT " + one, `{"credentials":{"token":"` + planted + `"`}, {"POST " + one + "/connect", ""}, {"GET " + one + "/health", ""}, {"GET " + one + "/resources", ""}, {"GET /api/v1/mcp/health", ""}, {"GET " + one, ""}, {"GET " + path, ""},
	} {
		method, target, _ := strings.Cut(request[0], " ")
		a := w.raw(method, target, request[1], lead...)
		for _, values := range maps.All(a.header) {
			said = append(said, values...)
		}
		said = append(said, a.body)
	}
	said = append(said, w.raw("GET", "/api/v1/audit", "", w.bearer(rampforge.RoleAdmin)...).body, w.logs.String())
	for _, text := range said {
		if strings.Contains(text, planted) {
			t.Errorf("it is told: %s", text)
		}
	}
	_, dsn, err := database.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	file, _, _ := strings.Cut(dsn, "?")
	if row, err := w.store.ServiceSecret(t.Context(), s.ID); err != nil || len(row.Sealed.Text) < len(planted) {
		t.Fatalf("nothing is kept, so that nothing can be found: %+v, %v", row, err)
	}
	for _, name := range []string{file, file + "-wal"} {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(planted)) {
			t.Errorf("%s holds the credential", name)
		}
		if name != file && !bytes.Contains(content, []byte("wxyz")) {
			t.Errorf("%s holds no mask: is it the right file?", name)
		}
	}
}
