//go:build long

package cli_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// leaks are the ways in which a vendor says back what it was shown. token is
// how it signs in, told is that in all forms that a vendor sees or makes.
var leaks = map[string]func(w http.ResponseWriter, r *http.Request, token, told string){
	"unauthorised": says(http.StatusUnauthorized), "forbidden": says(http.StatusForbidden), "not found": says(http.StatusNotFound),
	"bad request": says(http.StatusBadRequest), "limited": says(http.StatusTooManyRequests), "broken": says(http.StatusInternalServerError),
	"JSON of another shape": says(http.StatusOK),
	"a page": func(w http.ResponseWriter, _ *http.Request, _, told string) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<html><title>%s</title></html>", html.EscapeString(told))
	},
	"a redirect to a host": func(w http.ResponseWriter, r *http.Request, token, _ string) {
		http.Redirect(w, r, "https://"+token+".example.invalid/", http.StatusFound)
	},
	"a redirect to a closed door": func(w http.ResponseWriter, r *http.Request, token, told string) {
		http.Redirect(w, r, "http://127.0.0.1:1/"+token+"?token="+url.QueryEscape(told), http.StatusTemporaryRedirect)
	},
	"a redirect of another scheme": func(w http.ResponseWriter, _ *http.Request, token, _ string) {
		w.Header().Set("Location", token+"://"+token)
		w.WriteHeader(http.StatusFound)
	},
	"a redirect to no address": func(w http.ResponseWriter, _ *http.Request, token, _ string) {
		w.Header().Set("Location", "https://["+token)
		w.WriteHeader(http.StatusFound)
	},
	"no HTTP": func(w http.ResponseWriter, _ *http.Request, token, _ string) { raw(w, token+" "+token+"\r\n\r\n") },
	"a status that is none": func(w http.ResponseWriter, _ *http.Request, token, _ string) {
		raw(w, "HTTP/1.1 "+token+"\r\n\r\n")
	},
	"a header that is none": func(w http.ResponseWriter, _ *http.Request, token, _ string) {
		raw(w, "HTTP/1.1 200 OK\r\n"+token+" : "+token+"\r\nContent-Length: "+token+"\r\n\r\n")
	},
	"an error of JSON-RPC": func(w http.ResponseWriter, r *http.Request, _, told string) {
		body, _ := io.ReadAll(r.Body)
		id := "1"
		if found := regexp.MustCompile(`"id":\s*([0-9]+|"[^"]*")`).FindSubmatch(body); found != nil {
			id = string(found[1])
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":-32000,"message":%q,"data":{"token":%q}}}`, id, told, told)
	},
}

