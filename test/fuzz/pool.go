package fuzz

import (
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Thing is something that exists on the server, with what it is part of.
type Thing struct {
	ID   string
	In   map[string]string // ids by kind: the project of a conversation
	Keep bool              // nothing may destroy or change it: the rest of the run needs it
}

// Pool is what is known to exist, by whose it is and by its kind, which is the
// part of an id before its underscore.
type Pool struct {
	mu     sync.Mutex
	things map[string]map[string][]Thing
	never  map[string]bool
	kept   map[string]string // whose they are
}

// NewPool returns an empty pool.
func NewPool() *Pool {
	return &Pool{things: map[string]map[string][]Thing{}, never: map[string]bool{}, kept: map[string]string{}}
}

// most bounds what is remembered of one kind, the newest.
const most = 60

// Add puts a thing of somebody's into the pool.
func (p *Pool) Add(owner, kind string, t Thing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.add(owner, kind, t)
}

func (p *Pool) add(owner, kind string, t Thing) {
	if p.never[t.ID] || p.anothers(owner, t.ID) || slices.ContainsFunc(values(t.In), func(id string) bool { return p.anothers(owner, id) }) {
		return
	}
	if t.Keep {
		p.kept[t.ID] = owner
	}
	if p.things[owner] == nil {
		p.things[owner] = map[string][]Thing{}
	}
	all := p.things[owner][kind]
	if slices.ContainsFunc(all, func(o Thing) bool { return o.ID == t.ID && (len(o.In) >= len(t.In) || o.Keep) }) {
		return
	}
	all = append(slices.DeleteFunc(all, func(o Thing) bool { return o.ID == t.ID }), t)
	if len(all) > most {
		i := slices.IndexFunc(all, func(o Thing) bool { return !o.Keep })
		all = slices.Delete(all, i, i+1)
	}
	p.things[owner][kind] = all
}

// anothers reports things that are kept for somebody else: who sees everything
// does not take them for their own.
func (p *Pool) anothers(owner, id string) bool {
	of, kept := p.kept[id]
	return kept && of != owner
}

// Never keeps an id out of the pool for good.
func (p *Pool) Never(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.never[id] = true
}

// Pick returns one of somebody's things, ok false when there is none. With
// spare it is one that may be destroyed.
func (p *Pool) Pick(r *rand.Rand, owner, kind string, spare bool) (Thing, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.things[owner][kind]
	if spare {
		all = slices.DeleteFunc(slices.Clone(all), func(t Thing) bool { return t.Keep })
	}
	if len(all) == 0 {
		return Thing{}, false
	}
	if kept := slices.IndexFunc(all, func(t Thing) bool { return t.Keep }); kept >= 0 && r.IntN(2) == 0 {
		return all[kept], true
	}
	return all[r.IntN(len(all))], true
}

// Inside returns the ids of somebody's things of a kind that are part of
// another.
func (p *Pool) Inside(owner, kind, of, id string) (all []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.things[owner][kind] {
		if t.In[of] == id {
			all = append(all, t.ID)
		}
	}
	return all
}

// Parent returns something that at least so many of somebody's things of a kind
// are part of.
func (p *Pool) Parent(owner, kind, of string, least int) (string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	count := map[string]int{}
	for _, t := range p.things[owner][kind] {
		id := t.In[of]
		if count[id]++; id != "" && count[id] >= least {
			return id, true
		}
	}
	return "", false
}

// Forget takes all of somebody's things of a kind out of the pool.
func (p *Pool) Forget(owner, kind string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.things[owner], kind)
}

// Gone takes an id out of the pool.
func (p *Pool) Gone(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, kinds := range p.things {
		for kind, all := range kinds {
			kinds[kind] = slices.DeleteFunc(all, func(t Thing) bool {
				return t.ID == id || slices.ContainsFunc(values(t.In), func(v string) bool { return v == id })
			})
		}
	}
}

func values(m map[string]string) (all []string) {
	for _, v := range m {
		all = append(all, v)
	}
	return all
}

var id = regexp.MustCompile(`^([a-z]{2,8})_[A-Za-z0-9]{16,40}$`)

// Kind is the kind of an id, "" of what is none.
func Kind(text string) string {
	if m := id.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// Learn remembers the ids that an answer holds, as things of whoever asked.
// They are part of what stood in the path.
func (p *Pool) Learn(owner string, r *Request, body []byte) {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return
	}
	in := map[string]string{}
	for part := range strings.SplitSeq(r.Target, "/") {
		part, _, _ = strings.Cut(part, "?")
		if kind := Kind(part); kind != "" {
			in[kind] = part
		}
	}
	if object, ok := v.(map[string]any); ok {
		for _, of := range object {
			if text, ok := of.(string); ok && Kind(text) != "" {
				in[Kind(text)] = text
			}
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.learn(owner, v, in, "")
}

func (p *Pool) learn(owner string, v any, in map[string]string, name string) {
	switch v := v.(type) {
	case string:
		kind := Kind(v)
		switch {
		case kind != "":
			inside := map[string]string{}
			for k, of := range in {
				if of != v && k != kind {
					inside[k] = of
				}
			}
			p.add(owner, kind, Thing{ID: v, In: inside})
		case name == "hash" || name == "commit" || name == "tool" || name == "resource_id" || name == "path" || name == "refresh_token":
			p.add(owner, name, Thing{ID: v, In: in})
		}
	case []any:
		for _, of := range v {
			p.learn(owner, of, in, name)
		}
	case map[string]any:
		for k, of := range v {
			p.learn(owner, of, in, k)
		}
	}
}
