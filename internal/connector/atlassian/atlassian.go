// Package atlassian is what Jira and Confluence have in common: how one signs
// in, and how they tell of their rate limits. It may import the root package,
// connector and mcpclient.
package atlassian

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// CredentialFaults says what is missing of credentials: username and api_token
// for Cloud, token for Data Center.
func CredentialFaults(c map[string]string) []rampforge.FieldIssue {
	switch {
	case c["username"] != "" && c["api_token"] != "", c["username"] == "" && c["api_token"] == "" && c["token"] != "":
		return nil
	case c["username"] != "":
		return []rampforge.FieldIssue{{Field: "credentials.api_token", Issue: "is needed beside the username"}}
	case c["api_token"] != "":
		return []rampforge.FieldIssue{{Field: "credentials.username", Issue: "is needed beside the API token: it is the e-mail address of its account"}}
	}
	return []rampforge.FieldIssue{{Field: "credentials", Issue: "need username and api_token (Cloud) or token (Data Center)"}}
}

// SignIn gives a request its credentials.
func SignIn(req *http.Request, c map[string]string) {
	if user := c["username"]; user != "" {
		req.SetBasicAuth(user, c["api_token"])
	} else {
		req.Header.Set("Authorization", "Bearer "+c["token"])
	}
}

// maxWait bounds what a server may ask to wait for.
const maxWait = 24 * time.Hour

// RetryAfter reads how long to wait: Retry-After in seconds or as a date, or
// the moment of X-RateLimit-Reset; at most a day. 0 is not told.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	wait := time.Duration(0)
	after := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseInt(after, 10, 64); err == nil {
		wait = time.Duration(min(seconds, int64(maxWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(after); err == nil {
		wait = at.Sub(now)
	} else if at, ok := reset(h); ok {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxWait)
}

// reset reads X-RateLimit-Reset, a time without seconds on Cloud.
func reset(h http.Header) (time.Time, bool) {
	s := h.Get("X-Ratelimit-Reset")
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	if seconds, err := strconv.ParseInt(s, 10, 64); err == nil && seconds > 0 {
		return time.Unix(seconds, 0).UTC(), true
	}
	return time.Time{}, false
}

// Rates reads what is left of the limit, nil when that is not told.
func Rates(h http.Header) *connector.Rates {
	remaining, err := strconv.Atoi(h.Get("X-Ratelimit-Remaining"))
	if err != nil {
		return nil
	}
	at, _ := reset(h)
	return &connector.Rates{Remaining: remaining, Reset: at}
}
