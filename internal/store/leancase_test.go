package store

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
)

// TestLeanCase keeps a case with something in every field and reads it as a work
// item: nothing of it is lost, nor of a field that work items get later.
func TestLeanCase(t *testing.T) {
	t.Parallel()
	var w rampforge.WorkItem
	fill(reflect.ValueOf(&w).Elem())
	w.Comments, w.Events[0].ID = nil, ""
	for _, want := range []rampforge.WorkItem{w, {Key: "1", EventLog: true, Events: []rampforge.WorkItemEvent{{Field: rampforge.FieldStatus}}}} {
		text, err := json.Marshal(leanCaseOf(&want))
		if err != nil {
			t.Fatal(err)
		}
		var back rampforge.WorkItem
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, back); diff != "" {
			t.Error(diff)
		}
	}
}

// fill puts something into every field.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)))
			return
		}
		for _, field := range v.Fields() {
			fill(field)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(7)
	case reflect.Float64:
		v.SetFloat(1.5)
	default:
		panic("a field of a kind that is not known: " + v.Kind().String())
	}
}
