package language

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxReferences bounds the references of one file: the most used names are
// kept, names used equally often in the order of their bytes.
const MaxReferences = 2000

// maxDoc bounds Facts.Doc, in bytes.
const maxDoc = 1000

// Names counts the names that a file uses and remembers those it declares. The
// zero value is ready. It is for one goroutine.
type Names struct {
	used     map[string]int
	declared map[string]struct{}
}

// Use counts one use of a name; it copies what it keeps.
func (n *Names) Use(name []byte) {
	if count, ok := n.used[string(name)]; ok { // this look-up does not allocate
		n.used[string(name)] = count + 1
		return
	}
	if n.used == nil {
		n.used = map[string]int{}
	}
	n.used[string(name)] = 1
}

// Declare says that the file itself declares the name, anywhere, so that its
// uses are no references to other files.
func (n *Names) Declare(name []byte) {
	if _, ok := n.declared[string(name)]; ok {
		return
	}
	if n.declared == nil {
		n.declared = map[string]struct{}{}
	}
	n.declared[string(name)] = struct{}{}
}

// References returns the names that are used and not declared, without names
// of a single character and the empty or blank one, most used first, at most
// MaxReferences.
func (n *Names) References() []Reference {
	refs := make([]Reference, 0, len(n.used))
	for name, count := range n.used {
		if _, own := n.declared[name]; own || utf8.RuneCountInString(name) < 2 {
			continue
		}
		refs = append(refs, Reference{Name: name, Count: count})
	}
	slices.SortFunc(refs, func(a, b Reference) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name))
	})
	return slices.Clip(refs[:min(len(refs), MaxReferences)])
}

// FirstParagraph returns the text up to the first empty line as one line, cut
// at 1,000 bytes between two characters. It is what Facts.Doc holds; the
// comment signs are the caller's to take away.
func FirstParagraph(text []byte) string {
	var words []string
	size := 0
	for line := range bytes.Lines(text) {
		fields := bytes.Fields(line)
		if len(fields) == 0 && len(words) > 0 {
			break
		}
		for _, field := range fields {
			words = append(words, string(field))
			size += len(field) + 1
		}
		if size > maxDoc {
			break
		}
	}
	doc := strings.ToValidUTF8(strings.Join(words, " "), "\uFFFD")
	if len(doc) <= maxDoc {
		return doc
	}
	cut := maxDoc
	for !utf8.RuneStart(doc[cut]) {
		cut--
	}
	return doc[:cut]
}
