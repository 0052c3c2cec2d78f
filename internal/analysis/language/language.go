// Package language says what is read from one source file, whatever its
// language: functions and their complexity, imports, and the names it declares
// and uses. Each folder beside this file reads one language; builtin lists
// them. Facts are pure functions of path and content. Standard library only.
package language

import "context"

// CFamily are the languages that share headers and a linker with C, by their
// Linguist names.
var CFamily = []string{"C", "C++", "Objective-C", "Objective-C++", "Cuda"}

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
	// Broken set. It never panics, whatever the content. The analysis gives the
	// path's shape only (see PathShape); a whole path must give the same facts.
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
	Exports    []Export // names that others import under another name
	// What goes deeper. A parser of a language with web, command or job
	// frameworks gives Invocations and Annotations; every parser gives the rest.
	Calls       []Call
	Invocations []Invocation
	Annotations []Annotation
	Remarks     []Remark
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
	// Takes are its parameters as in the text of an ArgFunction, at most MaxText
	// bytes: given where an invocation stands in it, since what that is called
	// on can be a parameter.
	Takes string
	Complexity
}

// Import is one thing that the file imports, as it is written.
type Import struct {
	// Path is the module as written: "./a", "pkg/b", "a.b.c", "..mod" with the
	// dots of a relative Python import, "java.util.List" or "java.util.*".
	Path string
	// Names are the names taken from it, as they are called there: from a
	// import b, c gives b and c. Nil when the module is taken as a whole.
	Names []string
	// Locals are what the file itself calls them: one for each of Names, or one
	// for the module as a whole (import m as n, import * as n, the n that
	// n = require("m") binds, a Go import's own name). Nil when they are called
	// as Names or Path say.
	Locals   []string
	Line     int
	TypeOnly bool // gone at run time: import type, TYPE_CHECKING
	Dynamic  bool // require, import(), importlib with a literal
	Reexport bool // export … from
}

// Export is a name of the file that others import under another name, as in
// JavaScript export default router, module.exports = router, export { a as b }.
type Export struct {
	Name  string // as others import it: "default", also of what module.exports is as a whole
	Local string // as it is called in the file, with dots; the name of the function or class that stands there
}

// Declaration is a name that the file declares at its top level, or a member
// of a type declared there.
type Declaration struct {
	Name      string // unqualified
	Kind      Kind
	Exported  bool // beside Kind, where it takes no room: a large tree has millions of these
	Line      int
	EndLine   int
	Owner     string   // the type that it is a member of, qualified inside the file; "" at the top level
	Doc       string   // first paragraph of its own doc comment, at most MaxDeclarationDoc bytes
	Signature string   // parameters and result, or the type of a field or variable and its value when that is a short literal text (str = "/api"), as written on one line, at most MaxSignature bytes
	Bases     []string // of a type: what it extends, implements or embeds, as written without type arguments
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
	KindField  // of a type: a field, property or enum member
	KindModule // namespace, module or package object that holds others
	KindMacro
)

// Reference is a name that the file uses, and how often. Names that the file
// itself declares, keywords and single letters (in Go, of lower case) are left out.
type Reference struct {
	Name string
	// Of is what the name is picked from with a dot, of parsers that tell it (Go's):
	// a name that stands alone, as that of an import or a variable of the package,
	// or "." for anything else. A method or field of the file's own is named too.
	// It is "" for a name that stands alone, and for parsers that do not tell.
	Of    string
	Count int
}

// Bounds of one file's facts. A parser stops collecting there, in source order.
const (
	MaxCalls          = 20_000
	MaxInvocations    = 5_000
	MaxAnnotations    = 5_000
	MaxRemarks        = 500
	MaxArguments      = 64  // of one invocation, and of one list in it
	MaxText           = 400 // bytes of an argument's text; a longer one is ArgOther
	MaxSignature      = 240 // bytes
	MaxDeclarationDoc = 300 // bytes
	MaxRemark         = 300 // bytes
)

// Call is a function calling something, however often: the same call in the
// same function is one. Calls say who uses whom, see Facts.Invocations for
// what is handed over.
type Call struct {
	Name string // the last name: "Get" of r.Get(…); the type's name where New
	// Receiver is what stands before the name when that is names joined by
	// dots ("r", "app.router", "self.db", "pkg", "Type"; "::", "->" and "?."
	// are written as dots), "" when there is nothing, "?" when it is computed.
	Receiver string
	New      bool  // it makes an object: new T(), a composite literal is no call
	Function int32 // index in Facts.Functions of the innermost function around it, -1 outside any
	Line     int32 // of the first
	Count    int32 // how often, at least 1
}

