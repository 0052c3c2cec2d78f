package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/telemetry/telemetrytest"
)

// Where alert rules and the dashboard are, from this package's folder.
const (
	rulesDir      = "../../deploy/prometheus"
	rulesFile     = rulesDir + "/rampforge.rules.yml"
	rulesTests    = rulesDir + "/rampforge.test.yml"
	dashboardFile = "../../deploy/grafana/rampforge.json"
	operations    = "../../docs/operations.md"
)

// watchers are the servers that take what the program of a script tells, by their
// addresses.
var watchers sync.Map

// watch starts servers that take traces and errors.
func watch(tb testing.TB, env *testscript.Env) {
	collector, sentry := telemetrytest.NewCollector(tb), telemetrytest.NewSentry(tb)
	watchers.Store(collector.URL, collector)
	watchers.Store(sentry.DSN, sentry)
	env.Setenv("COLLECTOR", collector.URL)
	env.Setenv("SENTRY", sentry.DSN)
}

func watcher[T any](ts *testscript.TestScript, variable string) T {
	found, _ := watchers.Load(ts.Getenv(variable))
	w, ok := found.(T)
	if !ok {
		ts.Fatalf("nobody watches at $%s", variable)
	}
	return w
}

// spanned NAME [ATTRIBUTE=VALUE…] waits for a span of that name, a regular
// expression, and puts its trace into $TRACE and its id into $SPAN. Further
// attributes: trace, parent, link, failed. With ! no such span was taken so far.
func spanned(ts *testscript.TestScript, neg bool, args []string) {
	collector := watcher[*telemetrytest.Collector](ts, "COLLECTOR")
	name := regexp.MustCompile("^(?:" + args[0] + ")$")
	fits := func(s telemetrytest.Span) bool {
		if !name.MatchString(s.Name) {
			return false
		}
		facts := maps.Clone(s.Attributes)
		facts["trace"], facts["parent"], facts["link"], facts["failed"], facts["service"] = s.Trace, s.Parent, strings.Join(s.Links, ","), fmt.Sprint(s.Failed), s.Resource["service.name"]
		for _, want := range args[1:] {
			attribute, value, _ := strings.Cut(want, "=")
			if facts[attribute] != value {
				return false
			}
		}
		return true
	}
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		spans := collector.Spans()
		if i := slices.IndexFunc(spans, fits); i >= 0 {
			if neg {
				ts.Fatalf("there is %+v", spans[i])
			}
			ts.Setenv("TRACE", spans[i].Trace)
			ts.Setenv("SPAN", spans[i].ID)
			return
		}
		if neg {
			return
		}
		if time.Now().After(deadline) {
			for _, s := range spans {
				ts.Logf("%s %s %v %v", s.Kind, s.Name, s.Attributes, s.Links)
			}
			ts.Fatalf("there is no span %v", args)
		}
	}
}

// untold TEXT fails when a text is in what was sent of traces or errors.
func untold(ts *testscript.TestScript, _ bool, args []string) {
	all, err := json.Marshal(watcher[*telemetrytest.Collector](ts, "COLLECTOR").Spans())
	ts.Check(err)
	for _, e := range watcher[*telemetrytest.Sentry](ts, "SENTRY").Events() {
		all = append(all, e.Raw...)
	}
	for _, text := range args {
		if bytes.Contains(all, []byte(text)) {
			ts.Fatalf("%q was told", text)
		}
	}
}

// complained TYPE [TAG=VALUE…] waits for an error of that type at the Sentry. With !
// none was told so far.
func complained(ts *testscript.TestScript, neg bool, args []string) {
	sentry := watcher[*telemetrytest.Sentry](ts, "SENTRY")
	fits := func(e telemetrytest.Event) bool {
		if len(e.Exception) != 1 || e.Exception[0].Type != args[0] || len(e.Exception[0].Stacktrace.Frames) == 0 {
			return false
		}
		facts := maps.Clone(e.Tags)
		facts["environment"], facts["level"] = e.Environment, e.Level
		for _, want := range args[1:] {
			tag, value, _ := strings.Cut(want, "=")
			if facts[tag] != value {
				return false
			}
		}
		return true
	}
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		events := sentry.Events()
		if slices.ContainsFunc(events, fits) != neg {
			return
		}
		if neg || time.Now().After(deadline) {
			for _, e := range events {
				ts.Logf("%s", e.Raw)
			}
			ts.Fatalf("complaint %v: %d events", args, len(events))
		}
	}
}

