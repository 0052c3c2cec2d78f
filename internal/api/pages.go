package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"
)

// registerPages registers what is not part of the OpenAPI document: the
// document itself, its two readers, and the web pages. Each file has a route of
// its own: a catch-all would turn every 405 into a 404.
func (a *API) registerPages() error {
	a.page("GET /openapi.json", a.description())
	a.page("GET /{$}", a.root())
	a.registerSwagger()
	a.page("GET /api/redoc", a.redoc())
	if a.options.Pages == nil || !a.options.PagesBuilt {
		return nil
	}
	err := fs.WalkDir(a.options.Pages, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == indexPage || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		text, err := fs.ReadFile(a.options.Pages, name)
		if err == nil {
			a.page("GET /"+name, asset(text, name))
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("reading the web pages: %w", err)
	}
	return nil
}

// description serves the OpenAPI document. It is written when it is first asked
// for: that takes longer than everything else of a start.
func (a *API) description() http.Handler {
	written := sync.OnceValues(func() (http.Handler, error) {
		document, err := a.document()
		return static(document, jsonType, ""), err
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, err := written()
		if err != nil {
			writeError(w, r, err)
			return
		}
		page.ServeHTTP(w, r)
	})
}

const indexPage = "index.html"

func (a *API) page(pattern string, h http.Handler) {
	a.plain = append(a.plain, pattern)
	a.mux.Handle(pattern, h)
}

const (
	jsonType = "application/json"
	htmlType = "text/html; charset=utf-8"
	// Every page's sources are the server itself, so that nothing loads from
	// elsewhere even if a bundle asks for it.
	pagePolicy  = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
	redocPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; script-src 'self'; " +
		"style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:"
)

// static serves bytes that do not change while the process lives.
func static(text []byte, contentType, policy string) http.Handler {
	sum := sha256.Sum256(text)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("ETag", tag)
		if h.Get("Cache-Control") == "no-store" {
			h.Set("Cache-Control", "no-cache") // keep it, and ask whether it changed
		}
		if policy != "" {
			h.Set("Content-Security-Policy", policy)
		}
		if matches(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", contentType)
		if r.Method != http.MethodHead {
			_, _ = w.Write(text) // a client that went away is nobody's fault
		}
	})
}

// asset serves a built file. Names under assets hold a hash of the content.
func asset(text []byte, name string) http.Handler {
	contentType := mime.TypeByExtension(path.Ext(name))
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	serve := static(text, contentType, "")
	if !strings.HasPrefix(name, "assets/") {
		return serve
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		serve.ServeHTTP(w, r)
	})
}

// root greets programs with JSON and browsers with the landing page.
func (a *API) root() http.Handler {
	landing := []byte(notice(a.options.Title, "The web pages are not built.",
		`Run <code>make web</code> and build the program again. The API works without them: see <a href="/api/docs">its documentation</a>.`))
	if a.options.Pages != nil && a.options.PagesBuilt {
		if text, err := fs.ReadFile(a.options.Pages, indexPage); err == nil {
			landing = text
		}
	}
	page := static(landing, htmlType, pagePolicy)
	greeting := map[string]string{"message": "RampForgeAI API is running"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept")
		if wantsHTML(r.Header.Get("Accept")) {
			page.ServeHTTP(w, r)
			return
		}
		writeJSON(w, r, http.StatusOK, greeting)
	})
}

// wantsHTML reports whether HTML is named before JSON. Browsers name it first;
// programs say */* or nothing.
func wantsHTML(accept string) bool {
	page, data := strings.Index(accept, "text/html"), strings.Index(accept, jsonType)
	return page >= 0 && (data < 0 || page < data)
}

// swaggerFiles are the files that Swagger UI's page asks for.
var swaggerFiles = []string{"swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "favicon-32x32.png", "favicon-16x16.png"}

var inlineScript = regexp.MustCompile(`(?s)<script>(.*?)</script>`)

// registerSwagger serves Swagger UI from the binary. Its page is the same for
// everybody, so it is made once, and its scripts are allowed by their hashes.
func (a *API) registerSwagger() {
	ui := v5emb.NewHandlerWithConfig(swgui.Config{
		Title: a.options.Title, SwaggerJSON: "/openapi.json", BasePath: "/api/docs/",
		SettingsUI: map[string]string{"persistAuthorization": "false", "tryItOutEnabled": "true"},
	})
	var made probe
	ui.ServeHTTP(&made, &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/api/docs/"}})
	sources := []string{"'self'"}
	for _, m := range inlineScript.FindAllSubmatch(made.text, -1) {
		sum := sha256.Sum256(m[1])
		sources = append(sources, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	policy := "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self'; " +
		"img-src 'self' data:; font-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src " + strings.Join(sources, " ")
	a.page("GET /api/docs", static(made.text, htmlType, policy))
	for _, name := range swaggerFiles {
		a.page("GET /api/docs/"+name, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "public, max-age=86400")
			ui.ServeHTTP(w, r)
		}))
	}
}

// redoc serves ReDoc's page, or says what is missing for it.
func (a *API) redoc() http.Handler {
	const bundle = "redoc/redoc.standalone.js"
	err := fs.ErrNotExist
	if a.options.Pages != nil && a.options.PagesBuilt {
		_, err = fs.Stat(a.options.Pages, bundle)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return static([]byte(notice(a.options.Title, "ReDoc is not built in.",
			`Run <code>make web</code> and build the program again, or read <a href="/api/docs">the other documentation</a>.`)), htmlType, pagePolicy)
	}
	title := html.EscapeString(a.options.Title)
	return static([]byte(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>`+title+` – ReDoc</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
</head>
<body>
<redoc spec-url="/openapi.json" hide-download-button disable-search="false"></redoc>
<script src="/`+bundle+`"></script>
</body>
</html>
`), htmlType, redocPolicy)
}

// notice is a page of one sentence.
func notice(title, headline, text string) string {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>` + html.EscapeString(title) + `</title>
</head>
<body>
<h1>` + html.EscapeString(headline) + `</h1>
<p>` + text + `</p>
</body>
</html>
`
}
