package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// cluster is everything that is started.
type cluster struct {
	dir         string
	program     string // what replicas are started with next
	api         []*replica
	workers     []*replica
	postgres    postgres
	redisPort   string
	redis       *exec.Cmd
	proxy       *proxy
	repository  []string // folders
	mu          sync.Mutex
	windows     [][2]time.Time // in which something was done to the replicas; the last may be open
	environment []string
}

func newCluster(program string) (*cluster, error) {
	dir, err := os.MkdirTemp("", "replicas")
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, program: program}
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL does not run as root
		return c, err
	}
	if err := c.postgres.make(filepath.Join(dir, "postgres")); err != nil {
		return c, err
	}
	if c.redisPort, err = freePort(); err != nil {
		return c, err
	}
	if err := c.startRedis(); err != nil {
		return c, err
	}
	for n := range 4 {
		path := filepath.Join(dir, "repositories", strconv.Itoa(n))
		if err := sampleRepository(path, 30*(n+1)); err != nil {
			return c, err
		}
		c.repository = append(c.repository, path)
	}
	c.environment = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "DATABASE_URL=" + c.postgres.url(), "REDIS_URL=redis://127.0.0.1:" + c.redisPort,
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
	c.mu.Lock()
	c.windows = append(c.windows, [2]time.Time{time.Now(), {}})
	last := &c.windows[len(c.windows)-1]
	c.mu.Unlock()
	err := do()
	if err == nil {
		err = pause(ctx, after)
	}
	c.mu.Lock()
	last[1] = time.Now()
	c.mu.Unlock()
	return err
}

// disturbed reports whether something was done to the replicas between two moments.
func (c *cluster) disturbed(from, to time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.windows, func(w [2]time.Time) bool {
		return w[0].Before(to) && (w[1].IsZero() || w[1].After(from))
	})
}

func (c *cluster) close() {
	for _, r := range c.all() {
		r.kill(syscall.SIGKILL)
	}
	if c.proxy != nil {
		c.proxy.close()
	}
	if c.redis != nil {
		_ = c.redis.Process.Kill()
		_ = c.redis.Wait()
	}
	c.postgres.stop("immediate")
	_ = os.RemoveAll(c.dir)
}

func (c *cluster) startRedis() error {
	c.redis = exec.Command("redis-server", "--port", c.redisPort, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", c.dir)
	return c.redis.Start()
}

func (c *cluster) restartRedis(ctx context.Context) error {
	_ = c.redis.Process.Kill()
	_ = c.redis.Wait()
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	return c.startRedis()
}

func (c *cluster) restartPostgres(ctx context.Context, mode string) error {
	c.postgres.stop(mode)
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	return c.postgres.start()
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
	port, err := freePort()
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

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// postgres is a server of the measurement's own, so that it can be ended.
type postgres struct {
	bin, dir, port string
	as             []string // what runs its programs: they refuse root
}

func (p *postgres) make(dir string) (err error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_ctl")
	if len(found) == 0 {
		program, err := exec.LookPath("pg_ctl")
		if err != nil {
			return fmt.Errorf("PostgreSQL's programs are needed: %w", err)
		}
		found = []string{program}
	}
	p.bin, p.dir = filepath.Dir(found[len(found)-1]), dir
	if p.port, err = freePort(); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if os.Getuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			return err
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			return err
		}
		p.as = []string{"runuser", "-u", "postgres", "--"}
	}
	if err := p.run("initdb", "-D", p.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"); err != nil {
		return err
	}
	if err := p.start(); err != nil {
		return err
	}
	return p.run("createdb", "-h", "127.0.0.1", "-p", p.port, "-U", "postgres", "rampforge")
}

func (p *postgres) data() string { return filepath.Join(p.dir, "db") }

func (p *postgres) url() string {
	return "postgres://postgres@127.0.0.1:" + p.port + "/rampforge?sslmode=disable"
}

func (p *postgres) run(program string, args ...string) error {
	command := append(slices.Clone(p.as), append([]string{filepath.Join(p.bin, program)}, args...)...)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = "/"
	// No pipe: the server keeps what pg_ctl gave it.
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	return nil
}

func (p *postgres) start() error {
	return p.run("pg_ctl", "-D", p.data(), "-l", filepath.Join(p.dir, "log"), "-w", "-o",
		"-c listen_addresses=127.0.0.1 -c port="+p.port+" -c max_connections=200 -c unix_socket_directories='"+p.dir+"'", "start")
}

func (p *postgres) stop(mode string) {
	if p.dir != "" {
		_ = p.run("pg_ctl", "-D", p.data(), "-m", mode, "-w", "stop")
	}
}

// sampleRepository makes a repository with a file for each commit.
func sampleRepository(path string, commits int) error {
	var script strings.Builder
	script.WriteString("set -e\ngit init -q -b main .\n")
	for n := range commits {
		fmt.Fprintf(&script, "mkdir -p p%d\nprintf 'package p%d\\n\\nfunc F(n int) int {\\n\\tif n > %d {\\n\\t\\treturn n\\n\\t}\\n\\treturn -n\\n}\\n' > p%d/f%d.go\ngit add -A\ngit commit -q -m 'Commit %d'\n", n%7, n%7, n, n%7, n, n)
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	cmd := exec.Command("sh", "-c", script.String())
	cmd.Dir = path
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com",
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("making a repository: %w\n%s", err, out)
	}
	return nil
}
