package mining

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// readProcess is what a reader finds in a document of BPMN.
type readProcess struct {
	Process struct {
		Nodes []struct {
			XMLName  xml.Name
			ID       string   `xml:"id,attr"`
			Name     string   `xml:"name,attr"`
			Source   string   `xml:"sourceRef,attr"`
			Target   string   `xml:"targetRef,attr"`
			Incoming []string `xml:"incoming"`
			Outgoing []string `xml:"outgoing"`
		} `xml:",any"`
	} `xml:"http://www.omg.org/spec/BPMN/20100524/MODEL process"`
	Plane struct {
		Shapes []struct {
			Element string `xml:"bpmnElement,attr"`
			Bounds  bounds `xml:"http://www.omg.org/spec/DD/20100524/DC Bounds"`
		} `xml:"http://www.omg.org/spec/BPMN/20100524/DI BPMNShape"`
		Edges []struct {
			Element string  `xml:"bpmnElement,attr"`
			Points  []point `xml:"http://www.omg.org/spec/DD/20100524/DI waypoint"`
		} `xml:"http://www.omg.org/spec/BPMN/20100524/DI BPMNEdge"`
	} `xml:"http://www.omg.org/spec/BPMN/20100524/DI BPMNDiagram>BPMNPlane"`
}

// readNode is an element with the flows that it has.
type readNode struct {
	kind, name string
	in, out    []string
}

func read(t *testing.T, text []byte) (nodes map[string]*readNode, doc readProcess) {
	t.Helper()
	if err := xml.Unmarshal(text, &doc); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	nodes = map[string]*readNode{}
	for _, n := range doc.Process.Nodes {
		if n.XMLName.Local != "sequenceFlow" {
			nodes[n.ID] = &readNode{kind: n.XMLName.Local, name: n.Name, in: n.Incoming, out: n.Outgoing}
		}
	}
	flows := 0
	for _, n := range doc.Process.Nodes {
		if n.XMLName.Local != "sequenceFlow" {
			continue
		}
		flows++
		if nodes[n.Source] == nil || nodes[n.Target] == nil || !slices.Contains(nodes[n.Source].out, n.ID) || !slices.Contains(nodes[n.Target].in, n.ID) {
			t.Fatalf("flow %s from %s to %s is not theirs", n.ID, n.Source, n.Target)
		}
	}
	ends := 0
	for _, n := range nodes {
		ends += len(n.in) + len(n.out)
	}
	if ends != 2*flows {
		t.Fatalf("%d flows have %d ends", flows, ends)
	}
	return nodes, doc
}

func TestBPMNOfTheBooksLog(t *testing.T) {
	t.Parallel()
	tree := analyse(t, logOf("a b c d*3", "a c b d*2", "a e d"), nil).Inductive.Tree
	text, err := tree.BPMN("L1")
	if err != nil {
		t.Fatal(err)
	}
	nodes, _ := read(t, text)
	kinds := map[string]int{}
	for _, n := range nodes {
		kinds[n.kind]++
	}
	if fmt.Sprint(kinds) != "map[endEvent:1 exclusiveGateway:2 parallelGateway:2 startEvent:1 task:5]" {
		t.Errorf("elements %v", kinds)
	}
	again, err := tree.BPMN("L1")
	if err != nil || !bytes.Equal(text, again) {
		t.Error("the same tree gives another text")
	}
}

// What a tree can do its BPMN can do, a token runs from the start to the end
// without getting stuck, and no shape is on another one.
func TestBPMNMeansTheTree(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(51, 52))
	for range 80 {
		tree := anyTree(r, 3, new(int))
		text, err := tree.BPMN("any")
		if err != nil {
			t.Fatal(err)
		}
		nodes, doc := read(t, text)
		for range 5 {
			word := play(r, tree)
			if !runs(nodes, word) {
				t.Fatalf("%v does not run through the BPMN of %s:\n%s", word, tree, text)
			}
			r.Shuffle(len(word), func(i, j int) { word[i], word[j] = word[j], word[i] })
			if len(word) < 9 && runs(nodes, word) != accepts(tree, word) {
				t.Fatalf("%v: the BPMN says %v, %s does not", word, runs(nodes, word), tree)
			}
		}
		checkDiagram(t, nodes, doc)
	}
}

