package assistant

import (
	"testing"
	"time"
)

// TestChangesIn reads the period of a question of what changed, of a Wednesday.
func TestChangesIn(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 18, 15, 0, 0, 0, time.UTC)
	for question, want := range map[string]string{
		"What changed last week?":                            "from 9 to 15 November 2026",
		"What changed this week?":                            "from 16 to 22 November 2026",
		"What was merged in the last week?":                  "from 11 to 18 November 2026",
		"which pull requests were merged in the past 3 days": "from 15 to 18 November 2026",
		"What happened yesterday?":                           "on 17 November 2026",
		"What has been changed since Monday?":                "from 16 to 18 November 2026",
		"What changed in November?":                          "from 1 to 30 November 2026",
		"What changed in May?":                               "from 1 to 31 May 2026",
		"What was added in December?":                        "from 1 to 31 December 2025",
		"What changed in March 2024?":                        "from 1 to 31 March 2024",
		"Summarise the work of last month":                   "from 1 to 31 October 2026",
		"What changed since 3 May 2025?":                     "from 3 May 2025 to 18 November 2026",
		"what's changed since 2026-11-01":                    "from 1 to 18 November 2026",
		"What was fixed between 2025-01-01 and 2025-03-31?":  "from 1 January to 31 March 2025",
		"What changed in Q3 2025?":                           "from 1 July to 30 September 2025",
		"What changed in 2024?":                              "from 1 January to 31 December 2024",
		"What changed in the parser over the last 2 months?": "from 18 September to 18 November 2026",
		"Any changes in the last few days?":                  "from 15 to 18 November 2026",
		"What changed two weeks ago?":                        "from 4 to 18 November 2026",
		"What changed recently?":                             "from 19 October to 18 November 2026",
		"What is new?":                                       "from 19 October to 18 November 2026",
		"Show me the latest changes":                         "from 19 October to 18 November 2026",
		"How has the parser changed this year?":              "from 1 January to 31 December 2026",
		"What changed since v1.2?":                           "since v1.2",
		"What is new since version 1.2.3?":                   "since 1.2.3",
		"what changed since the last release?":               "since the last release",
		"What changed between v1.1 and v1.2?":                "since v1.1 until v1.2",
		"What is new in v2.0?":                               "of v2.0",
		"What changed in the release v2.0-rc.1?":             "of v2.0-rc.1",
		// Not of changes in a period.
		"When was the cache changed last?":                           "",
		"Who changed the reader last week?":                          "",
		"Why was the timeout changed in March 2024?":                 "",
		"What does the new handler do?":                              "",
		"Where are new tokens generated?":                            "",
		"What may be changed by a user?":                             "",
		"How are recently deleted messages restored?":                "",
		"What happens when a message was added yesterday?":           "on 17 November 2026",
		"Where does a websocket connection get pinged since a week?": "",
		"What are the main components?":                              "",
		"How do I see the changes of last week?":                     "",
		"Which version of Go is needed?":                             "",
	} {
		got := ""
		if p, ok := changesIn(question, now, versionNames{}); ok {
			switch {
			case p.untilVersion != "":
				got = "since " + p.sinceVersion + " until " + p.untilVersion
			case p.sinceVersion != "":
				got = "since " + p.sinceVersion
			case p.ofVersion != "":
				got = "of " + p.ofVersion
			default:
				got = p.String()
			}
		}
		if got != want {
			t.Errorf("%q is of %q, want %q", question, got, want)
		}
	}
}
