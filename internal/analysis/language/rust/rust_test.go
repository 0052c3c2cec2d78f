package rust_test

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/language/languagetest"
	"github.com/rampforgeai/rampforge/internal/analysis/language/rust"
)

func TestRust(t *testing.T) {
	t.Parallel()
	languagetest.Run(t, rust.New(), languagetest.Cases{
		Path:    "sample.rs",
		Comment: "/* Only a comment. */\n// And a comment.\n",
		Deep: []languagetest.Nest{
			{Open: "(", Close: ")"},
			{Open: "{", Close: "}"},
			{Open: "mod a{", Close: "}"},
			{Open: "fn f(){", Close: "}"},
			{Open: "impl A{fn f(){", Close: "}}"},
			{Open: "if a {} else ", Close: "{}"},
			{Open: "a && (b || ", Close: ")"},
			{Open: "|a| ", Close: "1"},
			{Open: "a.b().", Close: "c;"},
			{Open: "f(", Close: ")"},
			{Open: "use a::{", Close: "};"},
			{Open: "match a { b => ", Close: "}"},
			{Open: "#[a(", Close: ")]"},
			{Open: "m!(", Close: ")"},
			{Open: "A<", Close: ">"},
			{Open: "a::", Close: "b"},
			{Open: "/*", Close: "*/"},
			{Open: "&", Close: "a"},
		},
	})
}

func FuzzRust(f *testing.F) {
	languagetest.Fuzz(f, rust.New(), "sample.rs", "fn f(){if a&&b{}}", "use a::{b as c,self,*};", "#[get(\"/x\")] fn f(){}", "let x = a.b().c(|d| e);", "enum A{B(C),D{e:F}}", "routes![a,b::c]")
}

const sample = `
use std::collections::HashMap;
use crate::item::{Item, Kind};

/// Adds up what is in the map.
#[derive(Debug, Clone)]
pub struct Sample { items: HashMap<String, Vec<Item>> }

impl Sample {
	pub fn total(&self, key: &str) -> Result<u32, Error> {
		let mut sum = 0;
		for item in self.items.get(key).ok_or(Error::Missing)? {
			match item.kind {
				Kind::Open if item.count > 0 || sum > 100 => sum += item.price() * item.count,
				Kind::Paid => continue,
				_ => log::warn!("odd {}", item.id()),
			}
		}
		Ok(sum)
	}
}
`

func BenchmarkRust(b *testing.B) {
	languagetest.Benchmark(b, rust.New(), "sample.rs", sample)
}
