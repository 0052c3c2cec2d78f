//go:build long

package cache_test

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/cache"
)

// server starts a Redis of the test's own, and returns its port and what ends it.
func server(t *testing.T, args ...string) (port int, kill func()) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	port = freePort(t)
	dir := t.TempDir()
	cmd := exec.Command(program, append([]string{"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir}, args...)...)
	run(t, cmd)
	return port, func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
}

func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
}

// freePort is below 50000: a Cluster listens at 10000 more as well.
func freePort(t *testing.T) int {
	t.Helper()
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		_ = l.Close()
		if port < 50000 {
			return port
		}
	}
}

func within(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come to be", what)
		}
	}
}

func cli(port int, args ...string) string {
	out, _ := exec.Command("redis-cli", append([]string{"-h", "127.0.0.1", "-p", strconv.Itoa(port)}, args...)...).CombinedOutput()
	return strings.TrimSpace(string(out))
}

// TestLongSentinel begins before any Sentinel answers, and goes on when the
// master dies and another server takes its place.
func TestLongSentinel(t *testing.T) {
	sentinel := freePort(t)
	c, err := cache.New(cache.Options{URL: fmt.Sprintf("redis://127.0.0.1:%d?master_set=main", sentinel), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if c.Add(t.Context(), "k", time.Hour).Used != 1 || c.Ping(t.Context()) == nil {
		t.Error("without Sentinels there is something that answers")
	}
	master, kill := server(t)
	replica, _ := server(t, "--replicaof", "127.0.0.1", strconv.Itoa(master), "--repl-diskless-sync-delay", "0")
	within(t, "the replica", func() bool { return strings.Contains(cli(replica, "info", "replication"), "master_link_status:up") })
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	text := fmt.Sprintf("port %d\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 %d 1\nsentinel down-after-milliseconds main 500\nsentinel failover-timeout main 2000\n", sentinel, master)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, exec.Command("redis-server", file, "--sentinel"))
	within(t, "Redis by its Sentinel", func() bool { return c.Ping(t.Context()) == nil })
	within(t, "a count in Redis", func() bool {
		c.Add(t.Context(), "k", time.Hour)
		return cli(master, "exists", "rampforge:count:k") == "1"
	})
	within(t, "the Sentinel's knowledge of the replica", func() bool {
		return strings.Contains(cli(sentinel, "sentinel", "replicas", "main"), strconv.Itoa(replica))
	})
	kill()
	within(t, "another master", func() bool { return strings.Contains(cli(replica, "info", "replication"), "role:master") })
	before := cli(replica, "get", "rampforge:count:k")
	within(t, "a count at the new master", func() bool {
		c.Add(t.Context(), "k", time.Hour)
		return !c.Lost() && cli(replica, "get", "rampforge:count:k") != before
	})
}

// TestLongCluster keeps, counts and takes turns where keys lie on several nodes.
func TestLongCluster(t *testing.T) {
	var addresses []string
	var ports []int
	for range 3 {
		port, _ := server(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000")
		ports = append(ports, port)
		addresses = append(addresses, fmt.Sprintf("127.0.0.1:%d", port))
	}
	for _, port := range ports {
		within(t, "a node", func() bool { return cli(port, "ping") == "PONG" })
	}
	out, err := exec.Command("redis-cli", append(append([]string{"--cluster", "create"}, addresses...), "--cluster-yes")...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	within(t, "the Cluster", func() bool { return strings.Contains(cli(ports[2], "cluster", "info"), "cluster_state:ok") })
	url := fmt.Sprintf("redis://%s?addr=%s&addr=%s", addresses[0], addresses[1], addresses[2])
	open := func() *cache.Cache {
		c, err := cache.New(cache.Options{URL: url, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	one, other := open(), open()
	within(t, "the Cluster for the cache", func() bool { return one.Ping(t.Context()) == nil && other.Ping(t.Context()) == nil })
	for i := range 40 {
		k := fmt.Sprint("key", i)
		one.Set(t.Context(), k, []byte(k), time.Minute)
		if got, _ := other.Get(t.Context(), k); string(got) != k {
			t.Errorf("%s is %q", k, got)
		}
		one.Add(t.Context(), k, time.Minute)
		if n := other.Add(t.Context(), k, time.Minute).Used; n != 2 {
			t.Errorf("%s counts %d", k, n)
		}
		done, _ := one.Turn(t.Context(), k)
		done()
		if _, err := one.PauseUntil(t.Context(), k, k+"b", k+"c"); err != nil {
			t.Error(err)
		}
	}
	if one.Lost() || other.Lost() {
		t.Error("the Cluster was lost on the way")
	}
	used := 0
	for _, port := range ports {
		if n, _ := strconv.Atoi(cli(port, "dbsize")); n > 0 {
			used++
		}
	}
	if used != 3 {
		t.Errorf("keys lie on %d of 3 nodes", used)
	}
}
