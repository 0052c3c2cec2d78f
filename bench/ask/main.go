// Command ask measures how well what a question is about is found.
//
// Localisation: the messages of commits are the questions, the files that they
// changed the truth, and what is searched is the repository at the commit's
// parent, so that nothing of the answer is known. Beside it, on the same cases:
// BM25 over whole files, and the files with the most of the question's words.
// Questions with known answers, and questions whose answer is not there, come
// from a file. docs/benchmarks.md says how to read what it prints.
//
//	ask -repository PATH [-cases 300] [-at COMMIT] [-questions FILE]
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
)

// options are what the command was asked.
type options struct {
	repository, at, questions string
	cases                     int
	verbose                   bool
}

func main() {
	var o options
	flag.StringVar(&o.repository, "repository", "", "a local repository")
	flag.StringVar(&o.at, "at", "HEAD", "the newest commit that is looked at")
	flag.StringVar(&o.questions, "questions", "", "a file of questions; the commit it names is what is searched")
	flag.IntVar(&o.cases, "cases", 300, "how many commits are asked for; 0 is none")
	flag.BoolVar(&o.verbose, "v", false, "print each case")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "ask:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "ask")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.cases > 0 {
		if err := localise(ctx, o, dir); err != nil {
			return err
		}
	}
	if o.questions != "" {
		return answer(ctx, o, dir)
	}
	return nil
}

// result is a line of the output.
type result struct {
	Repository string  `json:"repository"`
	What       string  `json:"what"`
	Method     string  `json:"method,omitempty"`
	Cases      int     `json:"cases"`
	Hit1       float64 `json:"hit_at_1"`
	Hit3       float64 `json:"hit_at_3,omitempty"`
	Hit5       float64 `json:"hit_at_5"`
	MRR        float64 `json:"mrr"`
}

func say(v any) {
	_ = json.NewEncoder(os.Stdout).Encode(v)
}

// score collects the ranks at which answers are found.
type score struct{ ranks []int } // from 1; 0 is nowhere

// rank returns the place of the first of the wanted in a list, 0 for none.
func rank(list []string, wanted map[string]bool) int {
	for i, path := range list {
		if wanted[path] {
			return i + 1
		}
	}
	return 0
}

func (s *score) result(repository, what, method string) result {
	r := result{Repository: repository, What: what, Method: method, Cases: len(s.ranks)}
	share := func(most int) float64 {
		n := 0
		for _, rank := range s.ranks {
			if rank > 0 && rank <= most {
				n++
			}
		}
		return float64(n) / float64(max(len(s.ranks), 1))
	}
	r.Hit1, r.Hit3, r.Hit5 = share(1), share(3), share(5)
	for _, rank := range s.ranks {
		if rank > 0 {
			r.MRR += 1 / float64(rank) / float64(len(s.ranks))
		}
	}
	return r
}
