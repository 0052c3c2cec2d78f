package search

import (
	"cmp"
	"math"
	"slices"

	"github.com/rampforgeai/rampforge"
)

// FileHit is a file that a question is about.
type FileHit struct {
	Path  string
	Score float64 // comparable within one answer only
	Best  *Hit    // its best passage; nil where only commits lead to it
}

// What the parts of a file's score weigh. A file is as good as its best passage,
// and a little better for each further one. A commit that speaks of the same
// thing votes for the files that it changed, the more the fewer those are.
const (
	furtherPassage = 0.3  // each further passage beside the one before it
	ofCommit       = 0.45 // a commit's vote for the only file that it changed, beside a passage of the same score
	furtherCommit  = 0.7
	maxFurther     = 6
)

// Files returns the files that a question is about, best first: by what stands in
// them, and by what earlier changes of the same kind changed.
func (f *Found) Files() []FileHit {
	type votes struct {
		passages, commits []float64
		best              *Hit
	}
	files := map[string]*votes{}
	of := func(path string) *votes {
		if files[path] == nil {
			files[path] = &votes{}
		}
		return files[path]
	}
	for i := range f.Hits {
		hit := &f.Hits[i]
		switch {
		case hit.Path != "":
			v := of(hit.Path)
			v.passages = append(v.passages, hit.Score)
			if v.best == nil {
				v.best = hit
			}
		case hit.Kind == rampforge.PassageCommit || hit.Kind == rampforge.PassagePullRequest:
			for _, path := range hit.Paths {
				v := of(path)
				v.commits = append(v.commits, hit.Score/kindWeight[hit.Kind]/math.Sqrt(float64(len(hit.Paths))))
			}
		}
	}
	out := make([]FileHit, 0, len(files))
	for path, v := range files {
		score := sum(v.passages, furtherPassage) + ofCommit*sum(v.commits, furtherCommit)
		out = append(out, FileHit{Path: path, Score: score, Best: v.best})
	}
	slices.SortFunc(out, func(a, b FileHit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Path, b.Path)) })
	return out
}

// sum adds up scores that come best first, each further one for less.
func sum(scores []float64, further float64) float64 {
	total, part := 0.0, 1.0
	for _, score := range scores[:min(len(scores), maxFurther)] {
		total += part * score
		part *= further
	}
	return total
}
