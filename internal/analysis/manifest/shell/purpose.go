// Package shell reads shell commands: which lines of a script stand for
// themselves, and what a command is for. It is pure and imports no other
// package of the product.
package shell

import (
	"slices"
	"strings"
	"unicode"
)

// Purpose is what a command is for.
type Purpose uint8

// The purposes. The zero value is a command that none of the others covers.
const (
	Other Purpose = iota
	Setup
	Build
	Run
	Test
	Lint
)

// words are the words that tell what a target, script or file named with them
// is for.
var words = []struct {
	purpose Purpose
	words   []string
}{
	{Lint, []string{"lint", "linter", "lints", "linting", "fmt", "format", "fix", "vet", "typecheck", "types", "style", "codestyle", "mypy", "pylint", "ruff", "flake8", "eslint", "prettier", "checkstyle", "spotless", "stylecheck", "precommit", "clippy", "rubocop", "tsc", "typing", "isort", "spellcheck", "spelling"}},
	{Test, []string{"test", "tests", "testing", "unittest", "unittests", "unit", "pytest", "jest", "vitest", "mocha", "spec", "specs", "e2e", "integration", "coverage", "cov", "cover", "tox", "runtests"}},
	{Run, []string{"run", "serve", "server", "start", "dev", "runserver", "watch", "up", "console", "debug", "demo", "web", "app"}},
	{Setup, []string{"setup", "install", "bootstrap", "init", "deps", "dep", "dependencies", "develop", "venv", "virtualenv", "configure", "requirements", "prepare", "tools", "migrate", "env"}},
	{Build, []string{"build", "compile", "dist", "bundle", "package", "assemble", "binary", "wheel", "image"}},
}

// aside are words of work that is not a newcomer's: naming it would only hide
// the commands that matter.
var aside = []string{
	"clean", "deploy", "release", "publish", "push", "uninstall", "upload", "help", "changelog", "version", "bump", "distclean", "mostlyclean",
	"benchmark", "bench", "docs", "doc", "documentation", "translations", "locale", "stop", "down", "tag", "sync", "update", "upgrade", "clone",
	"notify", "slack", "backup", "restore", "destroy", "teardown", "reset", "drop", "wipe", "prepublish", "prepublishonly", "postinstall", "preinstall", "postpublish",
	"prepack", "postpack", "preversion", "postversion", "codecov", "coveralls", "sponsor", "sponsors", "label", "labels",
}

// verifies are first words of what looks at something and makes nothing.
var verifies = []string{"verify", "validate", "check"}

// makes are first words of what makes or brings something.
var makes = []string{"gen", "generate", "create", "mk", "make", "download", "fetch", "seed", "write"}

// ForName says what a target, script or file with this name is for, and how
// sure that is, 0–1: "test" leaves no doubt, "ci-test-all-slow" leaves some.
func ForName(name string) (purpose Purpose, sure float64) {
	parts := split(name)
	if len(parts) == 0 || IsAside(name) {
		return Other, 0
	}
	if parts[0] == "with" {
		return Other, 0 // "with:env" starts what is named after it
	}
	purposes := make([]Purpose, len(parts))
	for i, part := range parts {
		purposes[i] = wordPurpose(part)
	}
	if len(parts) > 1 && slices.Contains(verifies, parts[0]) && !slices.Contains(purposes, Test) {
		return Lint, 0.7 // "verify_dependencies" installs nothing
	}
	if last := parts[len(parts)-1]; last == "deps" || last == "dependencies" || last == "requirements" {
		return Setup, 0.9 // "test-deps" installs, it does not test
	}
	at := decide(purposes)
	if at < 0 {
		return forCheck(parts)
	}
	if len(parts) == 1 {
		return purposes[0], 1
	}
	if slices.Contains(makes, parts[0]) && purposes[at] == Test {
		return Setup, 0.6 // "gen-test-certs" makes what tests need, it does not test
	}
	sure = 0.8
	if at == 0 {
		sure = 0.9
	}
	return purposes[at], max(0.5, sure-0.05*float64(len(parts)-1))
}

// forCheck reads the word that build tools use for testing and people for
// linting: alone it is a test, as GNU's and Gradle's check are; "check-format"
// and "spelling-check" look at the source.
func forCheck(parts []string) (Purpose, float64) {
	switch {
	case len(parts) == 1 && parts[0] == "all":
		return Build, 0.9
	case !slices.Contains(parts, "check"):
		return Other, 0
	case len(parts) == 1:
		return Test, 0.9
	}
	return Lint, 0.7
}

// decide picks the word that decides: a first word of setup ("install-lint"
// sets up), then a word of lint or test wherever it stands ("build-and-test"
// tests), then the first word that says anything.
func decide(purposes []Purpose) int {
	if purposes[0] == Setup {
		return 0
	}
	for _, p := range []Purpose{Lint, Test} {
		if i := slices.Index(purposes, p); i >= 0 {
			return i
		}
	}
	// "run-build" and "dev-setup" are named for their second word.
	return slices.IndexFunc(purposes, func(p Purpose) bool {
		return p != Other && (p != Run || !slices.Contains(purposes, Build) && !slices.Contains(purposes, Setup))
	})
}

func wordPurpose(word string) Purpose {
	for _, group := range words {
		if slices.Contains(group.words, word) {
			return group.purpose
		}
	}
	return Other
}

// split cuts a name into lower-case words at punctuation and at a capital
// letter after a small one.
func split(name string) []string {
	var parts []string
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			parts = append(parts, strings.ToLower(word.String()))
			word.Reset()
		}
	}
	small := false
	for _, r := range name {
		if len(parts) > 16 {
			break
		}
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
		case unicode.IsUpper(r) && small:
			flush()
			word.WriteRune(r)
		default:
			word.WriteRune(r)
		}
		small = unicode.IsLower(r)
	}
	flush()
	return parts
}

// IsAside reports whether a name is of work that is not a newcomer's, such as
// a release.
func IsAside(name string) bool {
	return slices.ContainsFunc(split(name), func(word string) bool { return slices.Contains(aside, word) })
}
