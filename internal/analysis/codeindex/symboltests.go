package codeindex

import (
	"math"
	"path"
	"slices"
	"strings"
)

// callShare is how much of the confidence is left with each call between a test
// and what is asked about, beyond the first.
const callShare = 0.9

// testsOfSymbols lists the test files that reach one of some symbols by calls.
func (ix *Index) testsOfSymbols(symbols []int32) []Test {
	start := slices.Clone(symbols)
	for _, symbol := range symbols {
		start = append(start, ix.methodsOf(symbol)...)
	}
	found := ix.reach(&ix.callers, ix.Calls, start, maxDepth, whole)
	at := map[string]int{}
	list := []Test{}
	add := func(path string, distance int, confidence float64) {
		t := Test{Path: path, Distance: distance, Confidence: confidence * math.Pow(callShare, float64(distance-1)), Reason: reasonCalls}
		i, known := at[path]
		switch {
		case !known:
			at[path] = len(list)
			list = append(list, t)
		case t.Confidence > list[i].Confidence || t.Confidence == list[i].Confidence && t.Distance < list[i].Distance:
			list[i] = t
		}
	}
	for _, s := range found.nodes {
		if f := &ix.Files[ix.Symbols[s.node].File]; ix.ofTest(s.node) && !f.Helper {
			add(f.Path, int(s.distance), s.confidence)
		}
	}
	for _, d := range ix.loadDependents(start, found, maxDepth) {
		if i, ok := ix.file(d.Path); ok && d.Test && !ix.Files[i].Helper {
			add(d.Path, d.Distance, d.Confidence)
		}
	}
	for i := range list {
		list[i].Confidence = rounded(list[i].Confidence)
	}
	return list
}

// methodsOf lists the methods of a type: those of its name in its file, in Go in
// its folder.
func (ix *Index) methodsOf(symbol int32) []int32 {
	s := &ix.Symbols[symbol]
	if s.Kind != "type" && s.Kind != "interface" {
		return nil
	}
	from, upTo := s.File, s.File+1
	dir := path.Dir(ix.Files[s.File].Path)
	if ix.Files[s.File].Language == "Go" {
		for from > 0 && path.Dir(ix.Files[from-1].Path) == dir {
			from--
		}
		for int(upTo) < len(ix.Files) && path.Dir(ix.Files[upTo].Path) == dir {
			upTo++
		}
	}
	var out []int32
	for f := from; f < upTo; f++ {
		first, end := ix.symbols(f)
		for i := first; i < end; i++ {
			if ix.Symbols[i].Kind == "method" && strings.HasPrefix(ix.Symbols[i].Name, s.Name+".") {
				out = append(out, i)
			}
		}
	}
	return out
}

// loadDependents are the files that call one of start, or what was reached from
// there, when they are loaded.
func (ix *Index) loadDependents(start []int32, found reached, depth int) []Dependent {
	at := map[int32]int{}
	var out []Dependent
	visit := func(s step) {
		for _, e := range ix.loaders.of(s.node) {
			edge := &ix.Loads[e]
			confidence := s.confidence * float64(edge.Confidence) / 100
			i, known := at[edge.From]
			switch {
			case int(s.distance) >= depth:
			case !known:
				f := &ix.Files[edge.From]
				at[edge.From] = len(out)
				out = append(out, Dependent{
					Path: f.Path, Component: ix.componentName(f.Component), Test: f.Test, Distance: int(s.distance) + 1, Confidence: confidence, Via: ix.symbolID(s.node),
				})
			case out[i].Distance == int(s.distance)+1 && confidence > out[i].Confidence:
				out[i].Confidence, out[i].Via = confidence, ix.symbolID(s.node)
			}
		}
	}
	for _, i := range start {
		visit(step{node: i, confidence: 1})
	}
	for _, s := range found.nodes {
		visit(s)
	}
	return out
}