func checkDiagram(t *testing.T, nodes map[string]*readNode, doc readProcess) {
	t.Helper()
	if len(doc.Plane.Shapes) != len(nodes) {
		t.Fatalf("%d shapes of %d elements", len(doc.Plane.Shapes), len(nodes))
	}
	place := map[string]bounds{}
	for i, s := range doc.Plane.Shapes {
		place[s.Element] = s.Bounds
		for _, other := range doc.Plane.Shapes[:i] {
			a, b := s.Bounds, other.Bounds
			if a.X < b.X+b.Width && b.X < a.X+a.Width && a.Y < b.Y+b.Height && b.Y < a.Y+a.Height {
				t.Fatalf("%s at %v is on %s at %v", s.Element, a, other.Element, b)
			}
		}
	}
	for _, n := range doc.Process.Nodes {
		if n.XMLName.Local != "sequenceFlow" {
			continue
		}
		i := slices.IndexFunc(doc.Plane.Edges, func(e struct {
			Element string  `xml:"bpmnElement,attr"`
			Points  []point `xml:"http://www.omg.org/spec/DD/20100524/DI waypoint"`
		},
		) bool {
			return e.Element == n.ID
		})
		points := doc.Plane.Edges[i].Points
		if !touches(place[n.Source], points[0]) || !touches(place[n.Target], points[len(points)-1]) {
			t.Fatalf("%s goes %v, from %v to %v", n.ID, points, place[n.Source], place[n.Target])
		}
		for k := 1; k < len(points); k++ {
			if points[k].X != points[k-1].X && points[k].Y != points[k-1].Y {
				t.Fatalf("%s goes aslant: %v", n.ID, points)
			}
		}
	}
}

func touches(b bounds, p point) bool {
	return p.X >= b.X && p.X <= b.X+b.Width && p.Y >= b.Y && p.Y <= b.Y+b.Height
}

// runs plays tokens: a state is the flows that have one.
func runs(nodes map[string]*readNode, word []string) bool {
	states := map[string][]string{}
	for _, n := range nodes {
		if n.kind == startEvent {
			states = silently(nodes, n.out)
		}
	}
	for _, name := range word {
		next := map[string][]string{}
		for _, tokens := range states {
			for _, n := range nodes {
				if n.kind == task && n.name == name && slices.Contains(tokens, n.in[0]) {
					maps.Copy(next, silently(nodes, fire(tokens, n.in, n.out)))
				}
			}
		}
		states = next
	}
	for _, tokens := range states {
		for _, n := range nodes {
			if n.kind == endEvent && slices.Equal(tokens, n.in) {
				return true
			}
		}
	}
	return false
}

// silently returns every state that gateways lead to.
func silently(nodes map[string]*readNode, tokens []string) map[string][]string {
	found := map[string][]string{}
	for queue := [][]string{tokens}; len(queue) > 0; {
		state := queue[0]
		queue = queue[1:]
		key := strings.Join(state, " ")
		if found[key] != nil {
			continue
		}
		found[key] = state
		for _, n := range nodes {
			switch n.kind {
			case parallelGateway:
				if !slices.ContainsFunc(n.in, func(f string) bool { return !slices.Contains(state, f) }) {
					queue = append(queue, fire(state, n.in, n.out))
				}
			case exclusiveGateway:
				for _, in := range n.in {
					if slices.Contains(state, in) {
						for _, out := range n.out {
							queue = append(queue, fire(state, []string{in}, []string{out}))
						}
					}
				}
			}
		}
	}
	return found
}

func fire(tokens, in, out []string) []string {
	state := append([]string{}, out...)
	for _, f := range tokens {
		if !slices.Contains(in, f) {
			state = append(state, f)
		}
	}
	slices.Sort(state)
	return state
}

// Whatever an activity is called, the document is well formed, has the same
// elements, and has the name as far as XML can have it.
func FuzzBPMN(f *testing.F) {
	for _, name := range []string{"In Review", `"><bpmn:task id="x"/>`, "]]>&amp;<!--", "検収 – \"完了\"", "a\x00\x1f\ufffe\xffb", " \n\t"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		tree := &Tree{Kind: SequenceNode, Children: []*Tree{{Kind: ActivityNode, Name: name}, {Kind: LoopNode, Children: []*Tree{{Kind: ActivityNode, Name: "b"}, {Kind: ActivityNode, Name: name + name}}}}}
		text, err := tree.BPMN(name)
		if err != nil {
			t.Fatal(err)
		}
		for decoder := xml.NewDecoder(bytes.NewReader(text)); ; {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if _, ok := token.(xml.Comment); err != nil || ok {
				t.Fatalf("%v %v in\n%s", token, err, text)
			}
		}
		nodes, _ := read(t, text)
		if len(nodes) != 7 {
			t.Fatalf("%d elements in\n%s", len(nodes), text)
		}
		if got, want := nodes["Task_1"].name, strings.Map(allowed, name); got != want {
			t.Fatalf("the task is called %q, want %q", got, want)
		}
	})
}

// allowed replaces what XML 1.0 has no way to write.
func allowed(r rune) rune {
	if r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 {
		return r
	}
	return '\ufffd'
}
