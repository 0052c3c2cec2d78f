package api

import (
	"mime"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
)

const (
	// compressFrom is the size from which an answer is compressed: below it the
	// packets on the way are as many as before.
	compressFrom = 1 << 10
	// paddingMost is how many bytes of padding a compressed answer gets at most, and
	// paddingOf how much of its beginning decides how many. The number goes by the
	// content: whoever asks the same again learns nothing by the average.
	paddingMost = 64
	paddingOf   = 64 << 10
)

// asTheyAre begin the patterns of what is never compressed. The length of a
// compressed text tells how much of it occurs twice: where a secret is answered
// beside text that others chose, it tells what the secret is (BREACH).
var asTheyAre = []string{
	"GET /api/v1/auth/",             // tokens, sessions, and what is kept of oneself
	"GET /api/v1/users/invitations", // who holds one may come in
	"GET /api/v1/mcp/services",      // how they are reached
	"GET /api/v1/model-requests",    // whole texts, which may hold what was not masked
	"GET /api/v1/events",            // each event goes out by itself
	"GET /api/health",               // small, and asked for all the time
	"GET /metrics",                  // compresses by itself
	"GET /api/docs/",                // so do these files
	// Its tag is a revision, which If-Match compares strongly.
	"GET /api/v1/projects/{id}/workflow/settings",
}

// compressible reports whether answers of a route may be compressed. What changes
// something is answered with what is told once, such as a new token: only what
// is read is compressed.
func compressible(pattern string) bool {
	if !strings.HasPrefix(pattern, http.MethodGet+" ") {
		return false
	}
	for _, beginning := range asTheyAre {
		if strings.HasPrefix(pattern, beginning) {
			return false
		}
	}
	return true
}

// newCompressor returns what compresses the answers of a handler. Gzip alone:
// everybody takes it, and its header takes the padding.
func newCompressor() (func(http.Handler) http.HandlerFunc, error) {
	return gzhttp.NewWrapper(
		gzhttp.MinSize(compressFrom), gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(false),
		gzhttp.RandomJitter(paddingMost, paddingOf, true), gzhttp.ContentTypeFilter(isText), gzhttp.SetContentType(false),
	)
}

// isText reports whether a type is of what becomes smaller.
func isText(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil, media == "text/event-stream":
		return false
	case strings.HasPrefix(media, "text/"), strings.HasSuffix(media, "+json"), strings.HasSuffix(media, "+xml"):
		return true
	}
	switch media {
	case jsonType, "application/xml", "application/x-ndjson", "application/javascript", "application/wasm":
		return true
	}
	return false
}

// weaken makes a strong tag a weak one when the answer is compressed: its bytes
// are others then (RFC 9110, 8.8.3.3). A 304 has the tag in the form that the
// client has it in, which is the answer that it kept.
func (w *recorder) weaken(r *http.Request, status int) {
	h := w.Header()
	tag := h.Get("ETag")
	if !strings.HasPrefix(tag, `"`) {
		return
	}
	weak := "W/" + tag
	if h.Get("Content-Encoding") == "gzip" || status == http.StatusNotModified && strings.Contains(r.Header.Get("If-None-Match"), weak) {
		h.Set("ETag", weak)
	}
}