// says answers with all that it knows, in the body and in headers.
func says(status int) func(http.ResponseWriter, *http.Request, string, string) {
	return func(w http.ResponseWriter, _ *http.Request, token, told string) {
		for _, name := range []string{"X-Token", "Www-Authenticate", "Link", "X-Request-Id", "X-Seraph-Loginreason", "Server", "Etag"} {
			w.Header().Set(name, token)
		}
		w.Header().Set("Content-Type", "application/json")
		if status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "900")
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"message":%[1]q,"error":%[1]q,"error_description":%[1]q,"errorMessages":[%[1]q],"errors":[{"message":%[1]q}],"typeKey":%[1]q}`, told)
	}
}

func raw(w http.ResponseWriter, content string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = io.WriteString(conn, content)
	_ = conn.Close()
}

// telltale is a vendor that leaks.
type telltale struct {
	vendorFake

	name      string
	transport rampforge.Transport
	leaked    atomic.Int64
	syncing   atomic.Bool
}

// leak answers a request.
func (v *telltale) leak(w http.ResponseWriter, r *http.Request, how string) {
	v.leaked.Add(1)
	var told []string
	for _, secret := range slices.Sorted(maps.Values(v.secrets())) {
		told = append(told, secret, strings.ToUpper(secret), url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)))
	}
	leaks[how](w, r, v.token(), strings.Join(append(told, r.Header.Get("Authorization"), r.Header.Get("Private-Token")), " "))
}

// secrets are the credentials without those that are none.
func (v *telltale) secrets() map[string]string {
	all := maps.Clone(v.credentials)
	maps.DeleteFunc(all, func(name, _ string) bool {
		return name == "username" || name == "organization" || name == "webhook_secret" // which no vendor is shown
	})
	return all
}

func (v *telltale) token() string {
	for _, secret := range v.secrets() {
		return secret
	}
	return ""
}

// telltales are vendors that leak whatever they are asked, one for each kind,
// transport and way, and those that leak when they are asked for records.
func telltales(t *testing.T) (all []*telltale) {
	t.Helper()
	signIns := map[string]vendorFake{
		"github":       {kind: rampforge.ServiceGitHub, credentials: map[string]string{"token": ""}},
		"gitlab":       {kind: rampforge.ServiceGitLab, credentials: map[string]string{"token": ""}},
		"azure_devops": {kind: rampforge.ServiceAzureDevOps, credentials: map[string]string{"organization": "made-up", "personal_access_token": ""}},
		"jira":         {kind: rampforge.ServiceJira, credentials: map[string]string{"username": "ada@example.com", "api_token": ""}},
		"jira dc":      {kind: rampforge.ServiceJira, credentials: map[string]string{"token": ""}},
		"confluence":   {kind: rampforge.ServiceConfluence, credentials: map[string]string{"username": "ada@example.com", "api_token": ""}},
	}
	add := func(name string, transport rampforge.Transport, fake vendorFake, answer func(v *telltale) http.Handler) {
		v := &telltale{vendorFake: fake, name: name + " by " + string(transport), transport: transport}
		v.credentials = maps.Clone(fake.credentials)
		v.credentials["webhook_secret"] = fmt.Sprintf("Pl4nted-secret-of-hook-%03d", len(all))
		server := httptest.NewServer(answer(v))
		t.Cleanup(server.Close)
		v.endpoint = server.URL + fake.endpoint
		all = append(all, v)
	}
	for name, fake := range signIns {
		for _, transport := range []rampforge.Transport{rampforge.TransportREST, rampforge.TransportMCP} {
			for how := range leaks {
				sign := vendorFake{kind: fake.kind, credentials: maps.Clone(fake.credentials)}
				for part, value := range sign.credentials {
					if value == "" { // what hosts, schemes and headers may hold
						sign.credentials[part] = fmt.Sprintf("Pl4ntedT0ken%dOfThisTest", len(all))
					}
				}
				add(name+", "+how, transport, sign, func(v *telltale) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { v.leak(w, r, how) })
				})
			}
		}
	}
	for name, fake := range vendorFakes(t) {
		for _, how := range []string{"forbidden", "not found", "limited"} {
			target, err := url.Parse(fake.endpoint)
			if err != nil {
				t.Fatal(err)
			}
			fake.endpoint = target.Path
			add(name+", later "+how, rampforge.TransportREST, fake, func(v *telltale) http.Handler {
				through := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: target.Scheme, Host: target.Host})
				through.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
				return v.later(through, how)
			})
			fake.endpoint = target.String()
		}
	}
	return all
}

// later lets through what is asked before the first sync, and leaks in its
// place what comes to be asked then.
func (v *telltale) later(next http.Handler, how string) http.Handler {
	var asked sync.Map
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, before := asked.Load(r.URL.Path)
		if !before && v.syncing.Load() {
			v.leak(w, r, how)
			return
		}
		asked.Store(r.URL.Path, true)
		next.ServeHTTP(w, r)
	})
}

// TestLongLeaks plants credentials and has every vendor say them back while a
// service of it is connected, looked at, synced and told something. Nothing that
// the program keeps, logs or answers holds them, in whatever form.
func TestLongLeaks(t *testing.T) {
	t.Parallel()
	program := build(t)
	storetest.EachURL(t, func(t *testing.T, address string) {
		s := newVictim(t, program, address)
		s.env = append(s.env, "OUTBOUND_ALLOW=127.0.0.1", "OUTBOUND_ALLOW_HTTP=true", "RATE_LIMIT_BULK=off", "RATE_LIMIT_WEBHOOK=off", "JOB_WORKERS=16", "SYNC_INTERVAL=0", "LOG_LEVEL=DEBUG")
		s.start()
		if limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", s.cmd.Process.Pid)); runtime.GOOS == "linux" && !regexp.MustCompile(`Max core file size\s+0\s+0 `).Match(limits) {
			t.Errorf("the server may leave a core: %v\n%s", err, limits)
		}
		vendors := telltales(t)
		var said answers
		var all sync.WaitGroup
		turns := make(chan struct{}, 8)
		for _, v := range vendors {
			all.Go(func() {
				turns <- struct{}{}
				id := s.show(t, v, &said)
				<-turns
				s.settled(t, v, id, &said)
			})
		}
		all.Wait()
		for _, path := range []string{"/api/v1/mcp/services?limit=1000", "/api/v1/mcp/health", "/api/health"} {
			said.add(s.raw(t, "GET", path, "", nil))
		}
		s.kill()
		found := map[string]string{"the answers": said.String(), "the log": s.logs.String()}
		for table, lines := range storetest.Tables(t, storetest.Open(t, address)) {
			found["table "+table] = strings.Join(lines, "\n")
		}
		files(t, filepath.Dir(strings.TrimPrefix(address, "sqlite:///")), found)
		for where, text := range found {
			found[where] = strings.ToLower(text)
		}
		// What looks has to find.
		for where, mark := range map[string]string{
			"the answers": "svc_", "the log": "svc_", "table services": "127.0.0.1", "table sync_tasks": "malformed", "table events": `"sync"`, "table river_job": "task_",
		} {
			if !strings.Contains(found[where], mark) {
				t.Errorf("%s: there is no %q in %d bytes", where, mark, len(found[where]))
			}
		}
		for _, v := range vendors {
			if v.leaked.Load() == 0 {
				t.Errorf("%s leaked nothing", v.name)
			}
			for name, secret := range v.credentials {
				if name == "username" || name == "organization" {
					continue
				}
				for _, form := range ways(v.credentials["username"], secret) {
					for where, text := range found {
						if at := strings.Index(text, form); at >= 0 {
							t.Errorf("%s: %s is in %s as %s: %.300q", v.name, name, where, form, text[max(0, at-150):])
						}
					}
				}
			}
		}
		t.Logf("%d vendors, %d answers, %d places", len(vendors), said.count(), len(found))
	})
}

// ways are the forms of a secret, in small letters.
func ways(user, secret string) (all []string) {
	for _, text := range []string{secret, user + ":" + secret, ":" + secret} {
		for _, form := range []string{text, url.QueryEscape(text), url.PathEscape(text), base64.RawStdEncoding.EncodeToString([]byte(text)), base64.RawURLEncoding.EncodeToString([]byte(text))} {
			if form = strings.ToLower(form); !slices.Contains(all, form) {
				all = append(all, form)
			}
		}
	}
	return all
}

// show takes a service through all that asks its vendor, and begins a sync.
func (s *victim) show(t *testing.T, v *telltale, said *answers) string {
	body := fmt.Sprintf(`{"service_type":%q,"name":%q,"endpoint":%q,"transport":%q,"credentials":%s,"timeout":2,"retry_attempts":1,"scope":%s}`,
		v.kind, v.name, v.endpoint, v.transport, object(v.credentials), list(scopes[v.kind]))
	made := said.add(s.raw(t, "POST", "/api/v1/mcp/services", body, nil))
	found := regexp.MustCompile(`"id":"(svc_[^"]+)"`).FindStringSubmatch(made)
	if found == nil {
		t.Errorf("%s: %s", v.name, made)
		return ""
	}
	id := found[1]
	path := "/api/v1/mcp/services/" + id
	for _, ask := range []string{"POST /connect", "GET /health", "GET /resources", "GET /tools", "GET "} {
		method, of, _ := strings.Cut(ask, " ")
		said.add(s.raw(t, method, path+of, "", nil))
	}
	v.syncing.Store(true)
	run := said.add(s.raw(t, "POST", "/api/v1/mcp/sync", fmt.Sprintf(`{"service_ids":[%q]}`, id), nil))
	hook, secret := `{"zen":"`+v.credentials["webhook_secret"]+`"}`, v.credentials["webhook_secret"]
	for _, given := range []string{secret, secret + "?"} {
		said.add(s.raw(t, "POST", "/api/v1/webhooks/"+id, hook, http.Header{
			"Authorization": {"Bearer " + given}, "X-Gitlab-Token": {given}, "X-Gitlab-Event": {"Push Hook"}, "X-Github-Event": {"ping"},
			"X-Hub-Signature-256": {connectortest.Signature([]byte(hook), given)}, "X-Github-Delivery": {id},
		}))
	}
	begun := regexp.MustCompile(`"sync_id":"([^"]+)"`).FindStringSubmatch(run)
	if begun == nil {
		t.Errorf("%s: %s", v.name, run)
		return ""
	}
	return begun[1]
}

