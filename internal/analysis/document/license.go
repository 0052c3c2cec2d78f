package document

import (
	"crypto/sha256"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/google/licensecheck"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// sureLicense is the share of a file that must be the text of a known licence,
// in percent. What is added below, such as the licences of bundled code, may
// take the rest.
const sureLicense = 60

// spdxTag names a licence in a comment or text.
var spdxTag = lazyregexp.New(`SPDX-License-Identifier:\s*([A-Za-z0-9.+() -]+)`)

// license is the SPDX expression of the repository's licence: from the licence
// files, else from what a manifest or the README declares. Nil when unsure.
func license(t *evidence.Tree, memory Memory) *string {
	var found []string
	files := 0
	for _, p := range t.Kept() {
		if roleOf(p) != roleLicense || files >= maxLicenses {
			continue
		}
		files++
		if id := remembered(t.Content(p), memory); id != "" && !slices.Contains(found, id) {
			found = append(found, id)
		}
	}
	slices.Sort(found)
	switch {
	case len(found) == 1:
		return &found[0]
	case len(found) > 1:
		return choice(found)
	}
	return declared(t)
}

// choice is the expression for several licence files. The LGPL is written as
// an addition to the GPL, so both files are one licence; two others are a
// choice only by the custom of naming one file for each.
func choice(found []string) *string {
	for _, id := range found {
		if strings.HasPrefix(id, "LGPL-") && len(found) == 2 && slices.ContainsFunc(found, func(s string) bool { return strings.HasPrefix(s, "GPL-") }) {
			return &id
		}
	}
	if len(found) > 2 {
		return nil
	}
	expression := strings.Join(found, " OR ")
	return &expression
}

// licenses is the version of what licenseOf answers, and to be raised with it.
const licenses = "licences 1\x00"

// licenseEnd ends what is kept, which may be cut.
const licenseEnd = "\n"

// remembered is licenseOf, looked up where it can be: to prepare the texts of
// the licences takes longer than reading all documents.
func remembered(content []byte, memory Memory) string {
	if memory == nil || len(content) == 0 {
		return licenseOf(content)
	}
	sum := sha256.Sum256(content)
	key := licenses + string(sum[:])
	if kept, ok := memory.Get(key); ok {
		if id, whole := strings.CutSuffix(string(kept), licenseEnd); whole {
			return id
		}
	}
	id := licenseOf(content)
	memory.Put(key, []byte(id+licenseEnd))
	return id
}

// licenseOf is the licence whose text makes up a file, "" when unsure.
func licenseOf(content []byte) string {
	if len(content) == 0 {
		return ""
	}
	if m := spdxTag.FindSubmatch(content); m != nil && len(content) < 1000 {
		return spdx(string(m[1]))
	}
	coverage := scanner().Scan(content)
	sizes := map[string]int{}
	for _, m := range coverage.Match {
		if !m.IsURL {
			sizes[m.ID] += m.End - m.Start
		}
	}
	best := ""
	for _, id := range slices.Sorted(maps.Keys(sizes)) {
		if best == "" || sizes[id] > sizes[best] {
			best = id
		}
	}
	switch {
	case best == "" || sizes[best]*100 < len(content)*sureLicense:
		return ""
	// Two whole licences in one file: which rules what is not ours to say.
	case sizes[best]*10 < total(sizes)*7:
		return ""
	}
	return best
}

func total(sizes map[string]int) int {
	sum := 0
	for _, n := range sizes {
		sum += n
	}
	return sum
}

// declared is the licence that a manifest or the README names.
func declared(t *evidence.Tree) *string {
	for _, candidate := range []string{manifestLicense(t), readmeLicense(t)} {
		if candidate != "" {
			return &candidate
		}
	}
	return nil
}

func manifestLicense(t *evidence.Tree) string {
	if doc, err := syntax.JSON(t.Content("package.json")); err == nil {
		if id := spdx(doc.Get("license").String()); id != "" {
			return id
		}
		if id := spdx(doc.Get("license", "type").String()); id != "" {
			return id
		}
	}
	if doc, err := syntax.TOML(t.Content("Cargo.toml")); err == nil {
		if id := spdx(doc.Get("package", "license").String()); id != "" {
			return id
		}
	}
	doc, err := syntax.TOML(t.Content("pyproject.toml"))
	if err != nil {
		return ""
	}
	for _, n := range []*syntax.Node{doc.Get("project", "license"), doc.Get("project", "license", "text"), doc.Get("tool", "poetry", "license")} {
		if id := spdx(n.String()); id != "" {
			return id
		}
	}
	return ""
}

func readmeLicense(t *evidence.Tree) string {
	if m := spdxTag.FindSubmatch(t.Content(bestReadme(t))); m != nil {
		return spdx(string(m[1]))
	}
	return ""
}

// common are the licences whose texts are recognised. The whole of SPDX takes
// seconds to prepare; these are nearly all that repositories have.
var common = lazyregexp.New(`^(MIT|MIT-0|X11|Apache-(1\.1|2\.0)|BSD-(1|2|3|4)-Clause|0BSD|ISC|(GPL|LGPL)-(2\.0|2\.1|3\.0)|AGPL-3\.0|MPL-(1\.1|2\.0)|EPL-(1|2)\.0|CDDL-1\.0|Unlicense|CC0-1\.0|CC-BY-(SA-)?4\.0|Zlib|BSL-1\.0|Artistic-2\.0|WTFPL|PostgreSQL|Python-2\.0|EUPL-1\.2|OFL-1\.1|MS-PL|NCSA|UPL-1\.0|BlueOak-1\.0\.0|SSPL-1\.0|BUSL-1\.1|PHP-3\.01|curl|HPND|Ruby|Vim)$`)

var scanner = sync.OnceValue(func() *licensecheck.Scanner {
	var chosen []licensecheck.License
	for _, l := range licensecheck.BuiltinLicenses() {
		if common.MatchString(l.ID) {
			chosen = append(chosen, l)
		}
	}
	made, err := licensecheck.NewScanner(chosen)
	if err != nil {
		panic("the built-in licence texts do not compile: " + err.Error()) // a fault of the library, found by any test
	}
	return made
})

// identifiers are the licences that are known by their id.
var identifiers = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for _, l := range licensecheck.BuiltinLicenses() {
		known[l.ID] = true
	}
	return known
})

// spdx is an SPDX expression whose every licence is known, "" for any other
// text: "see LICENSE" is no licence.
func spdx(expression string) string {
	expression, _, _ = strings.Cut(expression, " --") // the end of a comment in HTML
	expression = strings.Join(strings.Fields(expression), " ")
	if expression == "" || len(expression) > 100 {
		return ""
	}
	words := strings.Fields(strings.NewReplacer("(", " ", ")", " ").Replace(expression))
	if len(words)%2 == 0 {
		return ""
	}
	for i, w := range words {
		operator := w == "OR" || w == "AND" || w == "WITH"
		if operator != (i%2 == 1) {
			return ""
		}
		id := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(w, "+"), "-only"), "-or-later")
		if !operator && !identifiers()[id] && !identifiers()[w] && words[max(i-1, 0)] != "WITH" {
			return ""
		}
	}
	return expression
}
