package services

import (
	"slices"
	"sync"
	"time"
)

// Windows are the times in which something was done to what is measured: what
// fails or is slow outside of them is so for no reason.
type Windows struct {
	mu  sync.Mutex
	all [][2]time.Time // the last may be open
}

// Do does something and notes when that was. The window lasts until settle has
// returned, which waits for as long as it may still show.
func (w *Windows) Do(do, settle func() error) error {
	w.mu.Lock()
	w.all = append(w.all, [2]time.Time{time.Now(), {}})
	at := len(w.all) - 1
	w.mu.Unlock()
	err := do()
	if err == nil {
		err = settle()
	}
	w.mu.Lock()
	w.all[at][1] = time.Now()
	w.mu.Unlock()
	return err
}

// Note adds a window that is over.
func (w *Windows) Note(from, to time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, [2]time.Time{from, to})
}

// Disturbed reports whether something was done between two moments.
func (w *Windows) Disturbed(from, to time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.all, func(of [2]time.Time) bool {
		return of[0].Before(to) && (of[1].IsZero() || of[1].After(from))
	})
}

// Total is how long all that was done took; none of it may go on.
func (w *Windows) Total() (all time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, of := range w.all {
		all += of[1].Sub(of[0])
	}
	return all
}
