package measure

import (
	"container/list"
	"sync"
)

// kept holds values ready, those that were used last, within a bound of bytes.
// It is safe for concurrent use.
type kept[K comparable, V any] struct {
	mu    sync.Mutex
	room  int // in bytes, what is left
	ages  *list.List
	items map[K]*list.Element
}

type keptItem[K comparable, V any] struct {
	key   K
	value V
	size  int
}

func newKept[K comparable, V any](bytes int) *kept[K, V] {
	return &kept[K, V]{room: bytes, ages: list.New(), items: map[K]*list.Element{}}
}

func (k *kept[K, V]) get(key K) (value V, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	e, ok := k.items[key]
	if !ok {
		return value, false
	}
	k.ages.MoveToFront(e)
	item, _ := e.Value.(*keptItem[K, V])
	return item.value, true
}

// put keeps a value that takes so many bytes, and lets go of those that were not
// used for the longest time. The last one stays whatever it takes.
func (k *kept[K, V]) put(key K, value V, size int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if e, ok := k.items[key]; ok {
		k.remove(e)
	}
	k.room -= size
	k.items[key] = k.ages.PushFront(&keptItem[K, V]{key, value, size})
	for k.room < 0 && k.ages.Len() > 1 {
		k.remove(k.ages.Back())
	}
}

func (k *kept[K, V]) remove(e *list.Element) {
	item, _ := k.ages.Remove(e).(*keptItem[K, V])
	k.room += item.size
	delete(k.items, item.key)
}

// drop lets go of every value whose key a function names.
func (k *kept[K, V]) drop(named func(K) bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for key, e := range k.items {
		if named(key) {
			k.remove(e)
		}
	}
}
