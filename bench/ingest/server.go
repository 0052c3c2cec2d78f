package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// server is the real program under measurement.
type server struct {
	cmd     *exec.Cmd
	address string
	token   string
	logs    bytes.Buffer
}

// syncs measures a full sync of each source, and one after some changes.
//
//nolint:gocognit,funlen // one measurement after the other
func syncs(o options, kind, url string, loops map[string]result) error {
	dir, err := os.MkdirTemp("", "ingest-server")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := startServer(o.program, dir, url)
	if err != nil {
		return err
	}
	defer s.stop()
	err = func() error {
		jira, err := s.addService(sourceJira, o.vendor+"/jira")
		if err != nil {
			return err
		}
		hub, err := s.addService(sourceGitHub, o.vendor+"/api/v3")
		if err != nil {
			return err
		}
		time.Sleep(2 * time.Second)
		full := map[string]result{}
		for _, source := range []struct{ name, id string }{{sourceJira, jira}, {sourceGitHub, hub}} {
			r, err := s.sync(o, source.id)
			if err != nil {
				return err
			}
			r.Database, r.What, r.Source = kind, "full", source.name
			want := map[string]int{sourceJira: o.items, sourceGitHub: o.pulls}[source.name]
			if r.Records != want {
				return fmt.Errorf("%s: %d records were synced, not %d", source.name, r.Records, want)
			}
			r.OfLoop = float64(r.Records) / r.Seconds / loops[source.name].PerSecond
			full[source.name] = report(r)
		}
		if err := o.change(); err != nil {
			return err
		}
		both := result{Database: kind, What: "incremental", Source: "both"}
		for _, source := range []struct{ name, id string }{{sourceJira, jira}, {sourceGitHub, hub}} {
			r, err := s.sync(o, source.id)
			if err != nil {
				return err
			}
			r.Database, r.What, r.Source = kind, "incremental", source.name
			r.OfFull = &shares{float64(r.Requests) / float64(full[source.name].Requests), r.Seconds / full[source.name].Seconds}
			report(r)
			both.Records, both.Requests, both.Seconds = both.Records+r.Records, both.Requests+r.Requests, both.Seconds+r.Seconds
			if least := min(o.changes, o.items); source.name == sourceJira && r.Records < least {
				return fmt.Errorf("%d records were synced after %d changes", r.Records, least)
			}
		}
		both.OfFull = &shares{
			float64(both.Requests) / float64(full[sourceJira].Requests+full[sourceGitHub].Requests),
			both.Seconds / (full[sourceJira].Seconds + full[sourceGitHub].Seconds),
		}
		report(both)
		return nil
	}()
	if err != nil {
		s.stop()
		return fmt.Errorf("%w\n%s", err, s.logs.String())
	}
	return nil
}

func startServer(program, dir, url string) (*server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close()
	s := &server{cmd: exec.Command(program, "serve"), address: "http://127.0.0.1:" + port}
	s.cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "DATA_DIR=" + filepath.Join(dir, "data"), "DATABASE_URL=" + url, "API_PORT=" + port,
		"LOG_FORMAT=json", "LOG_LEVEL=WARN", "RATE_LIMIT_API=off", "RATE_LIMIT_AUTH=off", "RATE_LIMIT_BULK=off", "BCRYPT_COST=4", "DEBUG=true",
		"OUTBOUND_ALLOW=127.0.0.1", "OUTBOUND_ALLOW_HTTP=true", "ACCESS_TOKEN_EXPIRE_MINUTES=600",
	}
	s.cmd.Stderr = &s.logs
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		res, err := http.Get(s.address + "/api/health/ready")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Now().After(deadline) {
			s.stop()
			return nil, fmt.Errorf("the program does not start: %s", s.logs.String())
		}
	}
	_, err = s.do("POST", "/api/v1/auth/register", map[string]any{"email": "bench@example.com", "password": "correct horse battery", "name": "Bench"})
	if err == nil {
		var in map[string]any
		if in, err = s.do("POST", "/api/v1/auth/login", map[string]any{"email": "bench@example.com", "password": "correct horse battery"}); err == nil {
			s.token, _ = in["access_token"].(string)
		}
	}
	if err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// stop ends the program; it may be called twice.
func (s *server) stop() {
	if s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
}

func (s *server) do(method, path string, body any) (map[string]any, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(method, s.address+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+s.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	var answer map[string]any
	if err := json.Unmarshal(content, &answer); err != nil || res.StatusCode >= http.StatusMultipleChoices {
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, res.Status, content)
	}
	return answer, nil
}

func (s *server) addService(kind, endpoint string) (string, error) {
	made, err := s.do("POST", "/api/v1/mcp/services", map[string]any{
		"service_type": kind, "name": kind, "endpoint": endpoint, "credentials": map[string]string{"token": token},
	})
	id, _ := made["id"].(string)
	return id, err
}

// sync syncs a service from its request to the moment that its end shows.
func (s *server) sync(o options, service string) (result, error) {
	if _, err := o.requests(); err != nil {
		return result{}, err
	}
	watch := s.watch()
	idle, spent := watch.now(), cpu(watch.pid)
	began := time.Now()
	run, err := s.do("POST", "/api/v1/mcp/sync", map[string]any{"service_ids": []string{service}})
	for err == nil && run["status"] == "running" {
		time.Sleep(50 * time.Millisecond)
		run, err = s.do("GET", fmt.Sprint("/api/v1/mcp/sync/", run["sync_id"]), nil)
	}
	r := result{Seconds: since(began), IdleMiB: idle, PeakMiB: watch.peak(), CPU: cpu(watch.pid) - spent}
	if err != nil {
		return r, err
	}
	if run["status"] != "completed" {
		return r, fmt.Errorf("the sync ended as %v", run)
	}
	tasks, _ := run["sync_results"].([]any)
	if len(tasks) != 1 {
		return r, errors.New("a sync of one service has one result")
	}
	task, _ := tasks[0].(map[string]any)
	records, _ := task["records_synced"].(float64)
	r.Records = int(records)
	r.Requests, err = o.requests()
	return r, err
}

// watch follows the memory of the program that is resident, in MiB.
type watch struct {
	pid  int
	end  chan struct{}
	done sync.WaitGroup
	most float64
}

func (s *server) watch() *watch {
	w := &watch{pid: s.cmd.Process.Pid, end: make(chan struct{})}
	w.done.Go(func() {
		for {
			w.most = max(w.most, w.now())
			select {
			case <-w.end:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	return w
}

func (w *watch) peak() float64 {
	close(w.end)
	w.done.Wait()
	return w.most
}

var resident = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

// now is 0 where the system does not tell.
func (w *watch) now() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.pid))
	if err != nil {
		return 0
	}
	m := resident.FindStringSubmatch(strings.ToValidUTF8(string(text), ""))
	if m == nil {
		return 0
	}
	kib, _ := strconv.ParseFloat(m[1], 64)
	return kib / 1024
}

// ticks are the kernel's clock ticks in a second, the same wherever Linux runs.
const ticks = 100

// cpu is how many seconds of processor a process has taken, 0 where the system
// does not tell.
func cpu(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), ") ") // the name before it may have spaces
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / ticks
}
