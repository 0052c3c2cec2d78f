// Command diagrams writes diagrams of Mermaid with names that hurt, one a line
// as a JSON text, for check.mjs beside it, which has Mermaid read them:
//
//	npm install mermaid jsdom
//	go run ./test/oracles/diagrams | node test/oracles/diagrams/check.mjs
package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex/diagram"
)

var pieces = []string{
	"end", "subgraph", "click", "style", "classDef", "`", `"`, "'", "#quot;", "#", ";", "%%", "-->", "---", "{", "}", "[", "]", "(", ")", "<b>", "</script>",
	"\\", "\n", "\x00", "\xff", "\u202e", "ünï", "日本", "|", "&amp;", "~~~", ":::", "$$x$$", "fa:fa-car", "graph", " ", "a/b.go", "x" + strings.Repeat("y", 80),
}

func main() {
	rng := rand.New(rand.NewPCG(5, 6)) //nolint:gosec // a fixed seed on purpose
	out := json.NewEncoder(os.Stdout)
	for range 300 {
		g := &codeindex.Graph{}
		for i := range rng.IntN(50) {
			var name strings.Builder
			for range rng.IntN(5) {
				name.WriteString(pieces[rng.IntN(len(pieces))])
			}
			g.Nodes = append(g.Nodes, codeindex.GraphNode{ID: strconv.Itoa(i), Label: name.String()})
			g.Edges = append(g.Edges, codeindex.GraphEdge{From: strconv.Itoa(i), To: strconv.Itoa(rng.IntN(i + 1))})
		}
		if err := out.Encode(diagram.Mermaid(g)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
