package mining

import (
	"cmp"
	"slices"
)

// Variants are the ways that cases take: a variant is all cases with the same
// sequence of activities.
type Variants struct {
	Total int       `json:"total"`
	List  []Variant `json:"list"` // most frequent first, and in the order of their activities where that is equal
	// Coverage says how many variants, the most frequent first, have at least
	// such a share of the cases.
	Coverage []Coverage `json:"coverage"`
}

// Variant is one way.
type Variant struct {
	Activities []string `json:"activities"`       // the first of them, where they are many
	Length     int      `json:"length"`           // of the whole sequence, in events
	Count      int      `json:"count"`            // cases
	Share      float64  `json:"share"`            // of all cases, 0 to 1
	Cumulative float64  `json:"cumulative_share"` // of this one and all before it
	Cases      []string `json:"cases"`            // some of them
	Durations           // from the first event of a case to its last; of the cases that are over
}

// Coverage is how many variants it takes to have a share of the cases.
type Coverage struct {
	Share    float64 `json:"share"`
	Variants int     `json:"variants"`
}

// variant is a Variant with numbers for activities.
type variant struct {
	activities []int32
	cases      []int32 // places of the traces
}

// variants finds the log's variants, most frequent first. A sequence is kept
// once, with the places of its cases, whatever their number.
func (e *events) variants() []variant {
	of, list := e.distinct()
	counts := make([]int32, len(list))
	for _, v := range of {
		counts[v]++
	}
	all := make([]int32, 0, len(of))
	for v := range list {
		end := len(all) + int(counts[v])
		list[v].cases = all[len(all):len(all):end]
		all = all[:end]
	}
	for i, v := range of {
		list[v].cases = append(list[v].cases, int32(i))
	}
	slices.SortFunc(list, func(a, b variant) int {
		return cmp.Or(cmp.Compare(len(b.cases), len(a.cases)), slices.Compare(a.activities, b.activities))
	})
	return list
}

// distinct returns the place of each trace's sequence in the list of the
// different ones.
func (e *events) distinct() (of []int32, list []variant) {
	of = make([]int32, len(e.log.Traces))
	var seen sequences
	at := func(v int32) []int32 { return list[v].activities }
	for i := range e.log.Traces {
		v, added := seen.place(e.trace(i), at)
		if added {
			list = append(list, variant{activities: e.trace(i)})
		}
		of[i] = v
	}
	return of, list
}

// examples puts cases into a list of the first by their names.
func (e *events) examples(list []string, cases []int32, limit int) []string {
	for _, i := range cases {
		list = keepFirst(list, e.log.Traces[i].Case, limit)
	}
	return list
}

// keepFirst puts a name into a list of at most limit in order, unless the list
// is full of names before it or has it.
func keepFirst(list []string, name string, limit int) []string {
	if limit <= 0 || len(list) == limit && name >= list[limit-1] {
		return list
	}
	place, ok := slices.BinarySearch(list, name)
	if ok {
		return list
	}
	if len(list) == limit {
		list = list[:limit-1]
	}
	return slices.Insert(list, place, name)
}

// tell says what the variants are.
func (e *events) tell(list []variant, limits Limits) Variants {
	out := Variants{Total: len(list), List: make([]Variant, min(limits.Variants, len(list))), Coverage: coverage(list, len(e.log.Traces))}
	total, sum := float64(len(e.log.Traces)), 0
	for i := range out.List {
		v := &list[i]
		sum += len(v.cases)
		out.List[i] = Variant{
			Activities: e.named(v.activities, limits.Length), Length: len(v.activities),
			Count: len(v.cases), Share: float64(len(v.cases)) / total, Cumulative: float64(sum) / total,
			Cases: e.examples(nil, v.cases, limits.Examples), Durations: durations(e.spans(v.cases)),
		}
	}
	return out
}

func coverage(list []variant, cases int) []Coverage {
	out := []Coverage{{Share: 0.5}, {Share: 0.8}, {Share: 0.95}, {Share: 1}}
	sum, next := 0, 0
	for i := range list {
		sum += len(list[i].cases)
		for next < len(out) && float64(sum) >= out[next].Share*float64(cases) {
			out[next].Variants = i + 1
			next++
		}
	}
	return out
}

// spans returns how long the cases that are over took, in microseconds.
func (e *events) spans(cases []int32) []int64 {
	took := make([]int64, 0, len(cases))
	for _, i := range cases {
		if t := &e.log.Traces[i]; !t.Open && len(t.Times) > 0 {
			took = append(took, t.span())
		}
	}
	return took
}
