package language

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// Invocations collects the calls of one file and keeps those that the type
// Invocation speaks of. The zero value is ready. It is for one goroutine.
type Invocations struct {
	all *[]site // from sitePool
}

// sitePool holds what is used for one file after the other.
var sitePool = sync.Pool{New: func() any { return new([]site) }}

type site struct {
	Invocation
	key        int32
	start, end uint32
	kept       bool
}

// maxSites bounds what is collected before it is known what is kept.
const maxSites = 8 * MaxInvocations

// Add notes a call that spans the bytes from start up to end. In place of
// indices, On, Within and the calls of arguments hold keys: any number that
// tells the calls of a file apart and is not negative, such as the index of a
// node in its tree. They may name calls that are added later or never.
//
// Keep says that the call is kept for a reason that arguments do not show; those
// that hand over a literal text or a function are kept anyway.
func (v *Invocations) Add(key int, start, end uint32, call Invocation, keep bool) {
	if v.all == nil {
		v.all, _ = sitePool.Get().(*[]site)
	}
	if len(*v.all) >= maxSites || call.Name == "" {
		return
	}
	*v.all = append(*v.all, site{Invocation: call, key: int32(key), start: start, end: end, kept: keep || tells(call.Args)}) //nolint:gosec // nodes of one file
}

// tells reports whether arguments hold a literal text or a function.
func tells(args []Argument) bool {
	return slices.ContainsFunc(args, func(a Argument) bool {
		return a.Kind == ArgString || a.Kind == ArgFunction || tells(a.List)
	})
}

// Finish returns what is kept, in order, and makes indices of the keys there and
// in the annotations, whose names and arguments count as kept calls.
func (v *Invocations) Finish(annotations []Annotation) []Invocation {
	var all []site
	if v.all != nil {
		all = *v.all
		defer v.free()
	}
	slices.SortStableFunc(all, func(a, b site) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
	k := keeper{sites: all, place: make(map[int32]int32, len(all)), bound: map[string][]int32{}, on: map[int32][]int32{}, holders: map[string][]int32{}, given: map[string][]int32{}}
	k.link()
	for i := range k.sites {
		if k.sites[i].kept {
			k.open = append(k.open, int32(i))
		}
	}
	for _, a := range annotations {
		k.receiver(a.Name)
		k.arguments(a.Args)
	}
	k.spread()
	return k.finish(annotations)
}

// free gives back what the calls were collected in.
func (v *Invocations) free() {
	if len(*v.all) <= maxReused {
		clear(*v.all)
		*v.all = (*v.all)[:0]
		sitePool.Put(v.all)
	}
	v.all = nil
}

// keeper spreads what is kept to what belongs to it.
type keeper struct {
	sites   []site
	place   map[int32]int32    // of a key
	bound   map[string][]int32 // calls whose result has the name
	on      map[int32][]int32  // calls on the result of the call
	holders map[string][]int32 // calls on the name that hand over a name or a result
	given   map[string][]int32 // calls that hand over the name
	open    []int32            // kept, and not yet spread
}

func (k *keeper) link() {
	for i := range k.sites {
		k.place[k.sites[i].key] = int32(i)
	}
	for i := range k.sites {
		s, at := &k.sites[i], int32(i)
		s.On, s.Within = k.before(s.On, at), k.before(s.Within, at)
		if s.Within < 0 {
			s.Argument = -1
		}
		if s.Result != "" {
			k.bound[s.Result] = append(k.bound[s.Result], at)
		}
		for _, a := range s.Args {
			if a.Kind == ArgName {
				k.given[a.Text] = append(k.given[a.Text], at)
			}
		}
		if s.On >= 0 {
			k.on[s.On] = append(k.on[s.On], at)
		}
		if handsOver(s.Args) && s.Receiver != "" {
			first, _, _ := strings.Cut(s.Receiver, ".")
			k.holders[first] = append(k.holders[first], at)
		}
	}
}

// before is the place of a key, -1 when it is not that of an earlier call: of
// broken source, or left out.
func (k *keeper) before(key, at int32) int32 {
	if p, ok := k.place[key]; ok && key >= 0 && p < at {
		return p
	}
	return -1
}

func handsOver(args []Argument) bool {
	return slices.ContainsFunc(args, func(a Argument) bool { return a.Kind == ArgName || a.Kind == ArgCall || handsOver(a.List) })
}

func (k *keeper) keep(i int32) {
	if !k.sites[i].kept {
		k.sites[i].kept = true
		k.open = append(k.open, i)
	}
}

func (k *keeper) keepAll(all []int32) {
	for _, i := range all {
		k.keep(i)
	}
}

func (k *keeper) spread() {
	for len(k.open) > 0 {
		i := k.open[len(k.open)-1]
		k.open = k.open[:len(k.open)-1]
		s := &k.sites[i]
		if s.On >= 0 {
			k.keep(s.On)
		}
		if s.Within >= 0 {
			k.keep(s.Within)
		}
		k.keepAll(k.on[i])
		k.receiver(s.Receiver)
		k.keepAll(k.given[s.Receiver])
		delete(k.given, s.Receiver)
		k.arguments(s.Args)
		if s.Result != "" && !strings.Contains(s.Result, ".") {
			k.keepAll(k.holders[s.Result])
			delete(k.holders, s.Result)
		}
	}
}

// receiver keeps the calls whose result is what stands before the last dots of a
// name: of self.app.router it can be self, self.app or all of it.
func (k *keeper) receiver(name string) {
	for name != "" {
		k.keepAll(k.bound[name])
		delete(k.bound, name)
		name = name[:max(0, strings.LastIndexByte(name, '.'))]
	}
}

func (k *keeper) arguments(args []Argument) {
	for _, a := range args {
		if p, ok := k.place[a.Call]; ok && a.Call >= 0 {
			k.keep(p)
		}
		if a.Kind == ArgName {
			k.keepAll(k.bound[a.Text])
			delete(k.bound, a.Text)
		}
		k.arguments(a.List)
	}
}

// finish leaves out what is not kept and numbers the rest anew.
func (k *keeper) finish(annotations []Annotation) []Invocation {
	index := make([]int32, len(k.sites))
	n := int32(0)
	for i := range k.sites {
		index[i] = -1
		if k.sites[i].kept && n < MaxInvocations {
			index[i], n = n, n+1
		}
	}
	number := func(key int32) int32 {
		if p, ok := k.place[key]; ok && key >= 0 {
			return index[p]
		}
		return -1
	}
	var out []Invocation
	for i := range k.sites {
		if index[i] < 0 {
			continue
		}
		s := k.sites[i].Invocation
		if s.On >= 0 {
			s.On = index[s.On]
		}
		if s.Within >= 0 {
			s.Within = index[s.Within]
		}
		renumber(s.Args, number)
		out = append(out, s)
	}
	for i := range annotations {
		renumber(annotations[i].Args, number)
	}
	return out
}

func renumber(args []Argument, number func(int32) int32) {
	for i := range args {
		args[i].Call = number(args[i].Call)
		renumber(args[i].List, number)
	}
}
