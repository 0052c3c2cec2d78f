package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge/bench/program"
)

// sample is what a process holds at a moment.
type sample struct {
	minutes                      float64
	rss, goroutines, descriptors float64
}

// history is what it held over time.
type history struct {
	samples []sample
	last    sample
	stop    chan struct{}
	done    sync.WaitGroup
}

// follow looks at a server once a second.
func follow(s *program.Server) *history {
	h := &history{stop: make(chan struct{})}
	began := time.Now()
	h.done.Go(func() {
		for {
			x := look(s)
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
)

func look(s *program.Server) (x sample) {
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.PID())); err == nil {
		x.rss = number(resident, text) * 1024
	}
	if entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.PID())); err == nil {
		x.descriptors = float64(len(entries))
	}
	req, err := http.NewRequest(http.MethodGet, s.Address+"/metrics", nil)
	if err != nil {
		return x
	}
	req.Header.Set("Authorization", "Bearer metrics")
	if res, err := http.DefaultClient.Do(req); err == nil {
		text, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		x.goroutines = number(goroutines, text)
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
