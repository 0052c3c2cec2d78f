package c_test

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/language/c"
	"github.com/rampforgeai/rampforge/internal/analysis/language/languagetest"
)

// The grammars themselves are slow on some of these: each nest stands where it
// says most.
var nests = []languagetest.Nest{
	{Open: "(", Close: ")"},
	{Open: "{", Close: "}"},
	{Open: "struct a{", Close: "};"},
	{Open: "int f(){", Close: "}"},
	{Open: "if(a);else ", Close: ";"},
	{Open: "a && (b || ", Close: ")"},
	{Open: "#if A\n", Close: "#endif\n"},
	{Open: "#if A\nint f(){\n#else\n", Close: "}\n#endif\n"},
	{Open: "#if 0\n", Close: "#else\n"},
	{Open: "int *", Close: "a;"},
	{Open: "FOO(a) ", Close: "int f(){}"},
	{Open: "enum a {", Close: "b,"},
	{Open: "// a\\\n", Close: "\n"},
	{Open: "switch(a){case 1:", Close: "}"},
}

var nestsCPlusPlus = []languagetest.Nest{
	{Open: "class a{", Close: "};"},
	{Open: "namespace a{", Close: "}"},
	{Open: "a->b().", Close: "c;"},
	{Open: "a<", Close: ">"},
	{Open: "template<class T> ", Close: "int f();"},
	{Open: "[&](){", Close: "}"},
	{Open: "a::", Close: "b"},
	{Open: "R\"(", Close: ")\""},
}

func TestC(t *testing.T) {
	t.Parallel()
	languagetest.Run(t, c.New(), languagetest.Cases{Path: "sample.c", Comment: "/* Only a comment. */\n// And a comment.\n", Deep: nests})
}

func TestCPlusPlus(t *testing.T) {
	t.Parallel()
	languagetest.Run(t, c.New(), languagetest.Cases{Path: "sample.cpp", Comment: "/* Only a comment. */\n// And a comment.\n", Deep: nestsCPlusPlus})
}

func FuzzC(f *testing.F) {
	languagetest.Fuzz(f, c.New(), "sample.c", "int f(a) int a;{if(a&&b){}}", "#if A\nint f(){\n#else\n{\n#endif\n}", "X(a){}", "enum{A,B=1}", "typedef struct{int a;}*T;", "#define A(b) c(b)")
}

func FuzzCPlusPlus(f *testing.F) {
	languagetest.Fuzz(f, c.New(), "sample.cc", "namespace a{class B:C{public:B():x(1){}};}", "TEST(a,b){}", "template<class T>T f(T&&a)->int{}", "A::operator bool(){}", "R\"x(a)x\"")
}

const sample = `
#include "list.h"
#define CHECK(a) do { if (!(a)) return -1; } while (0)

/* Adds up what is in the list. */
static int total(const struct list *l, int limit)
{
	int sum = 0;
#ifdef FAST
	for (struct item *i = l->first; i; i = i->next) {
#else
	for (struct item *i = list_first(l); i; i = list_next(i)) {
#endif
		if (i->open && i->count > 0 || sum > limit)
			sum += i->count * price_of(i->kind);
	}
	return sum;
}
`

func BenchmarkC(b *testing.B) {
	languagetest.Benchmark(b, c.New(), "sample.c", sample)
}

const sampleCPlusPlus = `
#include <vector>
namespace shop {
/// A cart.
class Cart : public Base {
 public:
	explicit Cart(int limit) : limit_(limit) {}
	int total(const std::string& key) const {
		int sum = 0;
		for (const auto& item : items_) {
			if (item != nullptr && item->open() || sum > limit_) { sum += item->price() * item->count(); }
		}
		return sum;
	}
 private:
	std::vector<std::unique_ptr<Item>> items_;
	int limit_ = 0;
};
}  // namespace shop
`

func BenchmarkCPlusPlus(b *testing.B) {
	languagetest.Benchmark(b, c.New(), "sample.cc", sampleCPlusPlus)
}