// statement TEXT runs SQL in the database behind the program's back.
func statement(ts *testscript.TestScript, _ bool, args []string) {
	db, err := database.Open(context.Background(), database.Options{URL: ts.Getenv("DATABASE_URL")})
	ts.Check(err)
	_, err = db.Write().ExecContext(context.Background(), args[0])
	ts.Check(err)
	ts.Check(db.Close())
}

// scrape [HEADER] reads the metrics into the file metrics.
func scrape(ts *testscript.TestScript, _ bool, args []string) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+ts.Getenv("METRICS_ADDR")+"/metrics", http.NoBody)
	ts.Check(err)
	for _, header := range args {
		k, v, _ := strings.Cut(header, ": ")
		r.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("the metrics answer with %d: %s", resp.StatusCode, content)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store"} {
		if got := resp.Header.Values(name); len(got) != 1 || got[0] != want {
			ts.Fatalf("the metrics' %s is %q, want %s", name, got, want)
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs("metrics"), content, 0o600))
}

// native NAME… reads the last scrape, by protobuf, and finds native histograms
// with observations.
func native(ts *testscript.TestScript, _ bool, args []string) {
	found := map[string]bool{}
	decoder := expfmt.NewDecoder(strings.NewReader(ts.ReadFile("metrics")), expfmt.NewFormat(expfmt.TypeProtoDelim))
	for {
		var family dto.MetricFamily
		err := decoder.Decode(&family)
		if errors.Is(err, io.EOF) {
			break
		}
		ts.Check(err)
		for _, m := range family.GetMetric() {
			if len(m.GetHistogram().GetPositiveSpan()) > 0 && len(m.GetHistogram().GetBucket()) > 0 {
				found[family.GetName()] = true
			}
		}
	}
	for _, name := range args {
		if !found[name] {
			ts.Fatalf("%s is no native histogram besides: %v are", name, slices.Sorted(maps.Keys(found)))
		}
	}
}

// profile STATUS PATH [HEADER…] asks the listener of the metrics.
func profile(ts *testscript.TestScript, _ bool, args []string) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+ts.Getenv("METRICS_ADDR")+args[1], http.NoBody)
	ts.Check(err)
	for _, header := range args[2:] {
		k, v, _ := strings.Cut(header, ": ")
		r.Header.Set(k, v)
		if k == "Host" {
			r.Host = v
		}
	}
	resp, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if fmt.Sprint(resp.StatusCode) != args[0] || resp.StatusCode == http.StatusOK && len(content) == 0 {
		ts.Fatalf("%s: %d, want %s: %.500s", args[1], resp.StatusCode, args[0], content)
	}
}

