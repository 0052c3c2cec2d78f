// Package builtin lists the parsers that the program has. It may import the
// folders of the languages and nothing else.
package builtin

import (
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/c"
	"github.com/rampforgeai/rampforge/internal/analysis/language/csharp"
	"github.com/rampforgeai/rampforge/internal/analysis/language/golang"
	"github.com/rampforgeai/rampforge/internal/analysis/language/java"
	"github.com/rampforgeai/rampforge/internal/analysis/language/javascript"
	"github.com/rampforgeai/rampforge/internal/analysis/language/kotlin"
	"github.com/rampforgeai/rampforge/internal/analysis/language/php"
	"github.com/rampforgeai/rampforge/internal/analysis/language/python"
	"github.com/rampforgeai/rampforge/internal/analysis/language/ruby"
	"github.com/rampforgeai/rampforge/internal/analysis/language/rust"
	"github.com/rampforgeai/rampforge/internal/analysis/language/view"
)

// Parsers returns a parser of each language.
func Parsers() []language.Parser {
	return []language.Parser{
		golang.Parser{},
		c.New(),
		csharp.New(),
		java.New(),
		javascript.New(),
		kotlin.New(),
		php.New(),
		python.New(),
		ruby.New(),
		rust.New(),
		view.New(),
	}
}
