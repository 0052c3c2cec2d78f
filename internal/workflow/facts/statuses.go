package facts

import "cmp"

// StatusesOf returns what items say of the statuses that they are or were in,
// by Status. Where items disagree the one that changed last is right; a status
// that no item is in now has no category, and the name that it had last.
func StatusesOf(items []Item, symbols *Symbols) []Status {
	type said struct {
		item *Item // that is in it now
		name Symbol
		at   Time
		used bool
	}
	all := make([]said, symbols.Len())
	for i := range items {
		v := &items[i]
		for j := range v.Visits {
			w := &v.Visits[j]
			s := &all[w.Status]
			if s.used = true; s.item == nil && w.Name != 0 && (s.name == 0 || w.At > s.at) {
				s.name, s.at = w.Name, w.At
			}
		}
		if n := len(v.Visits); n > 0 && !v.Imported {
			last := &v.Visits[n-1]
			s := &all[last.Status]
			if s.item == nil || newer(v, s.item) {
				s.item, s.name = v, last.Name
			}
		}
	}
	var list []Status
	for i := range all {
		s := &all[i]
		if i == 0 || !s.used {
			continue
		}
		v := Status{Status: Symbol(i), Name: symbols.Text(s.name)}
		if s.item != nil {
			v.Category = s.item.Category
		}
		list = append(list, v)
	}
	return list
}

// newer reports whether v changed after w; of two that changed at once it is
// always the same one.
func newer(v, w *Item) bool {
	return cmp.Or(cmp.Compare(v.Updated, w.Updated), cmp.Compare(v.ID, w.ID)) > 0
}
