package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// vendor is a fake vendor: a Jira Data Center at /jira and a GitHub at /api/v3.
// Every record is written when it is asked for, from nothing but its number, so
// that the vendor needs no memory to speak of. Items and pull requests were
// changed in the order of their numbers; those that change later move to the
// end.
type vendor struct {
	items, pulls int
	requests     atomic.Int64

	mu      sync.Mutex
	changed []int       // items, in the order of their change
	place   map[int]int // of an item in changed
}

const (
	token         = "bench"
	itemEvents    = 20
	pullComments  = 5
	itemsApart    = 20 * time.Second // 3 to a minute: a page is half an hour
	pullsApart    = 90 * time.Second
	repositoryID  = 501
	repository    = "acme/api"
	jiraTime      = "2006-01-02T15:04:05.000-0700"
	jiraProject   = "10000"
	searchAtOnce  = 100
	firstIssueNo  = 1
	peopleAtWork  = 50
	itemWordCount = 60
)

var epoch = time.Date(2025, 1, 6, 8, 0, 0, 0, time.UTC)

// serveVendor serves until its standard input ends, and says where.
// byKey is the order of a list of ids.
const byKey = "key ASC"

func serveVendor(items, pulls int) error {
	v := &vendor{items: items, pulls: pulls, place: map[int]int{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String())
	server := &http.Server{Handler: v.handler(), ReadHeaderTimeout: time.Minute}
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1)) // ends with who started this
		_ = server.Close()
	}()
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

