// Command analytics measures the import of a large event log by the real
// program, until its workflow report tells what followed what and which ways
// the cases took, beside what only reading the log takes: encoding/xml, which
// does nothing with it, and pm4py where it is installed.
//
//	analytics -rampforge bin/rampforge [-cases 13100] [-postgres URL] [-python python3]
package main

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/rampforgeai/rampforge/bench/program"
)

type options struct {
	program  string
	cases    int
	postgres string
	python   string
}

func main() {
	var o options
	flag.StringVar(&o.program, "rampforge", "bin/rampforge", "the program")
	flag.IntVar(&o.cases, "cases", 13_100, "cases of the log, with 20 events each on average")
	flag.StringVar(&o.postgres, "postgres", "", "URL of an empty PostgreSQL database; none: SQLite alone")
	flag.StringVar(&o.python, "python", "python3", "a Python that may have pm4py; without it, it is left out")
	flag.Parse()
	if err := measure(o); err != nil {
		fmt.Fprintln(os.Stderr, "analytics:", err)
		os.Exit(1)
	}
}

// result is a line of the output.
type result struct {
	What     string  `json:"what"` // read by encoding/xml, read by pm4py, import, report
	Database string  `json:"database,omitempty"`
	Cases    int     `json:"cases"`
	Events   int     `json:"events"`
	MiB      float64 `json:"mib"` // of the log
	Seconds  float64 `json:"seconds"`
	CPU      float64 `json:"cpu_seconds"`
	PeakMiB  float64 `json:"peak_mib,omitempty"` // resident
	Variants int     `json:"variants,omitempty"`
}

func report(r result) {
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		fmt.Fprintln(os.Stderr, "analytics:", err)
	}
}

func measure(o options) error {
	dir, err := os.MkdirTemp("", "analytics")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.program, err = filepath.Abs(o.program); err != nil {
		return err
	}
	log := filepath.Join(dir, "log.xes")
	events, variants, err := writeLog(log, o.cases)
	if err != nil {
		return err
	}
	info, err := os.Stat(log)
	if err != nil {
		return err
	}
	about := result{Cases: o.cases, Events: events, MiB: float64(info.Size()) / (1 << 20)}
	if err := plain(log, about); err != nil {
		return err
	}
	pm4py(o, log, about)
	about.Variants = variants
	if err := imported(o, dir, "sqlite", "sqlite:///"+filepath.ToSlash(filepath.Join(dir, "bench.db")), log, about); err != nil || o.postgres == "" {
		return err
	}
	return imported(o, dir, "postgres", o.postgres, log, about)
}

// plain reads the log with encoding/xml and does nothing with it.
func plain(log string, r result) error {
	f, err := os.Open(log)
	if err != nil {
		return err
	}
	defer f.Close()
	began, spent := time.Now(), program.CPU(os.Getpid())
	d := xml.NewDecoder(bufio.NewReaderSize(f, 1<<20))
	for {
		if _, err := d.RawToken(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
	}
	r.What, r.Seconds, r.CPU = "read by encoding/xml", time.Since(began).Seconds(), program.CPU(os.Getpid())-spent
	report(r)
	return nil
}

// readByPM4Py prints what reading the log takes, and what graph and variants
// take after it.
const readByPM4Py = `
import json, resource, sys, time, warnings
warnings.filterwarnings("ignore")
import pm4py
began, spent = time.time(), time.process_time()
log = pm4py.read_xes(sys.argv[1])
read = {"what": "read by pm4py", "seconds": time.time() - began, "cpu_seconds": time.process_time() - spent}
pm4py.discover_dfg(log)
variants = len(pm4py.get_variants(log))
whole = {"what": "read by pm4py, with graph and variants", "variants": variants, "seconds": time.time() - began, "cpu_seconds": time.process_time() - spent}
whole["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([read, whole]))
`

// pm4py reads the log with pm4py, where that is installed.
func pm4py(o options, log string, about result) {
	out, err := exec.Command(o.python, "-c", readByPM4Py, log).Output()
	var lines []result
	if err == nil {
		err = json.Unmarshal(out, &lines)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "analytics: pm4py was left out, as it is not installed or does not run:", err)
	}
	for _, r := range lines {
		r.Cases, r.Events, r.MiB = about.Cases, about.Events, about.MiB
		report(r)
	}
}

// imported imports the log with the real program, and waits for its report.
func imported(o options, dir, kind, url, log string, about result) error {
	s, err := program.Start(o.program, filepath.Join(dir, kind), url)
	if err != nil {
		return err
	}
	defer s.Stop()
	made, err := s.Do("POST", "/api/v1/projects", map[string]any{"name": "bench"})
	if err != nil {
		return err
	}
	project := fmt.Sprint("/api/v1/projects/", made["id"])
	watch, spent, began := s.Watch(), program.CPU(s.PID()), time.Now()
	if err := send(s, project+"/import?name=log", log, about); err != nil {
		return err
	}
	r := about
	r.What, r.Database, r.Variants, r.Seconds, r.CPU = "import", kind, 0, time.Since(began).Seconds(), program.CPU(s.PID())-spent
	report(r)
	found, err := wait(s, project+"/workflow", about)
	r.What, r.Variants, r.Seconds, r.CPU, r.PeakMiB = "import, graph and variants", found, time.Since(began).Seconds(), program.CPU(s.PID())-spent, watch.Peak()
	if err == nil {
		report(r)
	}
	return err
}

// send uploads the log and compares what the program says of it.
func send(s *program.Server, path, log string, about result) error {
	f, err := os.Open(log)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := http.NewRequest(http.MethodPost, s.Address+path, f)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+s.Token)
	r.Header.Set("Content-Type", "application/xml")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var made result
	if err := json.NewDecoder(res.Body).Decode(&made); err != nil || made.Cases != about.Cases || made.Events != about.Events {
		return fmt.Errorf("the import was answered with %s and %d cases with %d events, not %d with %d (%w)", res.Status, made.Cases, made.Events, about.Cases, about.Events, err)
	}
	return nil
}

// wait asks for the report until it has all cases, and compares the variants.
func wait(s *program.Server, path string, about result) (int, error) {
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		answer, err := s.Do("GET", path, nil)
		if err == nil {
			var v struct {
				Analysis struct {
					Mining struct {
						N           int               `json:"n"`
						Events      int               `json:"events"`
						Transitions []json.RawMessage `json:"transitions"`
						Variants    struct {
							Total int `json:"total"`
						} `json:"variants"`
					} `json:"process_mining"`
				} `json:"workflow_analysis"`
			}
			text, err := json.Marshal(answer)
			if err == nil {
				err = json.Unmarshal(text, &v)
			}
			if err != nil {
				return 0, err
			}
			if m := v.Analysis.Mining; m.N == about.Cases && len(m.Transitions) > 0 {
				if m.Variants.Total != about.Variants || m.Events != about.Events {
					return 0, fmt.Errorf("the report has %d variants and %d events, not %d and %d", m.Variants.Total, m.Events, about.Variants, about.Events)
				}
				return m.Variants.Total, nil
			}
		}
		if time.Now().After(deadline) {
			return 0, fmt.Errorf("the report never showed all %d cases (%w)", about.Cases, err)
		}
	}
}
