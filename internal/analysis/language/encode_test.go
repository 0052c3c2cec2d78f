package language

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func sample() *Facts {
	return &Facts{
		Package: "shop", Doc: "Package shop sells.", Main: true, Broken: true, LLOC: 12, Volume: 88.25, TopLevel: Complexity{1, 0},
		Functions:  []Function{{Name: "Cart.Add", Line: 3, EndLine: 9, Exported: true, Parameters: 2, Takes: "a,b: int", Complexity: Complexity{4, 6}}, {Name: "TestAdd", Line: 11, EndLine: 12, Test: true}},
		Imports:    []Import{{Path: "fmt", Line: 1}, {Path: "./a", Names: []string{"b", "c"}, Locals: []string{"b", "d"}, Line: 2, TypeOnly: true}, {Path: "x", Names: []string{}, Dynamic: true, Reexport: true}},
		Declares:   []Declaration{{Name: "Cart", Kind: KindType, Line: 2, EndLine: 4, Exported: true}, {Name: "ünïcode", Kind: KindVariable, Line: 5, Owner: "Cart", Doc: "Is a name.", Signature: "int", Bases: []string{"a.B", "C"}}},
		References: []Reference{{Name: "Println", Of: "fmt", Count: 300}, {Name: "Cart", Count: 1}},
		Exports:    []Export{{Name: "default", Local: "Cart"}},
		Calls:      []Call{{Name: "Get", Receiver: "r", Function: -1, Line: 3, Count: 2}, {Name: "Cart", New: true, Function: 1, Line: 4, Count: 1}},
		Invocations: []Invocation{
			{Name: "Group", Receiver: "r", On: -1, Within: -1, Argument: -1, Function: -1, Line: 3, EndLine: 6, Result: "v1", Exported: true, Args: []Argument{{Kind: ArgString, Text: "/v1", Call: -1}}},
			{Name: "Get", On: 0, Within: 0, Argument: 1, Line: 4, EndLine: 4, New: true, Args: []Argument{{Name: "methods", Kind: ArgList, Call: -1, List: []Argument{{Kind: ArgMap, Call: -1, List: []Argument{{Name: "a", Kind: ArgCall, Call: 0}}}}}}},
		},
		Annotations: []Annotation{{Name: "app.get", Line: 7, Declaration: 0, Function: -1, Parameter: "id", Args: []Argument{{Kind: ArgLiteral, Text: "true", Call: -1}}}},
		Remarks:     []Remark{{Kind: RemarkWhy, Line: 8, Text: "because it must"}},
	}
}

func TestFactsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]*Facts{"full": sample(), "empty": {}} {
		got, err := Decode(Encode([]byte{}, f))
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(f, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestDamagedFactsAreAnError(t *testing.T) {
	t.Parallel()
	whole := Encode(nil, sample())
	for n := range whole {
		if _, err := Decode(whole[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are taken for facts", n, len(whole))
		}
	}
	if _, err := Decode(append(whole, 0)); err == nil {
		t.Error("a byte too many is taken")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(Encode(nil, sample()))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, encoded []byte) {
		facts, err := Decode(encoded)
		if err != nil {
			return
		}
		again, err := Decode(Encode(nil, facts))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(facts, again, cmpopts.EquateNaNs()); diff != "" {
			t.Error(diff)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	f := sample()
	for range 300 {
		f.References = append(f.References, Reference{Name: "someName", Count: 3})
	}
	encoded := Encode(nil, f)
	b.SetBytes(int64(len(encoded)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(encoded); err != nil {
			b.Fatal(err)
		}
	}
}
