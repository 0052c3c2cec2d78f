// Command load asks one URL over a fixed number of connections for a fixed
// time and prints throughput, failures and latencies as one line of JSON. It
// speaks HTTP/1.1 over plain TCP with keep-alive and no client library, so that
// on a small machine most of the time is the server's. Loopback only.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

type options struct {
	url, method, body, token string
	connections              int
	duration                 time.Duration
	perSecond                float64 // for all connections together; 0 is as fast as possible
}

type result struct {
	Name      string         `json:"name"`
	Requests  int            `json:"requests"`
	Failures  int            `json:"failures"`
	PerSecond float64        `json:"per_second"`
	P50       float64        `json:"p50_ms"`
	P99       float64        `json:"p99_ms"`
	Max       float64        `json:"max_ms"`
	Statuses  map[string]int `json:"statuses"`
}

func main() {
	var o options
	name := flag.String("name", "load", "name in the output")
	flag.StringVar(&o.url, "url", "", "http URL on this machine; {n} is replaced by the connection's number")
	flag.StringVar(&o.method, "method", "GET", "request method")
	flag.StringVar(&o.body, "body", "", "JSON body; {n} is replaced by the connection's number")
	flag.StringVar(&o.token, "token", "", "bearer token")
	flag.IntVar(&o.connections, "c", 32, "connections, at most 256")
	flag.DurationVar(&o.duration, "d", 10*time.Second, "duration, at most 5m")
	flag.Float64Var(&o.perSecond, "rate", 0, "requests per second of all connections together; 0 is no limit")
	flag.Parse()
	r, err := run(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
	r.Name = *name
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		os.Exit(1)
	}
}

func run(o options) (*result, error) {
	u, err := url.Parse(o.url)
	if err != nil || u.Scheme != "http" {
		return nil, fmt.Errorf("-url must be an http URL")
	}
	ip, err := net.ResolveIPAddr("ip", u.Hostname())
	if err != nil || !ip.IP.IsLoopback() {
		return nil, fmt.Errorf("-url must name this machine (127.0.0.1, ::1, localhost)")
	}
	o.connections, o.duration = min(max(o.connections, 1), 256), min(o.duration, 5*time.Minute)

	samples := make([][]sample, o.connections)
	var group sync.WaitGroup
	start := time.Now()
	for n := range o.connections {
		group.Go(func() { samples[n] = worker(o, u, n, start.Add(o.duration)) })
	}
	group.Wait()
	return summarise(slices.Concat(samples...), time.Since(start)), nil
}

type sample struct {
	status  int // 0 when the connection failed
	latency time.Duration
}

// worker asks over one connection until the deadline, and opens a new one
// after a failure.
func worker(o options, u *url.URL, n int, deadline time.Time) []sample {
	request := []byte(compose(o, u, n))
	var samples []sample
	var conn net.Conn
	var reader *bufio.Reader
	var gap time.Duration
	if o.perSecond > 0 {
		gap = time.Duration(float64(time.Second) * float64(o.connections) / o.perSecond)
	}
	next := time.Now()
	for time.Now().Before(deadline) {
		if conn == nil {
			c, err := net.DialTimeout("tcp", u.Host, 5*time.Second)
			if err != nil {
				samples = append(samples, sample{})
				time.Sleep(10 * time.Millisecond)
				continue
			}
			conn, reader = c, bufio.NewReaderSize(c, 64<<10)
		}
		begin := time.Now()
		status, keep := ask(conn, reader, request)
		samples = append(samples, sample{status, time.Since(begin)})
		if !keep {
			conn.Close()
			conn = nil
		}
		if gap > 0 {
			next = next.Add(gap)
			time.Sleep(time.Until(next))
		}
	}
	if conn != nil {
		conn.Close()
	}
	return samples
}

func compose(o options, u *url.URL, n int) string {
	number := fmt.Sprint(n)
	body := strings.ReplaceAll(o.body, "{n}", number)
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nAccept: application/json\r\n", o.method, strings.ReplaceAll(u.RequestURI(), "%7Bn%7D", number), u.Host)
	if o.token != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\r\n", o.token)
	}
	if body != "" {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	return b.String() + "\r\n" + body
}

func ask(conn net.Conn, reader *bufio.Reader, request []byte) (status int, keep bool) {
	_ = conn.SetDeadline(time.Now().Add(60 * time.Second))
	if _, err := conn.Write(request); err != nil {
		return 0, false
	}
	resp, err := http.ReadResponse(reader, nil)
	if err != nil {
		return 0, false
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err == nil && !resp.Close
}

func summarise(samples []sample, took time.Duration) *result {
	r := &result{Requests: len(samples), Statuses: map[string]int{}}
	latencies := make([]float64, 0, len(samples))
	for _, s := range samples {
		r.Statuses[fmt.Sprint(s.status)]++
		if s.status < 200 || s.status >= 300 {
			r.Failures++
		}
		latencies = append(latencies, float64(s.latency.Microseconds())/1000)
	}
	slices.Sort(latencies)
	if n := len(latencies); n > 0 {
		r.P50, r.P99, r.Max = latencies[n/2], latencies[min(n-1, n*99/100)], latencies[n-1]
	}
	r.PerSecond = float64(len(samples)-r.Failures) / took.Seconds()
	return r
}
