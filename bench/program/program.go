// Package program runs the real program for a measurement: on a port of its
// own, with somebody signed in, and watched for its memory and its time.
package program

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge/bench/services"
)

// Server is the program under measurement.
type Server struct {
	Address string
	Token   string // of an administrator

	cmd  *exec.Cmd
	logs bytes.Buffer
}

// Start starts the program with its data in dir, waits until it is ready and signs
// somebody in. url is its database, and environment is added to what every
// measurement has.
func Start(program, dir, url string, environment ...string) (*Server, error) {
	s, err := Launch(program, "all", dir, url, environment...)
	if err != nil {
		return nil, err
	}
	_, err = s.Do("POST", "/api/v1/auth/register", map[string]any{"email": "bench@example.com", "password": "correct horse battery", "name": "Bench"})
	if err == nil {
		var in map[string]any
		if in, err = s.Do("POST", "/api/v1/auth/login", map[string]any{"email": "bench@example.com", "password": "correct horse battery"}); err == nil {
			s.Token, _ = in["access_token"].(string)
		}
	}
	if err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// Launch starts the program in a role and waits until it is ready; nobody is signed
// in.
func Launch(program, role, dir, url string, environment ...string) (*Server, error) {
	port, err := services.FreePort()
	if err != nil {
		return nil, err
	}
	s := &Server{cmd: exec.Command(program, "serve", "--role", role), Address: "http://127.0.0.1:" + port}
	s.cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "DATA_DIR=" + filepath.Join(dir, "data"), "DATABASE_URL=" + url, "API_PORT=" + port,
		"LOG_FORMAT=json", "LOG_LEVEL=WARN", "RATE_LIMIT_API=off", "RATE_LIMIT_AUTH=off", "RATE_LIMIT_BULK=off", "BCRYPT_COST=4", "DEBUG=true",
		"OUTBOUND_ALLOW=127.0.0.1", "OUTBOUND_ALLOW_HTTP=true", "ACCESS_TOKEN_EXPIRE_MINUTES=600",
	}
	s.cmd.Env = append(s.cmd.Env, environment...)
	s.cmd.Stderr = &s.logs
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		res, err := http.Get(s.Address + "/api/health/ready")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return s, nil
			}
		}
		if time.Now().After(deadline) {
			s.Stop()
			return nil, fmt.Errorf("the program does not start: %s", s.logs.String())
		}
	}
}

// Stop ends the program; it may be called twice.
func (s *Server) Stop() {
	if s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
}

// Do sends a request with JSON and reads the answer; one that is no success is an
// error.
func (s *Server) Do(method, path string, body any) (map[string]any, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(method, s.Address+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+s.Token)
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

// Logs returns what the program wrote; it must have ended.
func (s *Server) Logs() string { return s.logs.String() }

// PID is the process's number.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Watch follows the memory of the program that is resident, in MiB.
type Watch struct {
	pid  int
	end  chan struct{}
	done sync.WaitGroup
	most float64
}

// Watch begins to follow the program.
func (s *Server) Watch() *Watch {
	w := &Watch{pid: s.cmd.Process.Pid, end: make(chan struct{})}
	w.done.Go(func() {
		for {
			w.most = max(w.most, w.Now())
			select {
			case <-w.end:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	return w
}

// Peak ends the following and returns the most that there was.
func (w *Watch) Peak() float64 {
	close(w.end)
	w.done.Wait()
	return w.most
}

var resident = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

// Now is 0 where the system does not tell.
func (w *Watch) Now() float64 {
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

// CPU is how many seconds of processor a process has taken, 0 where the system
// does not tell.
func CPU(pid int) float64 {
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
