// Package source says what one file of a tree is: its language, whether it is
// analysed and if not why, its lines of code, comment and blank, whether it is
// a test. It looks at path and content alone. It is pure; it may import the
// root package, analysis/report and analysis/language.
package source

import (
	"bytes"
	"path"
	"strings"

	"github.com/go-enry/go-enry/v2"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Version changes whenever the facts of an unchanged file would. It is part of
// the key under which facts are cached.
const Version = "source/7"

// The kinds of languages, as Linguist sorts them.
const (
	KindProgramming = "programming"
	KindMarkup      = "markup"
	KindData        = "data"
	KindProse       = "prose"
)

// File is one file of the tree and what was read from it.
type File struct {
	rampforge.TreeFile

	Language      string // Linguist's name, "" when none is known
	Kind          string
	Lines         report.Lines
	Skip          report.SkipReason // "" when the file is analysed
	Test          bool              // it tests, or exists for tests only
	TestData      bool              // tests read it; it is not a part of them
	Documentation bool              // in Linguist's sense, examples included; false for what is not read
	Facts         *language.Facts   // nil when no parser read it
}

// Analysed reports whether the file counts: a file that could not be parsed
// does, without its functions.
func (f *File) Analysed() bool { return f.Skip == "" || f.Skip == report.SkipParseFailed }

// Code reports whether the file is analysed and written in a programming
// language.
func (f *File) Code() bool { return f.Analysed() && f.Kind == KindProgramming }

// ByPath decides what path, mode and size already tell. A file whose Skip it
// sets need not be read.
func ByPath(t rampforge.TreeFile, attributes *Attributes, maxBytes int64) File {
	f := File{TreeFile: t}
	f.Test, f.TestData = IsTest(t.Path), isTestData(t.Path)
	switch {
	case t.Mode == rampforge.ModeSymlink:
		f.Skip = report.SkipSymlink
	case t.Mode == rampforge.ModeSubmodule:
		f.Skip = report.SkipSubmodule
	case attributes.vendored(t.Path):
		f.Skip = report.SkipVendored
	case t.Size < 0:
		f.Skip = report.SkipMissing
	case binaryExtensions[strings.ToLower(path.Ext(t.Path))]:
		f.Skip = report.SkipBinary
	case t.Size > maxBytes:
		f.Skip = report.SkipTooLarge
	case attributes.generatedByName(t.Path):
		f.Skip = report.SkipGenerated
	default:
		f.Documentation = attributes.documentation(t.Path)
	}
	return f
}

// binaryExtensions spare the reading of what is never text.
var binaryExtensions = map[string]bool{
	".png": true, ".jpg": true, ".jpeg": true, ".gif": true, ".ico": true, ".webp": true, ".bmp": true, ".tiff": true, ".psd": true, ".avif": true, ".icns": true,
	".woff": true, ".woff2": true, ".ttf": true, ".otf": true, ".eot": true, ".mp3": true, ".mp4": true, ".mov": true, ".webm": true, ".ogg": true, ".wav": true, ".flac": true,
	".zip": true, ".gz": true, ".tgz": true, ".bz2": true, ".xz": true, ".7z": true, ".rar": true, ".jar": true, ".war": true, ".class": true, ".pyc": true, ".whl": true,
	".exe": true, ".dll": true, ".so": true, ".dylib": true, ".wasm": true, ".pdf": true, ".docx": true, ".xls": true, ".xlsx": true, ".pptx": true,
	".sqlite": true, ".parquet": true, ".npy": true, ".onnx": true, ".keystore": true, ".p12": true,
}

// Read says what a file is, once its content is known. content is nil when the
// clone lacks the object; it is not kept. Text in UTF-16 counts as binary, as
// in git itself; bytes that are no UTF-8 are text all the same.
func Read(f File, content []byte, attributes *Attributes) File {
	switch {
	case content == nil:
		f.Skip = report.SkipMissing
	case isLFSPointer(content):
		f.Skip = report.SkipLFS
	case enry.IsBinary(content):
		f.Skip = report.SkipBinary
	default:
		f.readText(content, attributes)
	}
	return f
}

func (f *File) readText(content []byte, attributes *Attributes) {
	f.Language = attributes.language(f.Path)
	if f.Language == "" {
		f.Language = detect(f.Path, content)
	}
	if f.Language == "" {
		f.Skip = report.SkipUnknown
		return
	}
	f.Kind = kindOf(f.Language)
	switch {
	case isMinified(f.Path, content):
		f.Skip = report.SkipMinified
	case attributes.generated(f.Path, content):
		f.Skip = report.SkipGenerated
	default:
		f.Lines = Count(f.Language, content)
	}
}

func kindOf(name string) string {
	switch enry.GetLanguageType(name) {
	case enry.Programming:
		return KindProgramming
	case enry.Markup:
		return KindMarkup
	case enry.Prose:
		return KindProse
	default:
		return KindData
	}
}

// detect is Linguist's order of strategies. The classifier and the search for
// editor modelines are slow, so a name that can mean one language only decides
// at once when the content has nothing that looks like a modeline.
func detect(filePath string, content []byte) string {
	name := path.Base(filePath)
	if !mayHoldModeline(content) {
		if lang, safe := enry.GetLanguageByFilename(name); safe {
			return lang
		}
		if lang, safe := enry.GetLanguageByExtension(name); safe {
			return lang
		}
	}
	return enry.GetLanguage(name, content)
}

// modelineSpan is how far from either end a modeline can lie that Linguist
// would find: it looks at the first and the last five lines.
const modelineSpan = 512

func mayHoldModeline(content []byte) bool {
	has := func(part []byte) bool {
		return bytes.Contains(part, []byte("-*-")) || bytes.Contains(part, []byte("vim:")) || bytes.Contains(part, []byte("vi:")) || bytes.Contains(part, []byte("ex:"))
	}
	n := len(content)
	return has(content[:min(n, modelineSpan)]) || has(content[max(0, n-modelineSpan):])
}

func isLFSPointer(content []byte) bool {
	return len(content) < 1024 && bytes.HasPrefix(content, []byte("version https://git-lfs.github.com/spec/"))
}

// The bounds of code that people read, in bytes.
const (
	minifiedAverage  = 110   // of a line: Linguist's sign of a minifier, for JavaScript and CSS
	minifiedLongest  = 5_000 // of one line that holds most of the file
	minifiedSmallest = 1_024 // a shorter file is read as it is
)

// minifiable are the endings of what is made small, and whether long lines
// alone are the sign of it: markup and typed code have such by hand.
var minifiable = map[string]bool{".js": true, ".mjs": true, ".cjs": true, ".css": true, ".html": false, ".ts": false}

// isMinified reports whether a program made a script or style sheet small.
// Data is often one line and stays what it is.
func isMinified(filePath string, content []byte) bool {
	name := strings.ToLower(path.Base(filePath))
	ext := path.Ext(name)
	dense, minifiable := minifiable[ext]
	if !minifiable {
		return false
	}
	if strings.HasSuffix(name, ".min"+ext) {
		return true
	}
	if len(content) < minifiedSmallest {
		return false
	}
	if dense && len(content)/(bytes.Count(content, []byte("\n"))+1) > minifiedAverage {
		return true
	}
	longest := longestLine(content)
	return longest > minifiedLongest && longest > len(content)/2
}

func longestLine(content []byte) int {
	longest := 0
	for len(content) > 0 {
		end := bytes.IndexByte(content, '\n')
		if end < 0 {
			end = len(content)
		}
		longest = max(longest, end)
		content = content[min(len(content), end+1):]
	}
	return longest
}

// IsCodeByName reports whether a file's name alone is that of a programming
// language, for files that are gone.
func IsCodeByName(filePath string) bool {
	name := path.Base(filePath)
	lang, _ := enry.GetLanguageByExtension(name)
	if lang == "" {
		lang, _ = enry.GetLanguageByFilename(name)
	}
	return lang != "" && kindOf(lang) == KindProgramming
}
