package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// sample is what a process holds at a moment.
type sample struct {
	minutes                 float64
	rss, heap               float64 // bytes
	goroutines, descriptors float64
	stolen, all             float64 // of the machine's time since it started, what went to other machines on its processors, and all
}

// history is what it held over time.
type history struct {
	samples []sample
	last    sample
	stop    chan struct{}
	done    sync.WaitGroup
}

// follow looks at a process, and at the metrics that it serves, once a second.
func follow(pid int, metrics string) *history {
	h := &history{stop: make(chan struct{})}
	began := time.Now()
	h.done.Go(func() {
		for {
			x := look(pid, metrics)
			x.minutes = time.Since(began).Minutes()
			h.samples, h.last = append(h.samples, x), x
			select {
			case <-h.stop:
				return
			case <-time.After(time.Second):
			}
		}
	})
	return h
}

func (h *history) end() *history {
	close(h.stop)
	h.done.Wait()
	return h
}

var (
	resident   = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)
	goroutines = regexp.MustCompile(`(?m)^go_goroutines (\S+)$`)
	heap       = regexp.MustCompile(`(?m)^go_memstats_heap_alloc_bytes (\S+)$`)
)

func look(pid int, metrics string) (x sample) {
	x.stolen, x.all = stolen()
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err == nil {
		x.rss = number(resident, text) * 1024
	}
	if entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid)); err == nil {
		x.descriptors = float64(len(entries))
	}
	if res, err := http.Get("http://" + metrics + "/metrics"); err == nil {
		text, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		x.goroutines, x.heap = number(goroutines, text), number(heap, text)
	}
	return x
}

func number(in *regexp.Regexp, text []byte) float64 {
	m := in.FindSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseFloat(string(m[1]), 64)
	return n
}

// slope is how much something grows in a minute, by least squares over the last
// two thirds of the time: in the first, caches fill.
func (h *history) slope(of func(sample) float64) float64 {
	var n, sx, sy, sxx, sxy float64
	for _, s := range h.samples {
		if s.minutes < h.last.minutes/3 {
			continue
		}
		x, y := s.minutes, of(s)
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	if d := n*sxx - sx*sx; d > 0 {
		return (n*sxy - sx*sy) / d
	}
	return 0
}

// stolen is what /proc/stat says of all processors, in ticks; 0 where it says
// nothing.
func stolen() (stolen, all float64) {
	text, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(text), "\n")
	for n, field := range strings.Fields(line) {
		ticks, _ := strconv.ParseFloat(field, 64)
		switch {
		case n == 8:
			stolen = ticks
			fallthrough
		case 1 <= n && n < 8: // what comes after is in these already
			all += ticks
		}
	}
	return stolen, all
}

// stolenSince is in percent.
func (s sample) stolenSince(before sample) float64 {
	if s.all <= before.all {
		return 0
	}
	return 100 * (s.stolen - before.stolen) / (s.all - before.all)
}

// course is what was held in ten moments, evenly over the time.
func (h *history) course() (all []sample) {
	for n := range 10 {
		if at := len(h.samples) * (n + 1) / 10; at > 0 {
			all = append(all, h.samples[at-1])
		}
	}
	return all
}

// profile writes a profile of the heap to a file. That it could not is told, and
// ends nothing.
func profile(metrics, path string) {
	res, err := http.Get("http://" + metrics + "/debug/pprof/heap")
	var text []byte
	if err == nil {
		defer res.Body.Close()
		text, err = io.ReadAll(res.Body)
	}
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "endurance:", err)
	}
}
