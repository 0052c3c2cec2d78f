package main

import (
	"cmp"
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// corpus is what the baselines search: whole files, by the same terms as ours.
type corpus struct {
	splitter *terms.Splitter
	files    map[string]document
	length   int
	in       map[string]int // files by term
}

type document struct {
	counts map[string]int
	length int
}

func newCorpus() *corpus {
	return &corpus{splitter: terms.NewSplitter(), files: map[string]document{}, in: map[string]int{}}
}

func (c *corpus) put(path, text string) {
	c.drop(path)
	d := document{counts: map[string]int{}}
	c.splitter.Scan(path+"\n"+text, func(t terms.Term) bool {
		d.counts[t.Text]++
		d.length++
		return true
	})
	for term := range d.counts {
		c.in[term]++
	}
	c.files[path] = d
	c.length += d.length
}

func (c *corpus) drop(path string) {
	d, ok := c.files[path]
	if !ok {
		return
	}
	for term := range d.counts {
		c.in[term]--
	}
	c.length -= d.length
	delete(c.files, path)
}

// keep drops the files that an index has no more.
func (c *corpus) keep(ix *codeindex.Index) {
	there := map[string]bool{}
	for i := range ix.Files {
		there[ix.Files[i].Path] = true
	}
	for path := range c.files {
		if !there[path] {
			c.drop(path)
		}
	}
}

// bm25 ranks files by Okapi BM25 with the usual parameters.
func (c *corpus) bm25(question string) []string {
	const k1, b = 1.2, 0.75
	asked := c.splitter.Terms(question)
	average := float64(c.length) / float64(max(len(c.files), 1))
	return c.rank(func(d document) float64 {
		total := 0.0
		for _, t := range asked {
			tf, idf := float64(d.counts[t.Text]), terms.Rarity(int64(c.in[t.Text]), int64(len(c.files)))
			total += idf * tf * (k1 + 1) / (tf + k1*(1-b+b*float64(d.length)/average))
		}
		return total
	})
}

// grep ranks files by how many of the question's words they have; of equal ones
// the shorter first.
func (c *corpus) grep(question string) []string {
	asked := c.splitter.Terms(question)
	return c.rank(func(d document) float64 {
		n := 0
		for _, t := range asked {
			if d.counts[t.Text] > 0 {
				n++
			}
		}
		if n == 0 {
			return 0
		}
		return float64(n) - float64(d.length)/1e9
	})
}

func (c *corpus) rank(score func(document) float64) []string {
	type scored struct {
		path  string
		score float64
	}
	var list []scored
	for path, d := range c.files {
		if s := score(d); s > 0 {
			list = append(list, scored{path, s})
		}
	}
	slices.SortFunc(list, func(a, b scored) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.path, b.path)) })
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = s.path
	}
	return out
}
