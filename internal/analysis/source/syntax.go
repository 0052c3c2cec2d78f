package source

// syntax is what tells comments and strings from code in a language.
type syntax struct {
	line      []string // what begins a comment to the end of the line
	blocks    []block
	quotes    []quote   // longer ones first
	hashAlone bool      // a line comment begins after space only, as in a shell
	heredoc   string    // what begins a here-document, "" for none
	regexp    bool      // /…/ is a regular expression where a value may stand
	starts    [256]bool // first bytes of all of them
}

type block struct {
	open, close string
	nested      bool
	lineStart   bool // counts at the start of a line only
}

type quote struct {
	open, close string
	escape      byte // 0 for none
	multi       bool // may span lines
	doc         bool // is comment when it begins a line
	doubled     bool // two closing marks stand for one
	code        bool // ${ … } in it is code
}

// same is a string between two equal marks.
func same(mark string, escape byte, multi bool) quote {
	return quote{open: mark, close: mark, escape: escape, multi: multi}
}

func docString(mark string) quote {
	return quote{open: mark, close: mark, escape: '\\', multi: true, doc: true}
}

var (
	double     = same(`"`, '\\', false)
	single     = same(`'`, '\\', false)
	doubleLong = same(`"`, '\\', true)
	singleLong = same(`'`, '\\', true)
	backquote  = same("`", 0, true)
	template   = quote{open: "`", close: "`", escape: '\\', multi: true, code: true}
	verbatim   = []quote{{open: `@"`, close: `"`, multi: true, doubled: true}, {open: `@$"`, close: `"`, multi: true, doubled: true}}
	tripleRaw  = same(`"""`, 0, true)
	slashStar  = block{open: "/*", close: "*/"}
	markup     = block{open: "<!--", close: "-->"}
	quoteChar  = quote{open: `'"'`} // a character that must not open a string, where ' marks none
	begin      = block{open: "=begin", close: "=end", lineStart: true}
)

func c(quotes ...quote) *syntax {
	return &syntax{line: []string{"//"}, blocks: []block{slashStar}, quotes: quotes}
}

func nestedC(quotes ...quote) *syntax {
	return &syntax{line: []string{"//"}, blocks: []block{{open: "/*", close: "*/", nested: true}}, quotes: quotes}
}

// ecma is JavaScript and what grew from it.
func ecma() *syntax {
	s := c(template, double, single)
	s.regexp = true
	return s
}

// pod is documentation inside a Perl program.
func pod(open string) block { return block{open: open, close: "=cut", lineStart: true} }

func hash(quotes ...quote) *syntax { return &syntax{line: []string{"#"}, quotes: quotes} }

func shell() *syntax {
	return &syntax{line: []string{"#"}, quotes: []quote{doubleLong, same(`'`, 0, true)}, hashAlone: true, heredoc: "<<"}
}

func lisp() *syntax {
	return &syntax{line: []string{";"}, blocks: []block{{open: "#|", close: "|#", nested: true}}, quotes: []quote{{open: `\"`}, doubleLong}}
}

func sql() *syntax {
	return &syntax{line: []string{"--"}, blocks: []block{slashStar}, quotes: []quote{same(`'`, 0, true), same(`"`, 0, true)}}
}

func dashes(quotes ...quote) *syntax {
	return &syntax{line: []string{"--"}, blocks: []block{{open: "{-", close: "-}", nested: true}}, quotes: quotes}
}

func html() *syntax { return &syntax{blocks: []block{markup}} }

// script is markup with programs in it: their comments count as such.
func scripted() *syntax {
	return &syntax{line: []string{"//"}, blocks: []block{markup, slashStar}, quotes: []quote{double, single, template}, regexp: true}
}

