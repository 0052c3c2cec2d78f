package gocalls

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

func resolve(t *testing.T, archive string) []string {
	t.Helper()
	var files []File
	for _, f := range txtar.Parse([]byte(archive)).Files {
		files = append(files, File{Path: f.Name, Content: f.Data})
	}
	calls, err := Resolve(t.Context(), Tree{Modules: []Module{{Path: "example.org/shop", Dir: "."}}, Files: files})
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, e := range calls.Edges {
		out = append(out, fmt.Sprintf("%s → %s %d%%", calls.Functions[e.From].Name, calls.Functions[e.To].Name, e.Confidence))
	}
	return out
}

func TestResolve(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		archive string
		want    []string
	}{
		"static calls, methods and embedding": {`
-- main.go --
package main
import "example.org/shop/cart"
func main() { c := cart.New(); c.Pay(); cart.Open().Log("x"); helper() }
func helper() { defer func() { last() }() }
func last() {}
-- cart/cart.go --
package cart
type Logger struct{}
func (l *Logger) Log(s string) {}
type Cart struct{ *Logger }
func New() *Cart { return &Cart{} }
func Open() Cart { return *New() }
func (c *Cart) Pay() { c.Log("paid"); c.pay() }
func (c Cart) pay() {}
`, []string{"Open → New 100%", "Cart.Pay → Logger.Log 100%", "Cart.Pay → Cart.pay 100%", "main → Logger.Log 100%", "main → New 100%", "main → Open 100%", "main → Cart.Pay 100%", "main → helper 100%", "helper → last 100%"}},
		"an interface means the types that are made one": {`
-- main.go --
package main
type Animal interface{ Speak() string }
type Dog struct{}
func (Dog) Speak() string { return "" }
type Cat struct{}
func (*Cat) Speak() string { return "" }
type Cow struct{} // is never made an Animal
func (Cow) Speak() string { return "" }
type Mute struct{}
func (Mute) Speak() {}
func say(a Animal) { a.Speak() }
func main() { say(Dog{}); say(&Cat{}); var c Cow; c.Speak(); var m any = Mute{}; _ = m }
`, []string{"say → Dog.Speak 76%", "say → Cat.Speak 76%", "main → Cow.Speak 100%", "main → say 100%"}},
		"function values mean what is used as one of their signature": {`
-- main.go --
package main
type handler func(string) error
func save(string) error { return nil }
func load(string) error { return nil }
func other(int) {}
func notAValue(string) error { return nil }
type box struct{ h handler }
func (b box) run() { b.h("x") }
func main() { box{h: save}.run(); f := func() {}; f(); each(load); other(1); notAValue("x") }
func each(f func(string) error) { f("y") }
`, []string{"box.run → save 56%", "box.run → load 56%", "main → other 100%", "main → notAValue 100%", "main → box.run 100%", "main → each 100%", "each → save 56%", "each → load 56%"}},
		"variables of a package call what their values do, and what literals in them do": {`
-- main.go --
package main
import "example.org/shop/till"
type command struct{ run func() error }
var root = &command{run: func() error { return work() }}
var check = func() { deep() }
var _ = register("x", func() { late() })
var (
	first, second = pair(), other()
	table = map[string]func(){"a": named}
	limit = 3
)
func main() { check(); till.Open(); root.run() }
func work() error { return nil }
func deep() {}
func late() {}
func named() {}
func pair() int { return 0 }
func other() int { return 0 }
func register(string, func()) int { return 0 }
-- till/till.go --
package till
var Open = func() { count() }
func count() {}
`, []string{" → late 100%", " → register 100%", "root → work 100%", "check → deep 100%", "first → pair 100%", "second → other 100%", "main → check 100%", "main → named 70%", "main → Open 100%", "Open → count 100%"}},
		"an interface of generic code, and its methods as values": {`
-- main.go --
package main
type tx struct{}
type driver[T any] interface { Wrap(t T) int; Name() string }
type real struct{}
func (real) Wrap(t tx) int { return 0 }
func (real) Name() string { return "" }
type half struct{}
func (half) Name() string { return "" }
type kept struct{ real }
var _ driver[tx] = kept{} // asserts that it fits, and makes no value of it
func (kept) Name() string { return "" }
type client[T any] struct{ d driver[T] }
func (c *client[T]) start(t T) { c.d.Wrap(t); later(c.d.Name) }
func later(f func() string) { f() }
func main() { c := &client[tx]{d: real{}}; c.start(tx{}); var x any = half{}; _ = x }
`, []string{"client.start → real.Wrap 95%", "client.start → later 100%", "later → real.Name 70%", "main → client.start 100%"}},
		"generics": {`
-- main.go --
package main
import ("slices"; "maps")
type ID struct{}
func (ID) Key() string { return "" }
type keyed interface{ Key() string }
func keys[T keyed](all []T) { for _, x := range all { x.Key() } }
type set[T comparable] map[T]bool
func (s set[T]) add(x T) {}
func (ID) done() {}
func main() { keys([]ID{}); set[int]{}.add(1); for _, id := range slices.Collect(maps.Keys(map[ID]int{})) { id.done() } }
`, []string{"keys → ID.Key 95%", "main → keys 100%", "main → set.add 100%", "main → ID.done 100%"}},
		"packages that are not there": {`
-- main.go --
package main
import ("net/http"; "github.com/else/where"; "context")
type server struct{ db *where.DB }
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.get(r.Context(), where.Of[int](s.list)) }
func (s *server) get(ctx context.Context, x any) { s.db.Query(s.row) }
func (s *server) list() {}
func (s *server) row(r where.Row) error { return wrapped{} }
type wrapped struct{}
func (wrapped) Error() string { return text() }
func text() string { return "" }
func main() { http.Handle("/", &server{}); _, err := where.Do(); println(err.Error()); var h http.Handler = &server{}; h.ServeHTTP(nil, nil) }
`, []string{"server.ServeHTTP → server.get 100%", "wrapped.Error → text 100%", "main → server.ServeHTTP 95%", "main → wrapped.Error 95%"}},
		"tests inside and outside, build tags": {`
-- cart/cart.go --
package cart
func Pay() { system() }
-- cart/cart_linux.go --
package cart
func system() {}
-- cart/cart_windows.go --
package cart
func system() { Pay() }
-- cart/ignored.go --
//go:build ignore

package main
func main() { Pay() }
-- cart/export_test.go --
package cart
var Secret = secret
func secret() { Pay() }
-- cart/cart_test.go --
package cart_test
import ("testing"; "example.org/shop/cart")
func TestPay(t *testing.T) { cart.Pay(); cart.Secret(); t.Run("x", sub) }
func sub(t *testing.T) { cart.Pay() }
`, []string{"Pay → system 100%", "TestPay → Pay 100%", "TestPay → secret 70%", "sub → Pay 100%", "secret → Pay 100%"}},
		"a library that nothing runs": {`
-- lib.go --
package lib
type Store interface{ Get() }
type memory struct{}
func (memory) Get() { open() }
func open() {}
func Use(s Store) { s.Get() }
func New() Store { return memory{} }
`, []string{"memory.Get → open 100%", "Use → memory.Get 47%"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, resolve(t, c.archive)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestHostile resolves what is no program, or one that is made to hurt.
func TestHostile(t *testing.T) {
	t.Parallel()
	doubling := "package a\nconst s0 = \"xxxxxxxxxxxxxxxx\"\n"
	for i := range 60 {
		doubling += fmt.Sprintf("const s%d = s%d + s%d\n", i+1, i, i)
	}
	for name, source := range map[string]string{
		"constants that double":    doubling + "const n = len(s60)\n",
		"a long sum":               "package a\nvar x = 1" + strings.Repeat("+1", 200_000),
		"deep parentheses":         "package a\nvar x = " + strings.Repeat("(", 50_000) + "1",
		"a type of itself":         "package a\ntype T [2]T\ntype S struct{ S }\ntype I interface{ I }\ntype G[P any] struct{ *G[G[P]] }\nvar g G[int]\nfunc f() { var i any = g; _ = i }",
		"an import of itself":      "package a\nimport \"example.org/shop/a\"\nfunc f() { a.F() }",
		"no package":               "func f() {}",
		"types that grow by turns": "package a\ntype A[P any] struct{ *B[[]P] }\ntype B[P any] struct{ *A[P] }\nvar g A[int]\nfunc f() { var i any = g; _ = i; g.M() }",
		"cgo":                      "package a\nimport \"C\"\nfunc f() { C.puts(nil); g() }\nfunc g() {}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resolve(t, "-- a/a.go --\n"+source+"\n-- b/b.go --\npackage b\nimport \"example.org/shop/a\"\nfunc F() { a.F(nil) }\n")
		})
	}
	// Broken programs: bytes of a good one that are lost or doubled.
	good := "package a\nimport (\"fmt\"; \"sort\")\ntype T[P any] struct{ x P; f func(P) error }\nfunc (t *T[P]) M(a ...P) (n int, err error) { switch v := any(a).(type) { case int: n = v }; sort.Slice(a, func(i, j int) bool { return fmt.Sprint(a[i]) < \"\" }); return t.M(a...) }\nvar _ fmt.Stringer = (*T[int])(nil)\n"
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		b := []byte(good)
		for range 1 + r.IntN(4) {
			at := r.IntN(len(b) - 1)
			if r.IntN(2) == 0 {
				b = append(b[:at], b[at+1:]...)
			} else {
				b = append(b[:at+1], b[at:]...)
			}
		}
		resolve(t, "-- a/a.go --\n"+string(b))
	}
}

func TestResolveStopsWhenAsked(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tree := Tree{Modules: []Module{{Path: "m", Dir: "."}}, Files: []File{{Path: "a.go", Content: []byte("package a")}}}
	if _, err := Resolve(ctx, tree); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
