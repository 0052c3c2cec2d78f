package php_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/php"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

const composer = `{
  "name": "acme/shop",
  "require": {
    "php": ">=8.2",
    "ext-json": "*",
    "acme/kit": "*",
    "odd/name": "^1.0"
  },
  "require-dev": {"phpunit/phpunit": "^11", "acme/tool": "^2"},
  "autoload": {"psr-4": {"App\\": "src/", "Gen\\": ["a/", "../out"]}},
  "autoload-dev": {"psr-4": {"Tests\\": "tests"}},
  "scripts": {"test": "phpunit", "post-install-cmd": "x", "lint": ["a", "b"]},
  "bin": ["bin/shop"]
}`

const lock = `{
  "packages": [{"name": "odd/name", "version": "1.2.0", "license": ["MIT", "GPL-2.0"], "autoload": {"psr-4": {"Quite\\Other\\": "src/"}}}],
  "packages-dev": []
}`

// TestRead reads dependencies with what the lock file says of them, the folders
// of namespaces and commands.
func TestRead(t *testing.T) {
	t.Parallel()
	tree := evidence.NewTree([]string{"composer.json", "composer.lock", "kit/composer.json", "bin/shop", "public/index.php", "phpunit.xml.dist", "artisan"}, []evidence.File{
		{Path: "composer.json", Content: []byte(composer)}, {Path: "composer.lock", Content: []byte(lock)},
		{Path: "kit/composer.json", Content: []byte(`{"name": "acme/kit", "autoload": {"psr-4": {"Kit\\": ""}}}`)},
	})
	f := evidence.NewFindings()
	php.Read(tree, f)
	license := "MIT OR GPL-2.0"
	want := []report.External{
		{Ecosystem: "composer", Name: "odd/name", Version: "^1.0", Scope: "runtime", Manifest: "composer.json", Line: 7, License: &license, Imports: []string{`Quite\Other`}},
		{Ecosystem: "composer", Name: "phpunit/phpunit", Version: "^11", Scope: "test", Manifest: "composer.json", Line: 9},
		{Ecosystem: "composer", Name: "acme/tool", Version: "^2", Scope: "development", Manifest: "composer.json", Line: 9},
	}
	if diff := cmp.Diff(want, f.External); diff != "" {
		t.Errorf("dependencies (-want +got):\n%s", diff)
	}
	layout := []evidence.ComposerPackage{
		{Name: "acme/shop", Dir: ".", PSR4: map[string][]string{`App\`: {"src"}, `Gen\`: {"a"}, `Tests\`: {"tests"}}},
		{Name: "acme/kit", Dir: "kit", PSR4: map[string][]string{`Kit\`: {"kit"}}},
	}
	if diff := cmp.Diff(layout, f.Layout.ComposerPackages); diff != "" {
		t.Errorf("layout (-want +got):\n%s", diff)
	}
	var commands []string
	for _, c := range f.Commands {
		commands = append(commands, c.Command.Command)
	}
	if diff := cmp.Diff([]string{"composer test", "composer lint", "php artisan migrate", "php artisan serve", "vendor/bin/phpunit"}, commands); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

// TestBroken reads files that are no JSON.
func TestBroken(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"", "{", "[]", `{"require": []}`, `{"require": {"a/b": 1}, "autoload": {"psr-4": 5}}`, "\xff"} {
		tree := evidence.NewTree(nil, []evidence.File{{Path: "composer.json", Content: []byte(content)}, {Path: "composer.lock", Content: []byte(content)}})
		php.Read(tree, evidence.NewFindings())
	}
}