// syntaxes are keyed by Linguist's names.
var syntaxes = indexed(map[string]*syntax{
	"C": c(double, single), "C++": c(quote{open: `R"(`, close: `)"`, multi: true}, double, single), "Objective-C": c(double, single), "Objective-C++": c(double, single),
	"Cuda": c(double, single), "OpenCL": c(double, single), "GLSL": c(), "HLSL": c(double), "Metal": c(double, single), "Arduino": c(double, single),
	"C#": c(append(verbatim, tripleRaw, double, single)...), "Java": c(same(`"""`, '\\', true), double, single), "Go": c(backquote, double, single),
	"JavaScript": ecma(), "TypeScript": ecma(), "TSX": ecma(), "JSX": ecma(),
	"Dart": nestedC(same(`"""`, '\\', true), same(`'''`, '\\', true), double, single), "Kotlin": nestedC(tripleRaw, double, single), "Gradle Kotlin DSL": nestedC(tripleRaw, double, single), "Scala": nestedC(tripleRaw, quoteChar, double),
	"Swift": nestedC(same(`"""`, '\\', true), double), "Rust": nestedC(quote{open: `r#"`, close: `"#`, multi: true}, quoteChar, doubleLong), "Groovy": c(same(`"""`, '\\', true), same(`'''`, '\\', true), double, single),
	"Gradle": c(same(`"""`, '\\', true), same(`'''`, '\\', true), double, single), "Protocol Buffer": c(double, single), "Thrift": {line: []string{"//", "#"}, blocks: []block{slashStar}, quotes: []quote{double, single}},
	"PHP": {line: []string{"//", "#"}, blocks: []block{slashStar, markup}, quotes: []quote{double, single}, heredoc: "<<<"}, "Hack": {line: []string{"//", "#"}, blocks: []block{slashStar}, quotes: []quote{double, single}, heredoc: "<<<"},
	"Zig": {line: []string{"//"}, quotes: []quote{double, single}}, "D": c(backquote, doubleLong, single), "V": c(backquote, double, single), "Vala": c(double, single), "Solidity": c(double, single), "ActionScript": c(double, single),
	"SystemVerilog": c(double), "Verilog": c(double), "VHDL": {line: []string{"--"}, quotes: []quote{double}}, "QML": c(template, double, single), "JSON with Comments": c(double), "JSON5": c(double, single),
	"HCL": {line: []string{"#", "//"}, blocks: []block{slashStar}, quotes: []quote{double}, heredoc: "<<"}, "Jsonnet": {line: []string{"#", "//"}, blocks: []block{slashStar}, quotes: []quote{double, single}}, "CUE": c(tripleRaw, double),
	"CSS": {blocks: []block{slashStar}, quotes: []quote{double, single}}, "SCSS": c(double, single), "Sass": c(double, single), "Less": c(double, single), "Stylus": c(double, single),
	"GraphQL": {line: []string{"#"}, quotes: []quote{docString(`"""`), double}}, "Prisma": {line: []string{"//"}, quotes: []quote{double}},

	"Python": {line: []string{"#"}, quotes: []quote{docString(`"""`), docString(`'''`), double, single}}, "Cython": {line: []string{"#"}, quotes: []quote{docString(`"""`), docString(`'''`), double, single}},
	"Starlark": {line: []string{"#"}, quotes: []quote{docString(`"""`), docString(`'''`), double, single}}, "GDScript": {line: []string{"#"}, quotes: []quote{same(`"""`, '\\', true), double, single}},
	"Nim": {line: []string{"#"}, blocks: []block{{open: "#[", close: "]#", nested: true}}, quotes: []quote{tripleRaw, double, single}}, "Mojo": {line: []string{"#"}, quotes: []quote{docString(`"""`), double, single}},
	"Ruby": {line: []string{"#"}, blocks: []block{begin}, quotes: []quote{double, single}, heredoc: "<<"}, "Crystal": hash(double), "Elixir": {line: []string{"#"}, quotes: []quote{same(`"""`, '\\', true), doubleLong, singleLong}},
	"Perl": {line: []string{"#"}, blocks: []block{pod("=pod"), pod("=head"), pod("=over")}, quotes: []quote{double, single}, hashAlone: true, heredoc: "<<"},
	"Raku": {line: []string{"#"}, blocks: []block{{open: "=begin", close: "=end", lineStart: true}}, quotes: []quote{doubleLong, singleLong}}, "R": hash(doubleLong, singleLong), "Julia": {line: []string{"#"}, blocks: []block{{open: "#=", close: "=#", nested: true}}, quotes: []quote{same(`"""`, '\\', true), double}},
	"Shell": shell(), "fish": shell(), "Tcsh": shell(), "Zsh": shell(), "Makefile": {line: []string{"#"}}, "CMake": {line: []string{"#"}, blocks: []block{{open: "#[[", close: "]]"}}, quotes: []quote{doubleLong}}, "Meson": hash(single),
	"Dockerfile": {line: []string{"#"}, hashAlone: true, heredoc: "<<"}, "YAML": {line: []string{"#"}, quotes: []quote{double, same(`'`, 0, false)}, hashAlone: true}, "TOML": hash(tripleRaw, same(`'''`, 0, true), double, same(`'`, 0, false)), "INI": {line: []string{";", "#"}, hashAlone: true}, "Java Properties": {line: []string{"#", "!"}, hashAlone: true}, "desktop": {line: []string{"#"}},
	"OASv2-yaml": {line: []string{"#"}, quotes: []quote{double, same(`'`, 0, false)}, hashAlone: true}, "OASv3-yaml": {line: []string{"#"}, quotes: []quote{double, same(`'`, 0, false)}, hashAlone: true},
	"Go Template": {blocks: []block{{open: "{{/*", close: "*/}}"}, {open: "{{- /*", close: "*/ -}}"}}}, "M4Sugar": {line: []string{"dnl ", "#"}}, "Yacc": c(double, single), "Lex": c(double, single), "Unix Assembly": {line: []string{"#", "//"}, blocks: []block{slashStar}},
	"PowerShell": {line: []string{"#"}, blocks: []block{{open: "<#", close: "#>"}}, quotes: []quote{same(`"`, '`', true), same(`'`, 0, true)}}, "Nix": {line: []string{"#"}, blocks: []block{slashStar}, quotes: []quote{{open: "''", close: "''", multi: true}, doubleLong}},
	"Tcl": hash(quote{open: `\"`}, doubleLong), "AWK": hash(double), "Just": hash(double, single), "Puppet": hash(doubleLong, singleLong), "Gherkin": {line: []string{"#"}, hashAlone: true}, "Nginx": hash(double, single), "EditorConfig": {line: []string{"#", ";"}}, "Ignore List": {line: []string{"#"}},
	"Batchfile": {line: []string{"::", "REM ", "rem ", "@rem ", "@REM ", "rem\n", "rem\r", "REM\n", "REM\r"}}, "Vim Script": {line: []string{`"`}}, "TeX": {line: []string{"%"}}, "BibTeX": {line: []string{"%"}}, "Erlang": {line: []string{"%"}, quotes: []quote{{open: `$"`}, {open: `$'`}, {open: "$%"}, doubleLong, single}}, "MATLAB": {line: []string{"%"}, blocks: []block{{open: "%{", close: "%}"}}},
	"Prolog": {line: []string{"%"}, blocks: []block{slashStar}, quotes: []quote{double, single}}, "Fortran Free Form": {line: []string{"!"}, quotes: []quote{double, single}}, "Fortran": {line: []string{"!"}}, "Visual Basic .NET": {line: []string{"'"}, quotes: []quote{same(`"`, 0, false)}}, "VBScript": {line: []string{"'"}}, "VBA": {line: []string{"'"}},

	"SQL": sql(), "PLpgSQL": sql(), "PLSQL": sql(), "TSQL": sql(), "Lua": {line: []string{"--"}, blocks: []block{{open: "--[[", close: "]]"}}, quotes: []quote{{open: "[[", close: "]]", multi: true}, double, single}},
	"Haskell": dashes(quoteChar, double), "Elm": dashes(same(`"""`, '\\', true), double), "PureScript": dashes(double), "Idris": dashes(double), "Agda": dashes(double), "Ada": {line: []string{"--"}, quotes: []quote{double}},
	"OCaml": {blocks: []block{{open: "(*", close: "*)", nested: true}}, quotes: []quote{doubleLong}}, "F#": {line: []string{"//"}, blocks: []block{{open: "(*", close: "*)", nested: true}}, quotes: []quote{tripleRaw, doubleLong}}, "Standard ML": {blocks: []block{{open: "(*", close: "*)", nested: true}}, quotes: []quote{double}},
	"Pascal": {line: []string{"//"}, blocks: []block{{open: "{", close: "}"}, {open: "(*", close: "*)"}}, quotes: []quote{same(`'`, 0, false)}}, "Clojure": lisp(), "Common Lisp": lisp(), "Emacs Lisp": lisp(), "Scheme": lisp(), "Racket": lisp(), "Fennel": lisp(), "Assembly": {line: []string{";", "#", "//"}, blocks: []block{slashStar}},

	"HTML": html(), "XML": html(), "SVG": html(), "Maven POM": html(), "Ant Build System": html(), "XSLT": html(), "Markdown": html(), "XAML": html(), "HTML+ERB": html(), "EJS": html(), "HTML+Django": {blocks: []block{markup, {open: "{#", close: "#}"}}}, "Jinja": {blocks: []block{markup, {open: "{#", close: "#}"}}},
	"HTML+EEX": html(), "HTML+PHP": {line: []string{"//"}, blocks: []block{markup, slashStar}}, "Handlebars": {blocks: []block{{open: "{{!--", close: "--}}"}, markup}}, "Vue": scripted(), "Svelte": scripted(), "Astro": scripted(), "Java Server Pages": {blocks: []block{{open: "<%--", close: "--%>"}, markup}},
	"MDX": {blocks: []block{markup, {open: "{/*", close: "*/}"}}}, "Blade": {blocks: []block{{open: "{{--", close: "--}}"}, markup}}, "Twig": {blocks: []block{{open: "{#", close: "#}"}, markup}}, "Pug": {line: []string{"//"}}, "Haml": {line: []string{"-#"}}, "Slim": {line: []string{"/"}},
})

// indexed fills in the first bytes.
func indexed(all map[string]*syntax) map[string]*syntax {
	for _, s := range all {
		for _, start := range s.line {
			s.starts[start[0]] = true
		}
		for _, b := range s.blocks {
			s.starts[b.open[0]] = true
		}
		for _, q := range s.quotes {
			s.starts[q.open[0]] = true
		}
		if s.regexp {
			s.starts['/'] = true
		}
		if s.heredoc != "" {
			s.starts[s.heredoc[0]] = true
		}
	}
	return all
}