var (
	metricName  = regexp.MustCompile(`\b(?:rampforge|go|process)_[a-z0-9_]+\b`)
	metricType  = regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)$`)
	rowOfMetric = regexp.MustCompile("(?m)^\\| `(rampforge_[a-z0-9_]+)` \\|")
)

// exported holds the last scrape against the alert rules, the dashboard, the
// table in docs/operations.md and promtool.
func exported(ts *testscript.TestScript, _ bool, _ []string) {
	metrics := ts.ReadFile("metrics")
	known, documented := map[string]bool{}, map[string]bool{}
	for _, m := range metricType.FindAllStringSubmatch(metrics, -1) {
		known[m[1]] = true
		if m[2] == "histogram" {
			known[m[1]+"_bucket"], known[m[1]+"_count"], known[m[1]+"_sum"] = true, true, true
		}
	}
	dir := ts.Getenv("PACKAGE")
	for _, file := range []string{rulesFile, dashboardFile} {
		content, err := os.ReadFile(filepath.Join(dir, file))
		ts.Check(err)
		names := metricName.FindAllString(string(content), -1)
		if len(names) < 20 {
			ts.Fatalf("%s names %d metrics: does the test still find them?", file, len(names))
		}
		for _, name := range names {
			if !known[name] {
				ts.Fatalf("%s names %s, which is not exported", file, name)
			}
		}
	}
	content, err := os.ReadFile(filepath.Join(dir, operations))
	ts.Check(err)
	for _, m := range rowOfMetric.FindAllStringSubmatch(string(content), -1) {
		documented[m[1]] = true
		if !known[m[1]] {
			ts.Fatalf("docs/operations.md tells of %s, which is not exported", m[1])
		}
	}
	for _, m := range metricType.FindAllStringSubmatch(metrics, -1) {
		if strings.HasPrefix(m[1], "rampforge_") && !documented[m[1]] {
			ts.Fatalf("docs/operations.md has no row for %s", m[1])
		}
	}
	if _, err := exec.LookPath("promtool"); err != nil {
		if os.Getenv("CI") != "" {
			ts.Fatalf("promtool is missing: install Debian's package prometheus")
		}
		return
	}
	check := exec.CommandContext(context.Background(), "promtool", "check", "metrics")
	check.Stdin = strings.NewReader(metrics)
	if out, err := check.CombinedOutput(); err != nil {
		ts.Fatalf("promtool check metrics: %v\n%s", err, out)
	}
}

// promtool runs it in the folder of the rules. Without it the test is skipped,
// and fails when CI is set.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	if _, err := exec.LookPath("promtool"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("promtool is missing: install Debian's package prometheus")
		}
		t.Skip("promtool is missing")
	}
	cmd := exec.CommandContext(t.Context(), "promtool", args...)
	cmd.Dir = filepath.Join(packageDir, rulesDir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("promtool %v: %v\n%s", args, err, out)
	}
}

func TestAlertRules(t *testing.T) {
	t.Parallel()
	promtool(t, "check", "rules", filepath.Base(rulesFile))
	promtool(t, "test", "rules", filepath.Base(rulesTests))
}

// TestEveryAlertIsTriedAndExplained: it fires on some series and not on others,
// and docs/operations.md says what to do.
func TestEveryAlertIsTriedAndExplained(t *testing.T) {
	t.Parallel()
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert string }
		}
	}
	var tests struct {
		Tests []struct {
			Alerts []struct {
				Name   string `yaml:"alertname"`
				Alerts []any  `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		}
	}
	read := func(file string, into any) {
		content, err := os.ReadFile(filepath.Join(packageDir, file))
		if err == nil {
			err = yaml.Unmarshal(content, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	read(rulesFile, &rules)
	read(rulesTests, &tests)
	guide, err := os.ReadFile(filepath.Join(packageDir, operations))
	if err != nil {
		t.Fatal(err)
	}
	fires, rests, alerts := map[string]bool{}, map[string]bool{}, 0
	for _, test := range tests.Tests {
		for _, a := range test.Alerts {
			if len(a.Alerts) > 0 {
				fires[a.Name] = true
			} else {
				rests[a.Name] = true
			}
		}
	}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			alerts++
			if !fires[r.Alert] || !rests[r.Alert] {
				t.Errorf("%s: fires in a test: %t, rests in one: %t", r.Alert, fires[r.Alert], rests[r.Alert])
			}
			if !strings.Contains(string(guide), "| `"+r.Alert+"` |") {
				t.Errorf("docs/operations.md does not say what to do about %s", r.Alert)
			}
		}
	}
	if alerts < 10 {
		t.Errorf("%d alerts were found", alerts)
	}
}

// TestDashboard: every panel has a title, a unit where it shows numbers, and
// queries that Prometheus can read.
func TestDashboard(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(packageDir, dashboardFile))
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		UID    string
		Panels []struct {
			ID      int
			Title   string
			Type    string
			GridPos struct{ H, W, X, Y int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(content, &dashboard); err != nil {
		t.Fatal(err)
	}
	var rules bytes.Buffer
	rules.WriteString("groups:\n- name: dashboard\n  rules:\n")
	ids, queries := map[int]bool{}, 0
	for _, p := range dashboard.Panels {
		if p.Title == "" || ids[p.ID] || p.GridPos.X+p.GridPos.W > 24 || p.GridPos.W == 0 || p.GridPos.H == 0 {
			t.Errorf("the panel %+v", p)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			queries++
			expr := strings.NewReplacer("$__rate_interval", "5m", "$instance", ".*").Replace(target.Expr)
			quoted, err := json.Marshal(expr)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&rules, "  - {record: 'dashboard:q%d', expr: %s}\n", queries, quoted)
		}
	}
	if dashboard.UID == "" || queries < 15 {
		t.Errorf("%d queries, uid %q", queries, dashboard.UID)
	}
	file := filepath.Join(t.TempDir(), "dashboard.rules.yml")
	if err := os.WriteFile(file, rules.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", file)
}
