package assistant

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUnderstand states by example what questions ask.
func TestUnderstand(t *testing.T) {
	t.Parallel()
	for question, want := range map[string]string{
		"Where is authentication handled?":                        "where   terms: authent",
		"Where do we retry failed payments?":                      "where   terms: retri fail payment",
		"Which function parses the configuration file?":           "where   terms: pars configur",
		"What does RetryPolicy do?":                               "what names: RetryPolicy  terms: retri polici",
		"What is a passage?":                                      "what   terms: passag",
		"How do I run the tests?":                                 "how/test   terms: run test",
		"how can I build it from source":                          "how/build   terms: build sourc",
		"How do I add a new connector?":                           "how   terms: connector",
		"how to set up a development environment":                 "how/setup   terms: develop environ",
		"How does the indexer work?":                              "what   terms: index",
		"Why is the timeout of `parse_header` 30 seconds?":        "why names: parse_header  terms: timeout pars header 30 second",
		"Who knows internal/store/search.go?":                     "who  paths: internal/store/search.go terms: intern store search",
		"whom can I ask about billing":                            "who   terms: bill",
		"What happens when a snapshot is removed?":                "what   terms: snapshot",
		"When the cache was added?":                               "when   terms: cach",
		"Which tests cover Store.Search?":                         "breaks names: Store.Search  terms: cover store search",
		"Who gets a discount?":                                    "what   terms: discount",
		"Who may delete a project's drafts?":                      "what   terms: draft",
		"Whose job is it to renew sessions, who wrote that?":      "who   terms: job renew session",
		"Who last changed the scheduler?":                         "who   terms: schedul",
		"And who knows it?":                                       "who   terms: know",
		"What breaks if I change Store.Search?":                   "breaks names: Store.Search  terms: store search",
		"Is it safe to remove session.py?":                        "breaks  paths: session.py terms: session py",
		"what depends on requests/sessions.py":                    "breaks  paths: requests/sessions.py terms: request session py",
		"When was the cache added?":                               "when   terms: cach",
		"What did PAY-12 and #7 decide?":                          "what   items: PAY-12 #7 terms: pay 12 7",
		"Which commit introduced the retry?":                      "when   terms: retri",
		"What happens when a job's worker dies and/or is killed?": "what   terms: job worker die kill",
	} {
		u := understand(question)
		got := string(u.intent)
		if u.task != "" {
			got += "/" + u.task
		}
		got += " "
		if len(u.names) > 0 {
			got += "names: " + strings.Join(u.names, " ")
		}
		got += " "
		if len(u.paths) > 0 {
			got += "paths: " + strings.Join(u.paths, " ")
		}
		if len(u.items) > 0 {
			got += " items: " + strings.Join(u.items, " ")
		}
		got += " terms: " + strings.Join(u.terms, " ")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", question, diff)
		}
	}
}

// TestAfter follows questions that point back.
func TestAfter(t *testing.T) {
	t.Parallel()
	before := understand("What does RetryPolicy do?")
	if u := understand("And who knows it?").after(before); u.intent != asksWho || len(u.names) != 1 || u.names[0] != "RetryPolicy" {
		t.Errorf("it is read as %+v", u)
	}
	if u := understand("Where are invoices rendered?").after(before); len(u.names) != 0 || strings.Contains(u.text, "Retry") {
		t.Errorf("another subject is read as %+v", u)
	}
}
