package kotlin

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/language/languagetest"
)

func TestKotlin(t *testing.T) {
	t.Parallel()
	languagetest.Run(t, New(), languagetest.Cases{
		Path:    "Sample.kt",
		Comment: "// Only a comment.\n",
		Deep: []languagetest.Nest{
			{Open: "(", Close: ")"},
			{Open: "{", Close: "}"},
			{Open: "[", Close: "]"},
			{Open: "class C {", Close: "}"},
			{Open: "fun f() { if (x) {", Close: "}}"},
			{Open: "f { ", Close: "}"},
			{Open: "f(\"x\") { ", Close: "}"},
			{Open: "a.b().", Close: "c"},
			{Open: "val o = object : A() {", Close: "}"},
			{Open: "when (x) { 1 -> ", Close: "}"},
			{Open: "\"a\" + ", Close: "b"},
			{Open: "\"${", Close: "}\""},
			{Open: "a<", Close: ">"},
			{Open: "@A([", Close: "])"},
			{Open: "a && (b || ", Close: ")"},
			{Open: "/* ", Close: "*/"},
		},
	})
}

func FuzzKotlin(f *testing.F) {
	languagetest.Fuzz(f, New(), "Sample.kt",
		"class A(@Id val x: Int, y: String = \"$z\") : B(y), C by d { init { } var p = 1\n private set }",
		"fun R.f() { route(\"/${x}\") { get<T> { a, (b, c) -> call.respond(\"\"\"raw $a\"\"\") } } }",
		"import a.b.*\nimport a.c as d; enum class E { A { fun f() = 1 }, B; }",
		"val o = object : A() { fun f() = if (a) b else if (c) d else e }",
	)
}

func BenchmarkKotlin(b *testing.B) {
	languagetest.Benchmark(b, New(), "Sample.kt", benchmarked)
}

const benchmarked = `
/** Keeps orders. */
@RestController
@RequestMapping("/api/orders")
class OrdersController(private val orders: Orders) {
    private val items = mutableMapOf<String, List<Item>>()

    @GetMapping("/{id}")
    suspend fun get(@PathVariable id: Long): ResponseEntity<Order> {
        val order = orders.find(id) ?: return ResponseEntity.notFound().build()
        if (order.lines.isEmpty() && !order.open) {
            throw NotFound("no order $id")
        }
        return ResponseEntity.ok(order.copy(total = order.lines.sumOf { it.price * it.count }))
    }
}
`
