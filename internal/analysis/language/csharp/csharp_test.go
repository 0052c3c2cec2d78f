package csharp

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/language/languagetest"
)

func TestCSharp(t *testing.T) {
	t.Parallel()
	languagetest.Run(t, New(), languagetest.Cases{
		Path:    "Sample.cs",
		Comment: "// Only a comment.\n",
		Deep: []languagetest.Nest{
			{Open: "(", Close: ")"},
			{Open: "{", Close: "}"},
			{Open: "[", Close: "]"},
			{Open: "class C {", Close: "}"},
			{Open: "namespace N {", Close: "}"},
			{Open: "class C { void F() { if (x) {", Close: "}}}"},
			{Open: "f(x => ", Close: ")"},
			{Open: "a.b().", Close: ""},
			{Open: "x = a?.b(", Close: ")"},
			{Open: "x = new A(\"x\", ", Close: ")"},
			{Open: "#if X\n", Close: "#endif\n"},
			{Open: "\"a\" + ", Close: "b"},
			{Open: "$\"{", Close: "}\""},
			{Open: "A<", Close: ">"},
			{Open: "[A(new[] {", Close: "})]"},
			{Open: "x is (a and ", Close: ")"},
		},
	})
}

func FuzzCSharp(f *testing.F) {
	languagetest.Fuzz(f, New(), "Sample.cs",
		"class A { [X(nameof(A.B), N = \"n\")] int P { get => 1; private set { } } }",
		"app.MapGroup(\"/x\").MapGet($\"/{a}\" + b, (int id) => new { A = 1, b.C });",
		"#if A && B\nclass C {\n#elif D\nclass E {\n#endif\n}",
		"using X = A.B<int>; global using static System.Math; namespace A; namespace B { }",
	)
}

func BenchmarkCSharp(b *testing.B) {
	languagetest.Benchmark(b, New(), "Sample.cs", benchmarked)
}

const benchmarked = `
namespace Shop.Orders;

/// <summary>Keeps orders.</summary>
[Route("api/[controller]")]
public class OrdersController : ControllerBase
{
    private readonly IOrders _orders;

    public OrdersController(IOrders orders) => _orders = orders;

    [HttpGet("{id:int}")]
    public async Task<ActionResult<Order>> Get(int id, CancellationToken token)
    {
        var order = await _orders.Find(id, token);
        if (order is null || order.Lines.Count == 0)
        {
            return NotFound($"no order {id}");
        }
        return Ok(order);
    }
}
`
