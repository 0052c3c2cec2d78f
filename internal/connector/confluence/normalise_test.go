package confluence_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/confluence"
)

const open = `"restrictions":{"read":{"restrictions":{"user":{"results":[],"size":0},"group":{"results":[],"size":0}}}}`

func TestNormalise(t *testing.T) {
	t.Parallel()
	updated := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	plain := func(change func(*rampforge.Document)) *rampforge.Document {
		d := &rampforge.Document{
			Title: "T", Format: "storage", Version: 2, Labels: []string{}, Ancestors: []string{}, Attachments: []string{},
			CreatedAt: updated, UpdatedAt: updated,
		}
		change(d)
		return d
	}
	const start = `{"id":"7","title":"T","version":{"number":2,"when":"2026-03-04T05:06:07.000Z"}`
	user := func(of string) string {
		return start + `,"history":{"createdBy":` + of + `},` + open + `}`
	}
	for name, test := range map[string]struct {
		content string
		more    string
		want    func(*rampforge.Document)
	}{
		"a zone with a colon":      {`{"id":7,"title":"T","version":{"number":2,"when":"2026-03-04T07:06:07.000+02:00"},` + open + `}`, "", func(*rampforge.Document) {}},
		"a zone without a colon":   {`{"id":7,"title":"T","version":{"number":2,"when":"2026-03-04T07:06:07.000+0200"},` + open + `}`, "", func(*rampforge.Document) {}},
		"nothing about reading":    {start + `}`, "", func(d *rampforge.Document) { d.Restricted = true }},
		"half about reading":       {start + `,"restrictions":{"read":{"restrictions":{"user":{"results":[]}}}}}`, "", func(d *rampforge.Document) { d.Restricted = true }},
		"a hidden reader":          {start + `,"restrictions":{"read":{"restrictions":{"user":{"results":[],"size":1},"group":{"results":[]}}}}}`, "", func(d *rampforge.Document) { d.Restricted = true }},
		"a group of readers":       {start + `,"restrictions":{"read":{"restrictions":{"user":{"results":[]},"group":{"results":[{}]}}}}}`, "", func(d *rampforge.Document) { d.Restricted = true }},
		"below what is restricted": {start + `,` + open + `}`, `,"restricted_above":true`, func(d *rampforge.Document) { d.Restricted = true }},
		"an app": {user(`{"type":"known","accountId":"a","accountType":"app","displayName":"Sync"}`), "", func(d *rampforge.Document) {
			d.Author = &rampforge.Account{ID: "a", Name: "Sync", Bot: true}
		}},
		"a bot by its name alone": {user(`{"type":"known","accountId":"a","accountType":"atlassian","displayName":"robot"}`), "", func(d *rampforge.Document) {
			d.Author = &rampforge.Account{ID: "a", Name: "robot"}
		}},
		"a user of Data Center": {user(`{"type":"known","username":"ada","userKey":"ff80","displayName":"Ada"}`), "", func(d *rampforge.Document) {
			d.Author = &rampforge.Account{ID: "ff80", Login: "ada", Name: "Ada"}
		}},
		"a deleted user":     {user(`{"type":"unknown","username":"gone","userKey":"ff99"}`), "", func(*rampforge.Document) {}},
		"a closed account":   {user(`{"type":"known","accountId":"a","accountStatus":"closed"}`), "", func(*rampforge.Document) {}},
		"a stranger":         {user(`{"type":"anonymous","displayName":"Anonymous"}`), "", func(*rampforge.Document) {}},
		"null for an author": {user(`null`), "", func(*rampforge.Document) {}},
		"text as it came": {start + `,"body":{"storage":{"value":"<p>\u0000\ud83d\ude80&amp;</p>"}},` + open + `}`, "", func(d *rampforge.Document) {
			d.Body = "<p>\x00\U0001F680&amp;</p>"
		}},
		"links":                {start + `,"_links":{"webui":"/spaces/ENG/pages/7"},` + open + `}`, "", func(d *rampforge.Document) { d.URL = "https://w/wiki/spaces/ENG/pages/7" }},
		"links that lead away": {start + `,"_links":{"webui":"//evil.example/7"},` + open + `}`, "", func(*rampforge.Document) {}},
		"links that run":       {start + `,"_links":{"webui":"javascript:alert(1)"},` + open + `}`, "", func(*rampforge.Document) {}},
		"labels and ancestors": {start + `,"metadata":{"labels":{"results":[{"name":"a","prefix":"global"},{"name":"b","prefix":"my"},7]}},"ancestors":[{"id":1,"title":"Top"},{"id":"2","title":"Mid"}],` + open + `}`, "", func(d *rampforge.Document) {
			d.Labels, d.Ancestors, d.ParentID = []string{"a", "my:b"}, []string{"Top", "Mid"}, "2"
		}},
		"whole lists before begun ones": {start + `,"metadata":{"labels":{"results":[{"name":"a"}]}},` + open + `}`, `,"labels":[{"name":"a"},{"name":"b"}],"attachments":[{"title":"x.png"}]`, func(d *rampforge.Document) {
			d.Labels, d.Attachments = []string{"a", "b"}, []string{"x.png"}
		}},
	} {
		raw := []byte(`{"base":"https://w/wiki","content":` + test.content + test.more + `}`)
		got, err := confluence.Normalise(rampforge.StreamDocuments, "98305", raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := rampforge.Record{Stream: rampforge.StreamDocuments, ID: "7", ResourceID: "98305", UpdatedAt: updated, Raw: raw, Document: plain(test.want)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestGatewayIsNoLink: people cannot browse where scoped tokens are used.
func TestGatewayIsNoLink(t *testing.T) {
	t.Parallel()
	raw := `{"base":"https://api.atlassian.com/ex/confluence/1/wiki","content":{"id":"7","version":{"number":1,"when":"2026-03-04T05:06:07Z"},"_links":{"webui":"/x/7"}}}`
	got, err := confluence.Normalise(rampforge.StreamDocuments, "1", []byte(raw))
	if err != nil || got.Document.URL != "" {
		t.Errorf("%v, %v", got.Document, err)
	}
}

func TestNormaliseRefuses(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"no JSON": `{`, "a list": `[]`, "nothing": `{}`, "no id": `{"content":{"title":"secret"}}`,
		"no date": `{"content":{"id":"7","title":"secret"}}`, "a strange date": `{"content":{"id":"7","version":{"when":"secret"}}}`,
		"a page without an id": `{"page":{"title":"secret"}}`, "a strange author": `{"page":{"id":"7"},"author":"secret"}`,
	} {
		_, err := confluence.Normalise(rampforge.StreamDocuments, "1", []byte(raw))
		if connector.Reason(err) != connector.ReasonMalformed || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := confluence.Normalise(rampforge.StreamCommits, "1", []byte(`{}`)); connector.Reason(err) != connector.ReasonUnsupported {
		t.Error(err)
	}
}

func TestBigBodiesAreKept(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("<p>\x00\U0001F680</p>", 90_000)
	value, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	raw := `{"content":{"id":"7","version":{"number":1,"when":"2026-03-04T05:06:07.000Z"},"body":{"storage":{"value":` + string(value) + `}}}}`
	got, err := confluence.Normalise(rampforge.StreamDocuments, "1", []byte(raw))
	if err != nil || got.Document.Body != body {
		t.Errorf("%v: %d of %d bytes", err, len(got.Document.Body), len(body))
	}
}
