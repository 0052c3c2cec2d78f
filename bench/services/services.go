// Package services starts a PostgreSQL and a Redis of a measurement's own, which
// may therefore be ended in the middle of it. Both listen on loopback alone.
package services

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// FreePort is a port of loopback that nothing listened on a moment ago.
func FreePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// Postgres is a server of the measurement's own, so that it can be ended.
type Postgres struct {
	bin, dir, port string
	as             []string // what runs its programs: they refuse root
}

// Make makes a cluster in dir, starts it, and makes the database rampforge.
func (p *Postgres) Make(dir string) (err error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_ctl")
	if len(found) == 0 {
		program, err := exec.LookPath("pg_ctl")
		if err != nil {
			return fmt.Errorf("PostgreSQL's programs are needed: %w", err)
		}
		found = []string{program}
	}
	p.bin, p.dir = filepath.Dir(found[len(found)-1]), dir
	if p.port, err = FreePort(); err != nil {
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
	if err := p.Start(); err != nil {
		return err
	}
	return p.run("createdb", "-h", "127.0.0.1", "-p", p.port, "-U", "postgres", "rampforge")
}

func (p *Postgres) data() string { return filepath.Join(p.dir, "db") }

// URL is where that database is.
func (p *Postgres) URL() string {
	return "postgres://postgres@127.0.0.1:" + p.port + "/rampforge?sslmode=disable"
}

func (p *Postgres) run(program string, args ...string) error {
	command := append(slices.Clone(p.as), append([]string{filepath.Join(p.bin, program)}, args...)...)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = "/"
	// No pipe: the server keeps what pg_ctl gave it.
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	return nil
}

// Start starts it again after Stop, at the same port.
func (p *Postgres) Start() error {
	return p.run("pg_ctl", "-D", p.data(), "-l", filepath.Join(p.dir, "log"), "-w", "-o",
		"-c listen_addresses=127.0.0.1 -c port="+p.port+" -c max_connections=200 -c unix_socket_directories='"+p.dir+"'", "start")
}

// Stop ends it in a mode of pg_ctl: immediate is a crash. It may be called for one
// that was never made.
func (p *Postgres) Stop(mode string) {
	if p.dir != "" {
		_ = p.run("pg_ctl", "-D", p.data(), "-m", mode, "-w", "stop")
	}
}

// Restart ends it in a mode of pg_ctl, and starts it again a second later.
func (p *Postgres) Restart(mode string) error {
	p.Stop(mode)
	time.Sleep(time.Second)
	return p.Start()
}

// Redis is a server that keeps nothing on the disk.
type Redis struct {
	dir, port string
	cmd       *exec.Cmd
}

// Make starts a server on a port of its own.
func (r *Redis) Make(dir string) (err error) {
	if r.port, err = FreePort(); err != nil {
		return err
	}
	r.dir = dir
	return r.Start()
}

// URL is where it listens.
func (r *Redis) URL() string { return "redis://127.0.0.1:" + r.port }

// Start starts it again after Stop, at the same port.
func (r *Redis) Start() error {
	r.cmd = exec.Command("redis-server", "--port", r.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", r.dir)
	return r.cmd.Start()
}

// Stop kills it; it may be called for one that was never made.
func (r *Redis) Stop() {
	if r.cmd != nil && r.cmd.ProcessState == nil && r.cmd.Process != nil {
		_ = r.cmd.Process.Kill()
		_ = r.cmd.Wait()
	}
}

// Restart kills it, and starts it again two seconds later.
func (r *Redis) Restart() error {
	r.Stop()
	time.Sleep(2 * time.Second)
	return r.Start()
}
