//go:build long

package builtin_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
)

// TestLongDeepNesting gives every parser 128 KiB of what no person writes. Facts,
// or an error, are both an answer; what must not be is that it goes on for ever
// or that the program dies.
func TestLongDeepNesting(t *testing.T) {
	const size = 1 << 17
	for _, parser := range builtin.Parsers() {
		for _, nest := range []string{"(", "[", "{", "if (x) {", "f(", "a.b(", "class A {", "function f() {", "<a>", "x ? ", "not ", "-", "\"${", "`${", "#if A\n", "do\n", "lambda: "} {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			_, _ = parser.Parse(ctx, "a."+parser.Languages()[0], []byte(strings.Repeat(nest, size/len(nest))))
			if ctx.Err() != nil {
				t.Errorf("%s: %q is not done after two minutes", parser.Languages()[0], nest)
			}
			cancel()
		}
	}
}
