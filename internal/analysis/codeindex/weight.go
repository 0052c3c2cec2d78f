package codeindex

import "math"

// SymbolsOf returns the symbols that a file declares, in the order of their
// lines. The slice is shared.
func (ix *Index) SymbolsOf(file int) []Symbol {
	return ix.Symbols[ix.symbolsOf[file]:ix.symbolsOf[file+1]]
}

// Weights returns how central each file is, from 0 to 1: by the number of files
// that import it or call into it, on a logarithmic scale. Tests count for
// nothing, on either side.
func (ix *Index) Weights() []float64 {
	users := make([]map[int32]bool, len(ix.Files))
	count := func(from, to int32) {
		if from == to || ix.Files[from].Test || ix.Files[to].Test {
			return
		}
		if users[to] == nil {
			users[to] = map[int32]bool{}
		}
		users[to][from] = true
	}
	for _, e := range ix.Imports {
		count(e.From, e.To)
	}
	for _, e := range ix.Calls {
		count(ix.Symbols[e.From].File, ix.Symbols[e.To].File)
	}
	most := 1
	for _, u := range users {
		most = max(most, len(u))
	}
	weights := make([]float64, len(users))
	for i, u := range users {
		weights[i] = math.Log1p(float64(len(u))) / math.Log1p(float64(most))
	}
	return weights
}
