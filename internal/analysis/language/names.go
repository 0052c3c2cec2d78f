package language

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxReferences bounds the references of one file: the most used names are
// kept, names used equally often in the order of their bytes.
const MaxReferences = 2000

// maxDoc bounds Facts.Doc, in bytes.
const maxDoc = 1000

// Names counts the names that a file uses and remembers those it declares. It
// copies the names that it keeps. The zero value is ready. It is for one
// goroutine.
type Names struct {
	plain   map[string]*int
	members map[string]*int
	own     map[string]struct{}
	bound   map[string]struct{}
}

// Use counts one use of a name that stands alone.
func (n *Names) Use(name []byte) { count(&n.plain, name) }

// UseMember counts one use of a name after a dot, in a field or call of
// something else.
func (n *Names) UseMember(name []byte) { count(&n.members, name) }

// Declare says that the file itself declares the name for others to see, so
// that its uses here are no references to other files.
func (n *Names) Declare(name []byte) { remember(&n.own, name) }

// Bind says that the name is a parameter, a local variable or the like. It is
// no reference where it stands alone; a member can have the same name.
func (n *Names) Bind(name []byte) { remember(&n.bound, name) }

func count(counts *map[string]*int, name []byte) {
	if c, ok := (*counts)[string(name)]; ok { // this look-up does not allocate
		*c++
		return
	}
	if *counts == nil {
		*counts = map[string]*int{}
	}
	one := 1
	(*counts)[string(name)] = &one
}

func remember(set *map[string]struct{}, name []byte) {
	if _, ok := (*set)[string(name)]; ok {
		return
	}
	if *set == nil {
		*set = map[string]struct{}{}
	}
	(*set)[string(name)] = struct{}{}
}

// References returns the names that are used and not the file's own, without
// those of a single character, most used first, at most MaxReferences.
func (n *Names) References() []Reference {
	total := make(map[string]int, len(n.plain)+len(n.members))
	for name, c := range n.plain {
		if _, bound := n.bound[name]; !bound {
			total[name] += *c
		}
	}
	for name, c := range n.members {
		total[name] += *c
	}
	refs := make([]Reference, 0, len(total))
	for name, c := range total {
		if _, own := n.own[name]; own || utf8.RuneCountInString(name) < 2 {
			continue
		}
		refs = append(refs, Reference{Name: name, Count: c})
	}
	return MostUsed(refs)
}

// MostUsed puts references in order, and cuts them to MaxReferences.
func MostUsed(refs []Reference) []Reference {
	slices.SortFunc(refs, func(a, b Reference) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name), strings.Compare(a.Of, b.Of))
	})
	return slices.Clip(refs[:min(len(refs), MaxReferences)])
}

// maxQualified bounds qualified names, in bytes. Without a bound the names of
// types nested ten thousand deep would take more memory than the file.
const maxQualified = 400

// Qualify returns scope.name, or the name after an ellipsis when the scope is
// too long to repeat.
func Qualify(scope, name string) string {
	switch {
	case scope == "":
		return name
	case len(scope)+len(name) > maxQualified:
		return "…." + name
	}
	return scope + "." + name
}

// FirstParagraph returns the text up to the first empty line as one line, cut
// at 1,000 bytes between two characters. It is what Facts.Doc holds; the
// comment signs are the caller's to take away. A line that is nothing but a tag
// of version control ($Id: …$) counts as empty.
func FirstParagraph(text []byte) string {
	var words []string
	size := 0
	for line := range bytes.Lines(text) {
		fields := bytes.Fields(line)
		if isTag(line) {
			fields = nil
		}
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

// isTag reports whether a line is a keyword of RCS or CVS and what they wrote
// after it: $Id$, $OpenBSD: a.c,v 1.2 … $.
func isTag(line []byte) bool {
	text, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("$"))
	text, ok2 := bytes.CutSuffix(text, []byte("$"))
	if !ok || !ok2 || bytes.IndexByte(text, '$') >= 0 {
		return false
	}
	word, _, _ := bytes.Cut(text, []byte(":"))
	return len(word) > 0 && bytes.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}
