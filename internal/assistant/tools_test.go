package assistant_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/llmtest"
)

// TestToolsReturn what they are asked for, and say so where there is nothing.
func TestToolsReturn(t *testing.T) {
	t.Parallel()
	eachHarbour(t, func(t *testing.T, a *asked) {
		for _, c := range []struct {
			name, arguments string
			want            []string
			none            string // what is not there
			failed          bool
		}{
			{"search", `{"query":"smallest free berth"}`, []string{"func Assign"}, "", false},
			{"search", `{"query":"zzz"}`, []string{"Nothing was found."}, "BEGIN", false},
			{"read_file", `{"path":"berth/berth.go","start_line":1,"end_line":2}`, []string{"berth/berth.go", "package berth"}, "func Tide", false},
			{"read_file", `{"path":"../../etc/passwd"}`, []string{"Nothing was found."}, "BEGIN", false},
			{"read_file", `{"path":"berth/berth.go","start_line":9999}`, nil, "", false},
			{"symbol", `{"name":"Assign"}`, []string{"func Assign", "main.go"}, "", false},
			{"symbol", `{"name":"Nobody"}`, []string{"Nothing was found."}, "BEGIN", false},
			{"history", `{"path":"berth/berth.go"}`, []string{"Look at the tide before a ship is moored"}, "", false},
			{"history", `{"path":"none.go"}`, []string{"Nothing was found."}, "BEGIN", false},
			{"work_item", `{"key":"PAY-12"}`, []string{"Nothing was found."}, "BEGIN", false},
			{"page", `{"query":"pilots"}`, []string{"Nothing was found."}, "BEGIN", false},
			{"search", `["not an object"]`, []string{"not an object of the schema"}, "", true},
			{"shell", `{"command":"ls"}`, []string{"There is no such tool."}, "", true},
		} {
			n := 0
			m := llmtest.Answer(func(*llm.Request) llmtest.Turn {
				if n++; n > 1 {
					return llmtest.Text("The pilot is called by radio [1].")
				}
				return llmtest.Calls(llm.Call{ID: "1", Name: c.name, Arguments: json.RawMessage(c.arguments)})
			})
			a.Assistant.Model = m
			if answer := a.ask("How is the pilot called by radio?"); answer.Model != m.Name() {
				t.Fatalf("the model does not answer: %+v", answer)
			}
			messages := m.Asked()[1].Messages
			said := messages[len(messages)-1].Results[0]
			for _, want := range c.want {
				if !strings.Contains(said.Content, want) {
					t.Errorf("%s %s lacks %q:\n%s", c.name, c.arguments, want, said.Content)
				}
			}
			if said.Failed != c.failed || c.none != "" && strings.Contains(said.Content, c.none) {
				t.Errorf("%s %s: failed %t\n%s", c.name, c.arguments, said.Failed, said.Content)
			}
		}
	})
}