func (v *vendor) handler() http.Handler {
	mux := http.NewServeMux()
	const jira, hub = "GET /jira/rest/api/2", "GET /api/v3"
	fixed := func(pattern, body string) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) { answer(w, []byte(body)) })
	}
	fixed(jira+"/serverInfo", `{"version":"9.12.4","deploymentType":"Server"}`)
	fixed(jira+"/myself", `{"key":"JIRAUSER1","name":"bench","displayName":"Bench","active":true,"timeZone":"UTC"}`)
	fixed(jira+"/field", `[{"id":"customfield_10016","name":"Story Points","custom":true,"schema":{"type":"number","custom":"com.atlassian.jira.plugin.system.customfieldtypes:float"}}]`)
	fixed(jira+"/status", `[{"id":"1","name":"Open","statusCategory":{"key":"new"}},{"id":"3","name":"In Progress","statusCategory":{"key":"indeterminate"}}]`)
	fixed(jira+"/project", `[{"id":"`+jiraProject+`","key":"BENCH","name":"Bench"}]`)
	fixed("GET /jira/rest/agile/1.0/board", `{"startAt":0,"maxResults":50,"total":0,"isLast":true,"values":[]}`)
	mux.HandleFunc(jira+"/search", v.search)

	repo := `{"id":501,"name":"api","full_name":"acme/api","html_url":"https://github.example.com/acme/api","default_branch":"main","has_issues":true}`
	fixed(hub+"/user", `{"id":1,"login":"bench","type":"User"}`)
	fixed(hub+"/user/repos", "["+repo+"]")
	fixed(hub+"/repositories/501", repo)
	fixed(hub+"/repos/acme/api/actions/runs", `{"total_count":0,"workflow_runs":[]}`)
	fixed(hub+"/repos/acme/api/deployments", `[]`)
	mux.HandleFunc(hub+"/repos/acme/api/issues", v.listPulls)
	mux.HandleFunc(hub+"/repos/acme/api/pulls/{n}", pullPart(writePull))
	mux.HandleFunc(hub+"/repos/acme/api/pulls/{n}/reviews", pullPart(writeReviews))
	mux.HandleFunc(hub+"/repos/acme/api/pulls/{n}/commits", pullPart(writeCommits))
	mux.HandleFunc(hub+"/repos/acme/api/issues/{n}/comments", pullPart(writeComments))
	mux.HandleFunc(hub+"/repos/acme/api/issues/{n}/events", pullPart(func(b *bytes.Buffer, _ int) { b.WriteString("[]") }))
	mux.HandleFunc(hub+"/repos/acme/api/", func(w http.ResponseWriter, _ *http.Request) { // of commits: the repository is empty
		w.WriteHeader(http.StatusConflict)
		_, _ = w.Write([]byte(`{"message":"Git Repository is empty."}`))
	})

	mux.HandleFunc("POST /bench/change", v.change)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bench/requests" {
			fmt.Fprint(w, v.requests.Swap(0))
			return
		}
		if r.Header.Get("Authorization") != "Bearer "+token && !strings.HasPrefix(r.URL.Path, "/bench/") {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		v.requests.Add(1)
		mux.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// change changes some items, spread over all, now.
func (v *vendor) change(_ http.ResponseWriter, r *http.Request) {
	n, _ := strconv.Atoi(r.FormValue("n"))
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range min(n, v.items) {
		item := i * v.items / n
		if _, again := v.place[item]; !again {
			v.place[item] = len(v.changed)
			v.changed = append(v.changed, item)
		}
	}
}

// updated is when the item at a place of the order changed.
func (v *vendor) updated(item int) time.Time {
	if at, changed := v.place[item]; changed {
		return epoch.Add(time.Duration(v.items+at)*itemsApart + time.Hour)
	}
	return epoch.Add(time.Duration(item) * itemsApart)
}

// search answers the questions that the connector asks: a project's items
// since a minute, until another, or behind a key.
func (v *vendor) search(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	where, order, _ := strings.Cut(r.FormValue("jql"), " ORDER BY ")
	since, until, after := time.Time{}, time.Time{}, 0
	for part := range strings.SplitSeq(where, " AND ") {
		name, value, _ := strings.Cut(part, " ")
		operator, value, _ := strings.Cut(value, " ")
		value = strings.Trim(value, `"`)
		at, _ := time.Parse("2006-01-02 15:04", value)
		switch name + operator {
		case "updated>=":
			since = at
		case "updated<":
			until = at
		case "issuekey>":
			after, _ = strconv.Atoi(value[strings.LastIndexByte(value, '-')+1:])
		}
	}
	most, _ := strconv.Atoi(r.FormValue("maxResults"))
	most = min(most, searchAtOnce)
	brief := r.FormValue("expand") == ""
	// Items that did not change follow their numbers: those before since are
	// stepped over, not looked at.
	from := after
	if order != byKey && since.After(epoch) {
		from = max(from, int(since.Sub(epoch)/itemsApart))
	}
	var b bytes.Buffer
	found := 0
	take := func(item int) {
		at := v.updated(item)
		if at.Before(since) || !until.IsZero() && !at.Before(until) || item < after {
			return
		}
		if found++; found > most {
			return
		}
		if found > 1 {
			b.WriteByte(',')
		}
		writeItem(&b, item, at, brief)
	}
	b.WriteString(`{"issues":[`)
	for item := from; item < v.items && found <= most; item++ {
		if _, moved := v.place[item]; !moved || order == byKey {
			take(item)
		}
	}
	total := found
	if found > most {
		total = v.items - from
	}
	if order != byKey {
		for _, item := range v.changed {
			take(item)
		}
		total = max(total, found)
	}
	fmt.Fprintf(&b, `],"startAt":0,"maxResults":%d,"total":%d}`, most, total)
	answer(w, b.Bytes())
}

var states = [...]string{"Open", "In Progress"}

func writeItem(b *bytes.Buffer, n int, updated time.Time, brief bool) {
	fmt.Fprintf(b, `{"id":"%d","key":"BENCH-%d","self":"https://jira.example.com/rest/api/2/issue/%d","fields":{"updated":"%s"`, 20000+n, n+firstIssueNo, 20000+n, updated.Format(jiraTime))
	if brief {
		b.WriteString("}}")
		return
	}
	created := updated.Add(-time.Duration(100+n%400) * time.Hour)
	fmt.Fprintf(b, `,"summary":"What is to be done about %d","description":`, n)
	words(b, n, itemWordCount)
	fmt.Fprintf(b, `,"issuetype":{"id":"10004","name":"Story"},"status":{"id":"3","name":"In Progress","statusCategory":{"key":"indeterminate"}},"priority":{"id":"3","name":"Medium"},"labels":["backend","area-%d"],"reporter":`, n%20)
	person(b, n)
	b.WriteString(`,"assignee":`)
	person(b, n/7)
	fmt.Fprintf(b, `,"created":"%s","resolution":null,"resolutiondate":null,"issuelinks":[],"project":{"id":"%s","key":"BENCH"},"customfield_10016":%d,"comment":{"comments":[{"id":"%d","author":`,
		created.Format(jiraTime), jiraProject, n%13, 700000+n)
	person(b, n/3)
	b.WriteString(`,"body":`)
	words(b, n+1, 25)
	fmt.Fprintf(b, `,"created":"%s","updated":"%s"}],"maxResults":1,"total":1,"startAt":0}},"changelog":{"startAt":0,"maxResults":%d,"total":%d,"histories":[`, created.Format(jiraTime), created.Format(jiraTime), itemEvents, itemEvents)
	for h := range itemEvents {
		if h > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, `{"id":"%d","author":`, n*100+h)
		person(b, n+h)
		fmt.Fprintf(b, `,"created":"%s","items":[{"field":"status","fieldtype":"jira","from":"%d","fromString":"%s","to":"%d","toString":"%s"}]}`,
			created.Add(time.Duration(h+1)*time.Hour).Format(jiraTime), 1+2*(h%2), states[h%2], 1+2*((h+1)%2), states[(h+1)%2])
	}
	b.WriteString("]}}")
}

func person(b *bytes.Buffer, n int) {
	n %= peopleAtWork
	fmt.Fprintf(b, `{"key":"JIRAUSER%d","name":"user%d","displayName":"User %d","active":true}`, 10100+n, n, n)
}

var lexicon = strings.Fields("the service answers late when many ask at once so look at what it waits for and write down which part is slow before changing any of it")

func words(b *bytes.Buffer, seed, n int) {
	b.WriteByte('"')
	for i := range n {
		seed = seed*1103515245 + 12345
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(lexicon[uint32(seed)>>8%uint32(len(lexicon))])
	}
	b.WriteByte('"')
}