// Invocation is a call whose arguments a framework might read: r.Get("/x", h),
// path("x/", view), Command{Use: "x"}, Route::get('/x', [C::class, 'm']). Kept
// are calls (and in Go composite literals, New, of types of other packages) that
// hand over a literal text or a function, or that do nothing with their result
// and hand a name to something (app.use(router)), in C# also those that are named
// for mapping (app.MapOrders()); that stand in the arguments of
// one kept or hold one; that one kept is called on or that are called on one
// kept; whose result is bound to a name that one kept, or an annotation, is
// called on or hands over; or that hand over a name which one kept is called on,
// as routes(r) beside r.Get("/x", h). A literal list or map of lists or maps that
// is bound to a name stands among them as a call of "=" that is handed it:
// handlers = [("/x", Handler)]. See [Invocations]. They stand in source order:
// that of their first byte, the outer before the inner; in a chain the call
// that is written first stands first.
type Invocation struct {
	Name     string // as Call.Name; "()" when the result of another call, On, is called itself: require("./routes")(app)
	Receiver string // as Call.Receiver; "" when On says it
	New      bool
	On       int32 // index of the invocation whose result it is called on, -1
	Within   int32 // index of the innermost invocation in whose arguments (or block) it stands, -1
	Argument int32 // place of that argument among those of Within, from 0; -1 without Within
	Function int32 // as Call.Function
	Line     int32
	EndLine  int32
	Result   string // the name, with dots, that is bound to its result: "r" of r := chi.NewRouter(), "self.app" of self.app = App(); "urls[]" of an element of a list that is bound to urls; "" for none
	Exported bool   // Result is a name that other files can import
	Args     []Argument
}

// Argument is one argument of an invocation or annotation. A trailing block
// (Ruby do, Kotlin lambda) is the last argument, an ArgFunction.
type Argument struct {
	Name string // of a keyword argument, field or key: methods= , "Use:", {path: …}
	Kind ArgumentKind
	// Text is a literal's text without quotes, escapes as they are written (in
	// a template what is computed stands as {}); a name with dots; a number or
	// true, false, null; a function's parameter names joined by a comma, with
	// the type after a colon where it is written: "w: http.ResponseWriter,r".
	Text string
	Call int32 // ArgCall and ArgFunction that is an invocation itself: its index, else -1
	// List are the elements of an ArgList and ArgMap, named in a map, and of a
	// template what stands at each {}, as far as the parser tells.
	List []Argument
}

// ArgumentKind is what an argument is.
type ArgumentKind uint8

// The kinds of arguments.
const (
	ArgOther    ArgumentKind = iota // an expression that says nothing by itself
	ArgString                       // a literal text, or a template
	ArgName                         // a name: handler, users.list, UserController::class, &handler, 'a symbol of Ruby' with a leading colon
	ArgLiteral                      // a number, true, false, null
	ArgFunction                     // a function or block that is written here
	ArgCall                         // the result of a call
	ArgList                         // a list, array or tuple
	ArgMap                          // an object, dict or hash
)

// Annotation is a decorator, annotation or attribute on a declaration, a
// function or a parameter: @app.get("/x"), @GetMapping, [HttpGet("x")],
// #[get("/x")], and a Go struct tag (Name is the tag's key: json, gorm).
type Annotation struct {
	Name        string // with dots, without type arguments: "app.get", "GetMapping"
	Args        []Argument
	Line        int32
	Declaration int32  // index in Facts.Declares of what it stands on, or of the member whose parameter it stands on; -1 for none
	Function    int32  // the same in Facts.Functions, -1 for none
	Parameter   string // the name of the parameter that it stands on, "" for none
}

// Remark is a comment that tells what is owed or why something is as it is.
type Remark struct {
	Kind RemarkKind
	Line int
	Text string // one line, at most MaxRemark bytes
}

// RemarkKind is what a remark tells.
type RemarkKind uint8

// The kinds of remarks.
const (
	RemarkTodo RemarkKind = iota + 1 // something is owed, in one of the words that say so
	RemarkWhy                        // a reason: because, so that, on purpose, workaround
)
