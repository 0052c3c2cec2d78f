// Package language says what is read from one source file, whatever its
// language: functions and their complexity, imports, and the names it declares
// and uses. Each folder beside this file reads one language; builtin lists
// them. Facts are pure functions of path and content. Standard library only.
package language

import "context"

// Parser reads the files of one language or of a few that share a grammar.
// A Parser is safe for concurrent use.
type Parser interface {
	// Languages returns the Linguist names that the parser reads.
	Languages() []string
	// Version changes whenever the facts of an unchanged file would. It is part
	// of the key under which facts are cached.
	Version() string
	// Parse reads one file. It fails only when nothing could be read or ctx is
	// done; a file with syntax errors gives the facts that could be read, with
	// Broken set. It never panics, whatever the content.
	Parse(ctx context.Context, path string, src []byte) (*Facts, error)
}

// Facts is what one file says, by itself. Lists are in source order.
type Facts struct {
	Package    string     // Go or Java package, else ""
	Doc        string     // first paragraph of the file's or package's own doc comment, at most 1,000 bytes
	Main       bool       // running this file starts a program
	Test       bool       // the content (not the path alone) says that this is a test
	Broken     bool       // the file has syntax errors
	LLOC       int        // logical lines: statements
	Volume     float64    // Halstead volume, 0 when the parser does not measure it
	TopLevel   Complexity // of the code outside any function
	Functions  []Function
	Imports    []Import
	Declares   []Declaration
	References []Reference
}

// Complexity is the pair of measures that every function has. The definition
// of each is in the package of the language.
type Complexity struct {
	Cyclomatic int
	Cognitive  int
}

// Function is a function or method with a body. Whether a nested function
// stands alone or counts into the one around it is the language's definition.
type Function struct {
	Name       string // qualified inside the file: "Type.Method", "outer.inner"
	Line       int    // first line, from 1
	EndLine    int    // last line
	Exported   bool
	Test       bool
	Parameters int
	Complexity
}

// Import is one thing that the file imports, as it is written.
type Import struct {
	// Path is the module as written: "./a", "pkg/b", "a.b.c", "..mod" with the
	// dots of a relative Python import, "java.util.List" or "java.util.*".
	Path string
	// Names are the names taken from it, as they are called there: from a
	// import b, c gives b and c. Nil when the module is taken as a whole.
	Names    []string
	Line     int
	TypeOnly bool // gone at run time: import type, TYPE_CHECKING
	Dynamic  bool // require, import(), importlib with a literal
	Reexport bool // export … from
}

// Declaration is a name that the file declares at its top level, or a member
// of a type declared there.
type Declaration struct {
	Name     string // unqualified
	Kind     Kind
	Line     int
	EndLine  int
	Exported bool
}

// Kind is what a declaration declares.
type Kind uint8

// The kinds of declarations.
const (
	KindFunction Kind = iota + 1
	KindMethod
	KindType // class, struct, enum, alias
	KindInterface
	KindVariable
	KindConstant
)

// Reference is a name that the file uses, and how often. Names that the file
// itself declares, keywords and single letters are left out.
type Reference struct {
	Name  string
	Count int
}
