package confluence_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/confluence"
	"github.com/rampforgeai/rampforge/internal/connector/confluence/confluencetest"
)

func TestOpenNamesEveryFault(t *testing.T) {
	t.Parallel()
	good := connector.Options{Service: rampforge.Service{Endpoint: "https://x.atlassian.net"}, Credentials: map[string]string{"token": "t"}, Client: http.DefaultClient, Now: time.Now}
	for name, test := range map[string]struct {
		change func(*connector.Options)
		fields []string
	}{
		"good":          {func(*connector.Options) {}, nil},
		"everything":    {func(o *connector.Options) { *o = connector.Options{} }, []string{"endpoint", "credentials", "options"}},
		"no API token":  {func(o *connector.Options) { o.Credentials = map[string]string{"username": "a"} }, []string{"credentials.api_token"}},
		"no username":   {func(o *connector.Options) { o.Credentials = map[string]string{"api_token": "a"} }, []string{"credentials.username"}},
		"a secret user": {func(o *connector.Options) { o.Service.Endpoint = "https://u:hunter2@x.example" }, []string{"endpoint"}},
	} {
		o := good
		test.change(&o)
		_, err := confluence.Open(o)
		var fields []string
		if e, ok := errors.AsType[*rampforge.Error](err); ok {
			for _, f := range e.Fields {
				fields = append(fields, f.Field)
			}
			if e.Code != rampforge.CodeInvalid || strings.Contains(fmt.Sprint(e, e.Fields), "hunter2") {
				t.Errorf("%s: %v", name, e)
			}
		}
		if diff := gocmp.Diff(test.fields, fields); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestTheWikiIsFound from what people paste.
func TestTheWikiIsFound(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		o     confluencetest.Options
		paths []string
	}{
		{confluencetest.Options{}, []string{"", "/", "/wiki", "/wiki/", "/wiki/spaces/ENG/overview", "/wiki/rest/api"}},
		{confluencetest.Options{DataCenter: true}, []string{"", "/display/ENG/Home", "/rest/api", "/spaces/viewspace.action?key=ENG"}},
		{confluencetest.Options{DataCenter: true, Context: "/confluence"}, []string{"", "/confluence/", "/confluence/pages/viewpage.action?pageId=7"}},
		{confluencetest.Options{DataCenter: true, Context: "/wiki"}, []string{"", "/wiki"}},
		{confluencetest.Options{DataCenter: true, Context: "/a/b"}, []string{"/a/b"}},
	} {
		s := confluencetest.New(t, test.o)
		server := "Confluence Cloud"
		if test.o.DataCenter {
			server = "Confluence Data Center"
		}
		for _, path := range test.paths {
			c, err := confluence.Open(optionsFor(s, s.URL+path))
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Check(t.Context())
			if err != nil || got.Server != server || got.Account == nil || got.Rates == nil || got.Rates.Remaining != 99 {
				t.Errorf("%+v at %q: %+v, %v", test.o, path, got, err)
			}
		}
	}
}

// TestRefusals maps what Confluence answers to reasons. No error holds a word
// of the answer.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status  int
		headers map[string]string
		body    string
		reason  string
		wait    time.Duration
	}{
		"seconds":        {429, map[string]string{"Retry-After": "17"}, "", connector.ReasonRateLimited, 17 * time.Second},
		"a date":         {429, map[string]string{"Retry-After": now.Add(time.Minute).Format(http.TimeFormat)}, "", connector.ReasonRateLimited, time.Minute},
		"a reset":        {429, map[string]string{"X-RateLimit-Reset": "2026-11-24T20:05Z"}, "", connector.ReasonRateLimited, 5 * time.Minute},
		"for ever":       {429, map[string]string{"Retry-After": "99999999999"}, "", connector.ReasonRateLimited, 24 * time.Hour},
		"before now":     {429, map[string]string{"Retry-After": "-5"}, "", connector.ReasonRateLimited, 0},
		"overloaded":     {503, map[string]string{"Retry-After": "3"}, "", connector.ReasonVendor, 3 * time.Second},
		"unauthorized":   {401, nil, "", connector.ReasonAuthentication, 0},
		"a CAPTCHA":      {403, map[string]string{"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"}, "", connector.ReasonAuthentication, 0},
		"nobody's view":  {200, map[string]string{"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}, `{"results":[]}`, connector.ReasonAuthentication, 0},
		"forbidden":      {403, nil, "", connector.ReasonPermission, 0},
		"hidden":         {404, nil, "", connector.ReasonNotFound, 0},
		"removed":        {410, nil, "", connector.ReasonNotFound, 0},
		"a gateway":      {504, nil, "", connector.ReasonTimeout, 0},
		"large":          {413, nil, "", connector.ReasonTooLarge, 0},
		"not understood": {400, nil, "", connector.ReasonUnsupported, 0},
		"nowhere":        {302, nil, "", connector.ReasonMalformed, 0},
		"another shape":  {200, nil, `[1,2]`, connector.ReasonMalformed, 0},
		"no results":     {200, nil, `{"secret":"hunter2"}`, connector.ReasonMalformed, 0},
		"strange rows":   {200, nil, `{"results":["hunter2"]}`, connector.ReasonMalformed, 0},
		"strange dates":  {200, nil, `{"results":[{"id":"1","version":{"when":"hunter2"}}]}`, connector.ReasonMalformed, 0},
		"a strange link": {200, nil, `{"results":[],"_links":{"next":"http://[::hunter2"}}`, connector.ReasonMalformed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, dc := range flavours {
				s, c, _ := setup(t, confluencetest.Options{DataCenter: dc})
				if _, err := c.Check(t.Context()); err != nil {
					t.Fatal(err)
				}
				s.Fail(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					for k, v := range test.headers {
						w.Header().Set(k, v)
					}
					w.WriteHeader(test.status)
					_, _ = w.Write([]byte(cmp.Or(test.body, `{"message":"hunter2"}`)))
				}))
				if dc && name == "a strange link" { // links are Cloud's way
					continue
				}
				var err error
				for _, e := range c.Read(t.Context(), engineering, rampforge.StreamDocuments, nil) {
					err = e
				}
				e, ok := errors.AsType[*rampforge.Error](err)
				if !ok || connector.Reason(err) != test.reason || e.RetryAfter != test.wait || e.Details["hint"] == "" {
					t.Fatalf("data center %v: %v (%q), want %q and to wait %v", dc, err, connector.Reason(err), test.reason, test.wait)
				}
				if text := fmt.Sprint(err, e.Message, e.Details, e.Err); strings.Contains(text, "hunter2") || strings.Contains(text, "good-token") {
					t.Errorf("data center %v: %s", dc, text)
				}
			}
		})
	}
}

