package mining

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

func TestMermaidByHand(t *testing.T) {
	t.Parallel()
	l := logOf("Open Done*2", "Open Open Done")
	for i := range l.Traces {
		l.Traces[i].Times[len(l.Traces[i].Times)-1] += facts.Time(time.Duration(i) * 30 * time.Hour / time.Microsecond)
	}
	r := analyse(t, l, nil)
	want := `flowchart LR
  begin(("#9654;"))
  n0["Open #40;4#41;"]
  n1["Done #40;3#41;"]
  finish(("#9632;"))
  begin -->|"3"| n0
  n1 -->|"3"| finish
  n0 -->|"3, 31.0 h"| n1
  n0 -->|"1, 1.0 h"| n0
`
	if got := r.Graph.Mermaid(); got != want {
		t.Errorf("graph\n%s\nwant\n%s", got, want)
	}
	want = `flowchart LR
  begin(("#9654;"))
  n0["Done"]
  n1["Open"]
  finish(("#9632;"))
  begin -->|"3, 0.75"| n1
  n1 -->|"3, 0.75"| n0
  n0 -->|"3, 0.75"| finish
`
	if got := r.Heuristics.Mermaid(); got != want {
		t.Errorf("net\n%s\nwant\n%s", got, want)
	}
}

func TestMermaidIsCut(t *testing.T) {
	t.Parallel()
	words := make([]string, 2*drawnNodes)
	for i := range words {
		words[i] = fmt.Sprintf("a%03d", i)
	}
	text := analyse(t, logOf(strings.Join(words, " ")), nil).Graph.Mermaid()
	if !strings.Contains(text, "%% 60 of 120 activities and 60 of 121 arrows") || strings.Count(text, "[") != drawnNodes {
		t.Errorf("the drawing says\n%s", text)
	}
	checkMermaid(t, text)
}

func TestReadableDurations(t *testing.T) {
	t.Parallel()
	for hours, want := range map[float64]string{0: "0 min", 0.5: "30 min", 1: "1.0 h", 47.9: "47.9 h", 48: "2.0 d", 1000: "41.7 d"} {
		if got := readable(hours); got != want {
			t.Errorf("%v hours are %q, want %q", hours, got, want)
		}
	}
}

var mermaidLine = regexp.MustCompile(`^(flowchart LR|  %% \d+ of \d+ activities and \d+ of \d+ arrows, the most frequent|` +
	`  begin\(\("#9654;"\)\)|  finish\(\("#9632;"\)\)|  n\d+\["([^\x00-\x7f]|[0-9A-Za-z .,/_-]|#\d+;)+"\]|` +
	`  (begin|n\d+) -->\|"([0-9a-z ., -])+"\| (finish|n\d+))$`)

func checkMermaid(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if !mermaidLine.MatchString(strings.TrimSuffix(line, "\n")) {
			t.Fatalf("a line of the drawing is %q", line)
		}
	}
}

// Whatever activities are called, a drawing has the same lines.
func FuzzMermaid(f *testing.F) {
	for _, name := range []string{"In Review", "end", "\"]; click n0 href \"javascript:alert(1)\"", "`**b**`", "<script>", "%% x\n%%{init: {}}%%", "検収 (完了)", "\u2028\u202e", "a\x00\xff", ""} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		l := &Log{Activities: []string{name, name + "!", "x"}}
		for range 3 {
			l.Traces = append(l.Traces, Trace{Case: name, Activities: []int32{0, 1, 2, 1, 2, 0}, Times: make([]facts.Time, 6)})
		}
		r := analyse(t, l, nil)
		for _, text := range []string{r.Graph.Mermaid(), r.Heuristics.Mermaid()} {
			checkMermaid(t, text)
			if nodes := strings.Count(text, "[\""); nodes != len(r.Graph.Activities) {
				t.Fatalf("%d nodes in\n%s", nodes, text)
			}
		}
	})
}
