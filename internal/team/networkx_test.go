package team

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// TestAgainstNetworkx compares with what bench/network.py wrote down.
func TestAgainstNetworkx(t *testing.T) {
	t.Parallel()
	file := os.Getenv("RAMPFORGE_NETWORKX")
	if file == "" {
		t.Skip("bench/network.sh runs this")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Nodes               int
		Edges               [][3]float64
		Degree, Betweenness []float64
		Louvain, Parity     float64
		Components          int
		Cuts                []int32
	}
	if err := json.Unmarshal(text, &all); err != nil || len(all) == 0 {
		t.Fatalf("%d graphs, %v", len(all), err)
	}
	ours, theirs := 0.0, 0.0
	for i, x := range all {
		var edges []edge
		for _, e := range x.Edges {
			edges = append(edges, edge{int32(e[0]), int32(e[1]), e[2]})
		}
		g := newGraph(x.Nodes, edges)
		for what, pair := range map[string][2][]float64{"degree": {degreeCentrality(g), x.Degree}, "betweenness": {betweenness(g), x.Betweenness}} {
			if !slices.EqualFunc(pair[0], pair[1], isNear) {
				t.Errorf("graph %d: %s %v, networkx %v", i, what, pair[0], pair[1])
			}
		}
		if _, count := components(g); count != x.Components {
			t.Errorf("graph %d: %d components, networkx %d", i, count, x.Components)
		}
		if cuts := bridges(g); !slices.Equal(cuts, x.Cuts) {
			t.Errorf("graph %d: cut by %v, networkx %v", i, cuts, x.Cuts)
		}
		parity := make([]int32, x.Nodes)
		for v := range parity {
			parity[v] = int32(v % 2)
		}
		if q := modularityOf(g, parity); !isNear(q, x.Parity) {
			t.Errorf("graph %d: modularity %v, networkx %v", i, q, x.Parity)
		}
		_, q := communities(g)
		if q < x.Louvain-0.02 {
			t.Errorf("graph %d: best division %v, networkx' %v", i, q, x.Louvain)
		}
		ours, theirs = ours+q, theirs+x.Louvain
	}
	t.Logf("%d graphs; mean modularity of the best division %.4f, networkx' %.4f", len(all), ours/float64(len(all)), theirs/float64(len(all)))
	if ours < theirs*0.995 {
		t.Errorf("the divisions are worse altogether: %v, networkx %v", ours, theirs)
	}
}
