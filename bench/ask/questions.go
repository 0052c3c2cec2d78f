package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/assistant"
	"github.com/rampforgeai/rampforge/internal/assistant/local"
	"github.com/rampforgeai/rampforge/internal/store"
)

// questions are questions about one repository at one commit.
type questions struct {
	Repository string `json:"repository"` // as people know it
	Commit     string `json:"commit"`
	// Where are questions whose answer stands in one of some files.
	Where []struct {
		Question string   `json:"question"`
		Files    []string `json:"files"`
	} `json:"where"`
	// Absent are questions whose answer is not there.
	Absent []string `json:"absent"`
}

func answer(ctx context.Context, o options, dir string) error {
	text, err := os.ReadFile(o.questions)
	if err != nil {
		return err
	}
	var q questions
	if err := json.Unmarshal(text, &q); err != nil {
		return fmt.Errorf("%s: %w", o.questions, err)
	}
	w, err := newWorkbench(ctx, o, filepath.Join(dir, "questions"))
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.moveTo(ctx, q.Commit); err != nil {
		return err
	}
	var ours, bm25 score
	for _, c := range q.Where {
		wanted := map[string]bool{}
		for _, f := range c.Files {
			wanted[f] = true
		}
		if len(w.analysed(wanted)) != len(wanted) {
			return fmt.Errorf("%s: not all of %v are there", o.questions, c.Files)
		}
		list, err := w.find(ctx, c.Question)
		if err != nil {
			return err
		}
		at := rank(list, wanted)
		ours.ranks = append(ours.ranks, at)
		bm25.ranks = append(bm25.ranks, rank(w.files.bm25(c.Question), wanted))
		if at == 0 || at > 3 {
			fmt.Fprintf(os.Stderr, "%s: rank %d, first %v\n", c.Question, at, list[:min(len(list), 3)])
		}
	}
	say(ours.result(q.Repository, "where", "rampforge"))
	say(bm25.result(q.Repository, "where", "BM25 of files"))
	return abstain(ctx, w, q, filepath.Join(dir, "answers"))
}

// abstention is how often nothing is answered: of questions whose answer is not
// there, which is right, and of those whose answer is, which is not.
type abstention struct {
	Repository      string  `json:"repository"`
	What            string  `json:"what"`
	Absent          int     `json:"absent"`
	AbstainedAbsent float64 `json:"abstained_of_absent"`
	Where           int     `json:"where"`
	AbstainedWhere  float64 `json:"abstained_of_where"`
}

// abstain asks all questions without a model.
func abstain(ctx context.Context, w *workbench, q questions, dir string) error {
	db, err := open(ctx, dir)
	if err != nil {
		return err
	}
	defer db.Close()
	loader := &local.Loader{Store: store.New(db), Inspector: w.inspector, Now: time.Now}
	loaded, err := loader.Load(ctx, w.request, codeindex.Version{Report: w.report, Index: w.index})
	if err != nil {
		return err
	}
	loaded.Assistant.Logger = slog.New(slog.DiscardHandler)
	silent := func(text string) (float64, error) {
		a, err := loaded.Assistant.Ask(ctx, assistant.Question{Project: loaded.Project, Viewer: loaded.Viewer, Text: text}, nil)
		if err == nil && a.Abstained {
			return 1, nil
		}
		return 0, err
	}
	r := abstention{Repository: q.Repository, What: "abstention", Absent: len(q.Absent), Where: len(q.Where)}
	for _, text := range q.Absent {
		n, err := silent(text)
		if err != nil {
			return err
		}
		if n == 0 {
			fmt.Fprintf(os.Stderr, "%s: answered\n", text)
		}
		r.AbstainedAbsent += n
	}
	for _, c := range q.Where {
		n, err := silent(c.Question)
		if err != nil {
			return err
		}
		if n == 1 {
			fmt.Fprintf(os.Stderr, "%s: not answered\n", c.Question)
		}
		r.AbstainedWhere += n
	}
	r.AbstainedAbsent /= float64(max(len(q.Absent), 1))
	r.AbstainedWhere /= float64(max(len(q.Where), 1))
	say(r)
	return nil
}
