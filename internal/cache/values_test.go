package cache_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/cache"
)

func TestValuesAreKeptForAWhile(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, open func() *cache.Cache) {
		c, key := open(), fmt.Sprint("values/", t.Name(), time.Now().UnixNano())
		if got, ok := c.Get(t.Context(), key); ok {
			t.Errorf("%q is there before it is set", got)
		}
		c.Set(t.Context(), key, []byte("one\x00two"), time.Minute)
		if got, ok := open().Get(t.Context(), key); !ok || string(got) != "one\x00two" {
			t.Errorf("%q, %t", got, ok)
		}
		c.Set(t.Context(), key, []byte("three"), time.Second)
		if got, _ := c.Get(t.Context(), key); string(got) != "three" {
			t.Errorf("set again it is %q", got)
		}
		time.Sleep(1200 * time.Millisecond) // Redis has a clock of its own
		if got, ok := c.Get(t.Context(), key); ok {
			t.Errorf("%q is kept for too long", got)
		}
		c.Set(t.Context(), key, []byte("none"), 0)
		if _, ok := c.Get(t.Context(), key); ok {
			t.Error("what is to be kept for no time is kept")
		}
	})
}

func TestValuesAreBounded(t *testing.T) {
	t.Parallel()
	c, err := cache.New(cache.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	big := make([]byte, 1<<20)
	for i := range 100 {
		c.Set(t.Context(), fmt.Sprint(i), big, time.Hour)
	}
	kept := func() (n int) {
		for i := range 100 {
			if _, ok := c.Get(t.Context(), fmt.Sprint(i)); ok {
				n++
			}
		}
		return n
	}
	deadline := time.Now().Add(10 * time.Second)
	for kept() > 32 && time.Now().Before(deadline) { // what is too much goes in the background
		time.Sleep(10 * time.Millisecond)
	}
	if n := kept(); n == 0 || n > 32 {
		t.Errorf("%d MiB are kept, of at most 32", n)
	}
}
