// Command ingest measures a sync of a large tracker and many pull requests by
// the real program, beside a plain loop that asks for the same answers, decodes
// them and inserts them in bulk. The vendor is a process of its own on
// loopback. docs/benchmarks.md says how to read what it prints.
//
//	ingest -rampforge bin/rampforge [-items 50000] [-pulls 10000] [-postgres URL]
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

type options struct {
	program      string
	items, pulls int
	changes      int
	postgres     string
	vendor       string // where it is
}

func main() {
	var o options
	flag.StringVar(&o.program, "rampforge", "bin/rampforge", "the program")
	flag.IntVar(&o.items, "items", 50_000, "work items, each with 20 changes and a comment")
	flag.IntVar(&o.pulls, "pulls", 10_000, "pull requests, each with 2 reviews, 3 commits and 5 comments")
	flag.IntVar(&o.changes, "changes", 100, "work items that change before the second sync")
	flag.StringVar(&o.postgres, "postgres", "", "URL of a PostgreSQL server on which a database may be made and dropped; none: SQLite alone")
	serve := flag.Bool("vendor", false, "be the vendor until standard input ends")
	flag.Parse()
	var err error
	if *serve {
		err = serveVendor(o.items, o.pulls)
	} else {
		err = measure(o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "ingest:", err)
		os.Exit(1)
	}
}

// result is a line of the output.
type result struct {
	Database  string  `json:"database"`
	What      string  `json:"what"` // full, incremental or loop
	Source    string  `json:"source"`
	Records   int     `json:"records"`
	Requests  int     `json:"requests"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"records_per_second"`
	CPU       float64 `json:"cpu_seconds"` // of the program, or of this one in the loop; what PostgreSQL takes is not in it
	IdleMiB   float64 `json:"idle_mib,omitempty"`
	PeakMiB   float64 `json:"peak_mib,omitempty"`
	OfLoop    float64 `json:"of_the_loop,omitempty"` // the rate as a share of the loop's
	OfFull    *shares `json:"of_the_full_sync,omitempty"`
}

type shares struct {
	Requests float64 `json:"requests"`
	Seconds  float64 `json:"seconds"`
}

func measure(o options) error {
	dir, err := os.MkdirTemp("", "ingest")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.program, err = filepath.Abs(o.program); err != nil {
		return err
	}
	if err := measureOn(o, "sqlite", func(name string) (string, func() error, error) {
		return "sqlite:///" + filepath.ToSlash(filepath.Join(dir, name+".db")), func() error { return nil }, nil
	}); err != nil || o.postgres == "" {
		return err
	}
	return measureOn(o, "postgres", func(name string) (string, func() error, error) { return makeDatabase(o.postgres, name) })
}

// measureOn runs everything on one kind of database. Each part has a vendor of
// its own, as changes last.
func measureOn(o options, kind string, database func(name string) (url string, drop func() error, err error)) (err error) {
	address, stop, err := startVendor(o)
	if err != nil {
		return err
	}
	defer stop()
	o.vendor = address
	loops := map[string]result{}
	url, drop, err := database("loop")
	if err != nil {
		return err
	}
	for _, source := range []string{sourceJira, sourceGitHub} {
		r, err := loop(o, url, source)
		if err != nil {
			_ = drop()
			return fmt.Errorf("the plain loop: %w", err)
		}
		r.Database, r.What, r.Source = kind, "loop", source
		loops[source] = report(r)
	}
	if err := drop(); err != nil {
		return err
	}
	url, drop, err = database("sync")
	if err != nil {
		return err
	}
	defer func() {
		if errDrop := drop(); err == nil {
			err = errDrop
		}
	}()
	return syncs(o, kind, url, loops)
}

// The sources: the type and the name of a service.
const (
	sourceJira   = "jira"
	sourceGitHub = "github"
)

// report prints a result as a line of JSON, with its rate.
func report(r result) result {
	if r.Seconds > 0 {
		r.PerSecond = float64(r.Records) / r.Seconds
	}
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		fmt.Fprintln(os.Stderr, "ingest:", err)
	}
	return r
}

// startVendor starts the vendor as a process of its own.
func startVendor(o options) (address string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.Command(self, "-vendor", "-items", fmt.Sprint(o.items), "-pulls", fmt.Sprint(o.pulls))
	cmd.Stderr = os.Stderr
	input, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = input.Close()
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("the vendor does not start: %w", err)
	}
	return line[:len(line)-1], stop, nil
}

// requests returns how many requests the vendor had since the last call.
func (o options) requests() (int, error) {
	res, err := http.Get(o.vendor + "/bench/requests")
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	var n int
	_, err = fmt.Fscan(io.LimitReader(res.Body, 20), &n)
	return n, err
}

// change has the vendor change some work items.
func (o options) change() error {
	res, err := http.Post(fmt.Sprintf("%s/bench/change?n=%d", o.vendor, o.changes), "", nil)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

func since(t time.Time) float64 { return time.Since(t).Seconds() }
