package language

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestInvocationsKeepWhatBelongsTogether reads, with the keys 10 and up:
//
//	app = App()                        # 10: bound, a kept one is called on it
//	app.use(cors(options))             # 11 holds 12; called on the name of a kept one
//	log(now())                         # 13 holds 14: an annotation hands 14 over
//	app.route("/x").get(show)          # 15 is the chain's end, 16 "/x"
//	mount(app, lambda: app.on("y"))    # 17 holds 18
//	db = Client()                      # 19: only an annotation is called on it
func TestInvocationsKeepWhatBelongsTogether(t *testing.T) {
	t.Parallel()
	text := func(s string) Argument { return Argument{Kind: ArgString, Text: s, Call: -1} }
	name := func(s string) Argument { return Argument{Kind: ArgName, Text: s, Call: -1} }
	call := func(key int32) Argument { return Argument{Kind: ArgCall, Call: key} }
	var v Invocations
	add := func(key int, start, end uint32, name, receiver string, on, within int32, result string, args ...Argument) {
		argument := int32(0)
		if within < 0 {
			argument = -1
		}
		v.Add(key, start, end, Invocation{Name: name, Receiver: receiver, On: on, Within: within, Argument: argument, Function: -1, Line: 1, EndLine: 1, Result: result, Args: args}, false)
	}
	add(10, 6, 11, "App", "", -1, -1, "app")
	add(11, 12, 34, "use", "app", -1, -1, "", call(12))
	add(12, 20, 33, "cors", "", -1, 11, "", name("options"))
	add(13, 35, 45, "log", "", -1, -1, "", call(14))
	add(14, 39, 44, "now", "", -1, 13, "")
	add(15, 50, 80, "get", "", 16, -1, "", name("show"))
	add(16, 50, 65, "route", "app", -1, -1, "", text("/x"))
	add(17, 81, 110, "mount", "", -1, -1, "", name("app"), Argument{Kind: ArgFunction, Call: -1})
	add(18, 100, 109, "on", "app", -1, 17, "", text("y"))
	add(19, 120, 128, "Client", "", -1, -1, "db")
	add(20, 130, 138, "Lost", "", 99, 98, "", text("z"))
	annotations := []Annotation{{Name: "db.cached", Args: []Argument{call(14)}}}

	got := v.Finish(annotations)
	type row struct {
		Name       string
		On, Within int32
	}
	var rows []row
	for _, i := range got {
		rows = append(rows, row{i.Name, i.On, i.Within})
	}
	want := []row{{"App", -1, -1}, {"use", -1, -1}, {"cors", -1, 1}, {"log", -1, -1}, {"now", -1, 3}, {"route", -1, -1}, {"get", 5, -1},
		{"mount", -1, -1}, {"on", -1, 7}, {"Client", -1, -1}, {"Lost", -1, -1}}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got[1].Args[0].Call != 2 || annotations[0].Args[0].Call != 4 || got[10].Argument != -1 {
		t.Errorf("arguments point elsewhere: %+v, %+v", got[1], annotations)
	}
}

func TestInvocationsThatTellNothingAreLeftOut(t *testing.T) {
	t.Parallel()
	var v Invocations
	v.Add(1, 0, 9, Invocation{Name: "f", On: -1, Within: -1, Args: []Argument{{Kind: ArgName, Text: "x", Call: -1}}}, false)
	v.Add(2, 10, 19, Invocation{Name: "g", Receiver: "x", On: -1, Within: -1, Result: "y"}, false)
	if got := v.Finish(nil); got != nil {
		t.Errorf("kept: %+v", got)
	}
	for i := range 2 * maxSites {
		v.Add(i, uint32(i), uint32(i+1), Invocation{Name: "f", On: -1, Within: -1}, true)
	}
	if got := v.Finish(nil); len(got) != MaxInvocations {
		t.Errorf("%d are kept, at most %d are", len(got), MaxInvocations)
	}
}
