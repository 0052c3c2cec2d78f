package api

import (
	"net/http"
	"slices"
	"strings"
)

const (
	corsMethods = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
	corsHeaders = "Authorization, Content-Type, X-Request-ID, Prefer, If-None-Match, Last-Event-ID"
	corsExposed = "X-Request-ID, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Total-Count, X-Truncated, ETag, Retry-After, Preference-Applied, Location, " + refreshHeader
)

// cors lets pages of the configured origins call the API.
type cors struct {
	origins []string
	any     bool // "*" was configured: anybody, without credentials
}

func newCORS(origins []string) cors {
	c := cors{any: slices.Contains(origins, "*")}
	for _, o := range origins {
		c.origins = append(c.origins, strings.ToLower(strings.TrimSuffix(strings.TrimSpace(o), "/")))
	}
	return c
}

var varyOrigin = []string{"Origin"}

// answer adds the headers that a browser asks for, and answers a preflight
// request; it reports whether it did the latter.
func (c *cors) answer(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	// Said even where it made no difference: a cache must not hand one
	// origin's answer to another.
	h["Vary"] = varyOrigin
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	preflight := r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
	if preflight {
		h.Set("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
	}
	switch {
	case slices.Contains(c.origins, strings.ToLower(origin)):
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	case c.any:
		h.Set("Access-Control-Allow-Origin", "*")
	default:
		// Without the header the browser keeps the answer from the page.
		if preflight {
			w.WriteHeader(http.StatusNoContent)
		}
		return preflight
	}
	if !preflight {
		h.Set("Access-Control-Expose-Headers", corsExposed)
		return false
	}
	h.Set("Access-Control-Allow-Methods", corsMethods)
	h.Set("Access-Control-Allow-Headers", corsHeaders)
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}