// settled waits until a sync ended or waits for its vendor, and keeps what is
// known of it.
func (s *victim) settled(t *testing.T, v *telltale, id string, said *answers) {
	if id == "" {
		return
	}
	for deadline := time.Now().Add(4 * time.Minute); ; time.Sleep(300 * time.Millisecond) {
		run := s.raw(t, "GET", "/api/v1/mcp/sync/"+id, "", nil)
		ended, late := !strings.Contains(run, `"status":"running"`) || strings.Contains(run, `"paused_until":"`), time.Now().After(deadline)
		if late {
			t.Errorf("%s: the sync does not end: %s", v.name, run)
		}
		if ended || late {
			if said.add(run); !strings.Contains(run, `"message":"`) {
				t.Errorf("%s: the sync found no fault: %s", v.name, run)
			}
			return
		}
	}
}

func (s *victim) raw(t *testing.T, method, path, body string, header http.Header) string {
	r, err := http.NewRequestWithContext(t.Context(), method, s.address+path, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return ""
	}
	r.Header = header.Clone()
	if r.Header == nil {
		r.Header = http.Header{"Authorization": {"Bearer " + s.token}}
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return fmt.Sprintf("%s %s\n%d %v\n%s\n", method, path, res.StatusCode, res.Header, content)
}

// answers are all that the API said.
type answers struct {
	mu  sync.Mutex
	all []string
}

func (a *answers) add(text string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, text)
	return text
}

func (a *answers) count() int { return len(a.all) }

func (a *answers) String() string { return strings.Join(a.all, "") }

func object(of map[string]string) string {
	text, _ := json.Marshal(of) // of strings alone
	return string(text)
}

func list(of []string) string {
	text, _ := json.Marshal(append([]string{}, of...))
	return string(text)
}

// files reads what lies on the disk, if a database does.
func files(t *testing.T, dir string, into map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // of PostgreSQL
	}
	for _, entry := range entries {
		if content, err := os.ReadFile(filepath.Join(dir, entry.Name())); err == nil {
			into["file "+entry.Name()] = string(content)
		}
	}
}
