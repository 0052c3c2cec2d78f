package ruby_test

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/language/languagetest"
	"github.com/rampforgeai/rampforge/internal/analysis/language/ruby"
)

func TestRuby(t *testing.T) {
	t.Parallel()
	languagetest.Run(t, ruby.New(), languagetest.Cases{
		Path:    "lib/sample.rb",
		Comment: "=begin\nOnly a comment.\n=end\n# And a comment.\n",
		Deep: []languagetest.Nest{
			{Open: "(", Close: ")"},
			{Open: "class A;", Close: "end;"},
			{Open: "def a;", Close: "end;"},
			{Open: "if a;", Close: "end;"},
			{Open: "a do |b| ", Close: " end;"},
			{Open: "f(", Close: ")"},
			{Open: "a(1).", Close: "c;"},
			{Open: "A::", Close: "B;"},
			{Open: "a && (b || ", Close: ")"},
			{Open: "x = ", Close: "1;"},
			{Open: "describe \"x\" do ", Close: " end;"},
			{Open: "private def a;", Close: "end;"},
			{Open: "# a\n", Close: "b\n"},
		},
	})
}

func FuzzRuby(f *testing.F) {
	languagetest.Fuzz(f, ruby.New(), "spec/sample_spec.rb", "class A;def f;if a&&b;end", "describe 'x' do it { a }", "<<~X\n#{a}\nX\n", "a&.b ||= c rescue d", "case a; in {b:} if c", "%i[a b", "private :a\n=begin\n")
}

const sample = `
# What a customer orders.
class Order < ApplicationRecord
  has_many :lines, dependent: :destroy
  scope :open, -> { where(closed_at: nil) }

  def total(currency = "EUR")
    lines.select(&:billable?).sum do |line|
      next 0 if line.price.nil? || line.count.zero?

      line.price.in(currency) * line.count
    end
  end
end
`

func BenchmarkRuby(b *testing.B) {
	languagetest.Benchmark(b, ruby.New(), "app/models/order.rb", sample)
}
