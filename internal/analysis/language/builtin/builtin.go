// Package builtin lists the parsers that the program has. It may import the
// folders of the languages and nothing else.
package builtin

import (
	"github.com/rampforgeai/rampforge/internal/analysis/language"
<<<<<<< HEAD
	"github.com/rampforgeai/rampforge/internal/analysis/language/csharp"
=======
	"github.com/rampforgeai/rampforge/internal/analysis/language/c"
>>>>>>> 52f2b22 (internal/analysis/language/c: functions, types, includes and calls of C and C++)
	"github.com/rampforgeai/rampforge/internal/analysis/language/golang"
	"github.com/rampforgeai/rampforge/internal/analysis/language/java"
	"github.com/rampforgeai/rampforge/internal/analysis/language/javascript"
	"github.com/rampforgeai/rampforge/internal/analysis/language/python"
)

// Parsers returns a parser of each language.
func Parsers() []language.Parser {
	return []language.Parser{
		c.New(),
		golang.Parser{},
		csharp.New(),
		java.New(),
		javascript.New(),
		python.New(),
	}
}
