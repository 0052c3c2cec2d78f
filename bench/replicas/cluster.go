package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rampforgeai/rampforge/bench/program"
	"github.com/rampforgeai/rampforge/bench/services"
)

// cluster is everything that is started.
type cluster struct {
	dir         string
	program     string // what replicas are started with next
	api         []*replica
	workers     []*replica
	postgres    services.Postgres
	redis       services.Redis
	proxy       *proxy
	repository  []string // folders
	windows     services.Windows
	environment []string
}

func newCluster(before string) (*cluster, error) {
	dir, err := os.MkdirTemp("", "replicas")
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, program: before}
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL does not run as root
		return c, err
	}
	if err := c.postgres.Make(filepath.Join(dir, "postgres")); err != nil {
		return c, err
	}
	if err := c.redis.Make(dir); err != nil {
		return c, err
	}
	for n := range 4 {
		path := filepath.Join(dir, "repositories", strconv.Itoa(n))
		if err := program.SampleRepository(path, 30*(n+1)); err != nil {
			return c, err
		}
		c.repository = append(c.repository, path)
	}
	c.environment = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "DATABASE_URL=" + c.postgres.URL(), "REDIS_URL=" + c.redis.URL(),
		"SECRET_KEY=" + strings.Repeat("made-up-", 8), "DEBUG=true", "BCRYPT_COST=4", "LOG_FORMAT=json", "LOG_LEVEL=WARN", "JOB_HEARTBEAT=500ms",
		"RATE_LIMIT_API=off", "RATE_LIMIT_AUTH=off", "RATE_LIMIT_ANALYZE=off", "ACCESS_TOKEN_EXPIRE_MINUTES=600", "ALLOW_LOCAL_REPOSITORIES=true",
		"LOCAL_REPOSITORY_ROOTS=" + dir, "SHUTDOWN_DELAY=1s", "SHUTDOWN_TIMEOUT=15s",
	}
	for n := range replicasOf {
		c.api = append(c.api, &replica{cluster: c, role: "api", dir: filepath.Join(dir, fmt.Sprint("api", n))})
		c.workers = append(c.workers, &replica{cluster: c, role: "worker", dir: filepath.Join(dir, fmt.Sprint("worker", n))})
	}
	c.proxy, err = newProxy(c.api)
	return c, err
}

func (c *cluster) all() []*replica { return slices.Concat(c.api, c.workers) }

// startAll starts every replica at the same time: one of them migrates.
func (c *cluster) startAll(ctx context.Context) error {
	errs := make([]error, 2*replicasOf)
	var group sync.WaitGroup
	for i, r := range c.all() {
		group.Go(func() { errs[i] = r.start(ctx) })
	}
	group.Wait()
	return errors.Join(errs...)
}

// roll ends one replica after the other in good order and starts it with another
// program.
func (c *cluster) roll(ctx context.Context, program string) error {
	c.program = program
	for _, r := range c.all() {
		if err := r.again(ctx, syscall.SIGTERM); err != nil {
			return err
		}
	}
	return nil
}

// after is how long what was done may still show: a connection that broke is
// found broken with its next use, and a proxy looks at health now and then.
const after = 2 * time.Second

// window does something to the replicas and notes when that was.
func (c *cluster) window(ctx context.Context, do func() error) error {
	return c.windows.Do(do, func() error { return pause(ctx, after) })
}

func (c *cluster) close() {
	for _, r := range c.all() {
		r.kill(syscall.SIGKILL)
	}
	if c.proxy != nil {
		c.proxy.close()
	}
	c.redis.Stop()
	c.postgres.Stop("immediate")
	_ = os.RemoveAll(c.dir)
}

// logs are the ends of what replicas wrote, for an error.
func (c *cluster) logs() string {
	var text strings.Builder
	for _, r := range c.all() {
		r.mu.Lock()
		tail := r.out.Bytes()
		fmt.Fprintf(&text, "%s:\n%s\n", filepath.Base(r.dir), tail[max(0, len(tail)-2000):])
		r.mu.Unlock()
	}
	return text.String()
}

// complaints counts what replicas logged as errors, by message.
func (c *cluster) complaints() map[string]int {
	counted := map[string]int{}
	for _, r := range c.all() {
		r.mu.Lock()
		for line := range bytes.Lines(r.out.Bytes()) {
			if bytes.Contains(line, []byte(`"level":"ERROR"`)) {
				_, rest, _ := strings.Cut(string(line), `"msg":"`)
				message, _, _ := strings.Cut(rest, `"`)
				counted[message]++
			}
		}
		r.mu.Unlock()
	}
	return counted
}

// replica is one process of the product.
type replica struct {
	cluster *cluster
	role    string
	dir     string

	mu   sync.Mutex
	port string
	cmd  *exec.Cmd
	out  bytes.Buffer
}

// Write takes what the process writes.
func (r *replica) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.Write(p)
}

func (r *replica) address() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return "127.0.0.1:" + r.port
}

// start starts the process and waits until it is ready.
func (r *replica) start(ctx context.Context) error {
	port, err := services.FreePort()
	if err != nil {
		return err
	}
	args := []string{"serve", "--role", r.role}
	if !hasRoles(r.cluster.program) {
		args = args[:1] // a version of before: each does everything
	}
	cmd := exec.Command(r.cluster.program, args...)
	cmd.Env = append(slices.Clone(r.cluster.environment), "API_PORT="+port, "DATA_DIR="+r.dir)
	cmd.Stderr = r
	r.mu.Lock()
	r.port, r.cmd = port, cmd
	r.mu.Unlock()
	if err := cmd.Start(); err != nil {
		return err
	}
	for deadline := time.Now().Add(time.Minute); ; {
		if healthy(ctx, r.address()) {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not start", filepath.Base(r.dir))
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

var roles sync.Map // by program

func hasRoles(program string) bool {
	known, ok := roles.Load(program)
	if !ok {
		out, _ := exec.Command(program, "serve", "--help").Output()
		known = bytes.Contains(out, []byte("--role"))
		roles.Store(program, known)
	}
	return known.(bool)
}

func (r *replica) kill(how syscall.Signal) {
	if r.cmd != nil && r.cmd.ProcessState == nil && r.cmd.Process != nil {
		_ = r.cmd.Process.Signal(how)
		_ = r.cmd.Wait()
	}
}

// again ends the process and starts it a while later, at another port.
func (r *replica) again(ctx context.Context, how syscall.Signal) error {
	r.kill(how)
	if err := pause(ctx, 500*time.Millisecond); err != nil {
		return err
	}
	return r.start(ctx)
}

func healthy(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/api/health/ready", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}