func pullUpdated(n int) time.Time { return epoch.Add(time.Duration(n) * pullsApart) }

// listPulls is the list of issues, all of which are pull requests.
func (v *vendor) listPulls(w http.ResponseWriter, r *http.Request) {
	size, _ := strconv.Atoi(r.FormValue("per_page"))
	page, _ := strconv.Atoi(r.FormValue("page"))
	size, page = min(max(size, 1), 100), max(page, 1)
	first := 0
	if since, err := time.Parse(time.RFC3339, r.FormValue("since")); err == nil && since.After(epoch) {
		first = int((since.Sub(epoch) + pullsApart - 1) / pullsApart)
	}
	first += (page - 1) * size
	last := min(first+size, v.pulls)
	var b bytes.Buffer
	b.WriteByte('[')
	for n := first; n < last; n++ {
		if n > first {
			b.WriteByte(',')
		}
		at := pullUpdated(n).Format(time.RFC3339)
		fmt.Fprintf(&b, `{"id":%d,"number":%d,"title":"Change %d","state":"closed","comments":%d,"created_at":"%s","updated_at":"%s","pull_request":{"url":"https://github.example.com/%d"}}`, 600000+n, n+1, n, pullComments, at, at, n)
	}
	b.WriteByte(']')
	if last < v.pulls {
		query := r.URL.Query()
		query.Set("page", strconv.Itoa(page+1))
		w.Header().Set("Link", fmt.Sprintf(`<http://%s%s?%s>; rel="next"`, r.Host, r.URL.Path, query.Encode()))
	}
	answer(w, b.Bytes())
}

func pullPart(write func(*bytes.Buffer, int)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.PathValue("n"))
		var b bytes.Buffer
		write(&b, n-1)
		answer(w, b.Bytes())
	}
}

func hubUser(b *bytes.Buffer, n int) {
	n %= peopleAtWork
	fmt.Fprintf(b, `{"id":%d,"login":"user%d","type":"User"}`, 1000+n, n)
}

func writePull(b *bytes.Buffer, n int) {
	at := pullUpdated(n)
	fmt.Fprintf(b, `{"id":%d,"number":%d,"title":"Change %d","body":`, 900000+n, n+1, n)
	words(b, n, itemWordCount)
	fmt.Fprintf(b, `,"state":"closed","draft":false,"merged":true,"html_url":"https://github.example.com/%s/pull/%d","comments":%d,"review_comments":0,"additions":%d,"deletions":%d,"changed_files":3,"created_at":"%s","updated_at":"%s","closed_at":"%s","merged_at":"%s","merge_commit_sha":"%040x","head":{"ref":"topic-%d","sha":"%040x"},"base":{"ref":"main","sha":"%040x"},"labels":[],"assignees":[],"requested_reviewers":[],"user":`,
		repository, n+1, pullComments, n%300, n%100, at.Add(-48*time.Hour).Format(time.RFC3339), at.Format(time.RFC3339), at.Format(time.RFC3339), at.Format(time.RFC3339), n+1, n, n+2, n+3)
	hubUser(b, n)
	b.WriteString(`,"merged_by":`)
	hubUser(b, n/3)
	b.WriteByte('}')
}

func writeReviews(b *bytes.Buffer, n int) {
	b.WriteByte('[')
	for i := range 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, `{"id":%d,"state":"APPROVED","body":"","commit_id":"%040x","submitted_at":"%s","user":`, n*10+i+1, n+2, pullUpdated(n).Add(-time.Hour).Format(time.RFC3339))
		hubUser(b, n+i)
		b.WriteByte('}')
	}
	b.WriteByte(']')
}

func writeCommits(b *bytes.Buffer, n int) {
	b.WriteByte('[')
	for i := range 3 {
		if i > 0 {
			b.WriteByte(',')
		}
		at := pullUpdated(n).Add(time.Duration(i-10) * time.Hour).Format(time.RFC3339)
		fmt.Fprintf(b, `{"sha":"%040x","commit":{"message":"Step %d","author":{"name":"User","email":"user@example.com","date":"%s"},"committer":{"name":"User","email":"user@example.com","date":"%s"}}}`, n*10+i+1, i, at, at)
	}
	b.WriteByte(']')
}

func writeComments(b *bytes.Buffer, n int) {
	b.WriteByte('[')
	for i := range pullComments {
		if i > 0 {
			b.WriteByte(',')
		}
		at := pullUpdated(n).Add(time.Duration(i-9) * time.Hour).Format(time.RFC3339)
		fmt.Fprintf(b, `{"id":%d,"created_at":"%s","updated_at":"%s","body":`, n*10+i+1, at, at)
		words(b, n+i, 25)
		b.WriteString(`,"user":`)
		hubUser(b, n+i)
		b.WriteByte('}')
	}
	b.WriteByte(']')
}

// ask reads JSON from the vendor.
func ask(client *http.Client, address string, into any) error {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", address, res.Status)
	}
	return json.NewDecoder(res.Body).Decode(into)
}
