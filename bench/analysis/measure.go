package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// cost is what a process took, with all that it started.
type cost struct {
	wall   float64 // seconds
	cpu    float64 // seconds, of user and system
	memory float64 // MiB, the most that one of the processes had resident
	out    []byte  // what it printed
}

// measure runs a command to its end.
func measure(in []byte, environment []string, command ...string) (cost, error) {
	cmd := exec.Command(command[0], command[1:]...)
	var out, fault bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &fault
	cmd.Env = append(os.Environ(), environment...)
	begin := time.Now()
	err := cmd.Run()
	c := cost{wall: time.Since(begin).Seconds(), out: out.Bytes()}
	if err != nil {
		return c, fmt.Errorf("%s: %w: %.500s", command[0], err, fault.String())
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.memory = float64(usage.Maxrss) / 1024 // Linux counts KiB
	}
	c.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	return c, nil
}

// least is the fastest of a few runs: what disturbs only ever adds. What takes
// long runs once.
func (b *bench) least(in []byte, command ...string) (cost, error) {
	best, err := measure(in, nil, command...)
	for n := 1; err == nil && n < b.repeat && best.wall < 10; n++ {
		var c cost
		if c, err = measure(in, nil, command...); err == nil {
			c.memory = max(c.memory, best.memory)
			if c.wall > best.wall {
				c.wall = best.wall
			}
			c.cpu = min(c.cpu, best.cpu)
			best = c
		}
	}
	return best, err
}

func show(what string, c cost) {
	fmt.Printf("  %-44s %8.2f s %8.2f s of processor %6.0f MiB\n", what, c.wall, c.cpu, c.memory)
}

// target prints a number beside its bound.
func target(what, unit string, got, most float64) {
	verdict := "met"
	if got > most {
		verdict = "MISSED"
	}
	fmt.Printf("  → %-42s %8.2f %s, target ≤ %g: %s\n", what, got, unit, most, verdict)
}