// TestStrangersAreToldSo: a Data Center that answers strangers says who they
// are, and that is nobody.
func TestStrangersAreToldSo(t *testing.T) {
	t.Parallel()
	s, c, _ := setup(t, confluencetest.Options{DataCenter: true})
	s.Fail(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"type":"anonymous","displayName":"Anonymous"}`))
	}))
	if _, err := c.Check(t.Context()); connector.Reason(err) != connector.ReasonAuthentication {
		t.Error(err)
	}
}

// TestListsWithoutAnEnd end.
func TestListsWithoutAnEnd(t *testing.T) {
	inBoth(t, func(t *testing.T, o confluencetest.Options) {
		s, c, _ := setup(t, o)
		n := 0
		s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "user/current") {
				return false
			}
			n++
			_, _ = fmt.Fprintf(w, `{"results":[{"id":"7","version":{"number":1,"when":"2026-03-04T05:06:07Z"}}],"_links":{"next":"/rest/api?cursor=%d"}}`, n)
			return true
		})
		var err error
		for _, e := range c.Read(t.Context(), engineering, rampforge.StreamDocuments, nil) {
			err = e
		}
		if connector.Reason(err) != connector.ReasonMalformed || n > 200 {
			t.Errorf("%v after %d requests", err, n)
		}
	})
}

// TestLargeAnswersAreHalved: only a page that is too large by itself fails.
func TestLargeAnswersAreHalved(t *testing.T) {
	inBoth(t, func(t *testing.T, o confluencetest.Options) {
		s, c, _ := setup(t, o)
		most := 3
		s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
			cql := r.URL.Query().Get("cql")
			if strings.HasPrefix(cql, "id in") && strings.Count(cql, ",") >= most {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				return true
			}
			return false
		})
		if records, _ := readFrom(t, c, engineering, nil); len(records) != len(s.IDs(engineering.ID)) {
			t.Errorf("%d documents", len(records))
		}
		most = 0
		var err error
		for _, e := range c.Read(t.Context(), engineering, rampforge.StreamDocuments, nil) {
			err = e
		}
		if connector.Reason(err) != connector.ReasonTooLarge {
			t.Error(err)
		}
	})
}

// TestEndlessAnswers are cut off, by the connector where the client does not.
func TestEndlessAnswers(t *testing.T) {
	t.Parallel()
	s, c, _ := setup(t, confluencetest.Options{})
	s.Fail(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for chunk := bytes.Repeat([]byte(" "), 1<<20); r.Context().Err() == nil; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	if _, err := c.Check(t.Context()); connector.Reason(err) != connector.ReasonTooLarge {
		t.Error(err)
	}
}

func TestOtherStreamsAreUnsupported(t *testing.T) {
	t.Parallel()
	s, c, _ := setup(t, confluencetest.Options{})
	for _, err := range c.Read(t.Context(), engineering, rampforge.StreamSprints, nil) {
		if connector.Reason(err) != connector.ReasonUnsupported {
			t.Error(err)
		}
	}
	for _, err := range c.IDs(t.Context(), engineering, rampforge.StreamSprints) {
		if connector.Reason(err) != connector.ReasonUnsupported {
			t.Error(err)
		}
	}
	if s.Requests() != 0 {
		t.Errorf("%d requests", s.Requests())
	}
}
