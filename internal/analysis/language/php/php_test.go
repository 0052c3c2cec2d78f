package php_test

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/language/languagetest"
	"github.com/rampforgeai/rampforge/internal/analysis/language/php"
)

func TestPHP(t *testing.T) {
	t.Parallel()
	languagetest.Run(t, php.New(), languagetest.Cases{
		Path:    "src/Sample.php",
		Comment: "<?php\n/* Only a comment. */\n// And a comment.\n",
		Deep: []languagetest.Nest{
			{Open: "<?php (", Close: ")"},
			{Open: "<?php class A { function f() { return new ", Close: "}}"},
			{Open: "<?php f(function () {", Close: "});"},
			{Open: "<?php if ($a) {", Close: "} ?>"},
			{Open: "<?php $a && ($b || ", Close: ")"},
			{Open: "<?php $a->b(1)->", Close: "c;"},
			{Open: "<?php #[A([", Close: "])]"},
			{Open: "<?php 'a' . ", Close: "'b';"},
			{Open: "<?php /** @A({", Close: "}) */"},
		},
	})
}

func FuzzPHP(f *testing.F) {
	languagetest.Fuzz(f, php.New(), "tests/SampleTest.php", "<?php class A{function f(){if($a&&$b){}", "<?php enum E{case A;}", "<?php /** @A(b={\"c\", d: 1}) */ class B {}", "<?php #[A(b: [1 => 'c'])] fn() => 1;", "<?php require dirname(__DIR__, 2) . '/x';", "a <?= $b ?> c")
}

const sample = `<?php
namespace App;

use App\Model\Item;

/** What a customer orders. */
final class Order extends Record
{
	private array $items = [];

	#[Route('/total/{key}', methods: ['GET'])]
	public function total(string $key): int
	{
		$sum = 0;
		foreach ($this->items[$key] ?? [] as $item) {
			if ($item !== null && $item->isOpen() || $sum > 100) {
				$sum += $item->price() * $item->count();
			}
		}
		return $sum;
	}
}
`

func BenchmarkPHP(b *testing.B) {
	languagetest.Benchmark(b, php.New(), "src/Order.php", sample)
}
