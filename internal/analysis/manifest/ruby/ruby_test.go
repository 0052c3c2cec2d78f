package ruby_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/ruby"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

const gemfile = `source "https://rubygems.org"
ruby "3.3.0"
gemspec
gem "rails", "~> 7.1", ">= 7.1.2"
gem 'oj', require: false
gem "aws-sdk-s3", require: "aws/s3"
gem "ours", path: "engines/ours"
# gem "commented"
group :development, :test do
  gem "rspec-rails", "~> 6.0"
  platforms :mri do
    gem "debug"
  end
end
group :test do
  gem "webmock"
end
gem "rubocop", group: :development
gem "puma"
`

const gemspec = `Gem::Specification.new do |spec|
  spec.name = "acme-kit"
  spec.required_ruby_version = ">= 3.1"
  spec.add_dependency "rack", "~> 3.0"
  spec.add_development_dependency("rake")
end
`

// TestRead reads groups, constraints, gems of the tree and entry points.
func TestRead(t *testing.T) {
	t.Parallel()
	tree := evidence.NewTree([]string{"Gemfile", "acme-kit.gemspec", "lib/acme/kit.rb", "exe/kit", "bin/rails", "bin/setup", "spec/a_spec.rb", "config.ru"}, []evidence.File{
		{Path: "Gemfile", Content: []byte(gemfile)}, {Path: "acme-kit.gemspec", Content: []byte(gemspec)},
	})
	f := evidence.NewFindings()
	ruby.Read(tree, f)
	gem := func(name, version, scope, manifest string, line int, imports ...string) report.External {
		return report.External{Ecosystem: "rubygems", Name: name, Version: version, Scope: scope, Manifest: manifest, Line: line, Imports: imports}
	}
	want := []report.External{
		gem("rack", "~> 3.0", "runtime", "acme-kit.gemspec", 4), gem("rake", "", "development", "acme-kit.gemspec", 5),
		gem("rails", "~> 7.1", "runtime", "Gemfile", 4), gem("oj", "", "runtime", "Gemfile", 5),
		gem("aws-sdk-s3", "", "runtime", "Gemfile", 6, "aws/s3"), gem("rspec-rails", "~> 6.0", "development", "Gemfile", 10),
		gem("debug", "", "development", "Gemfile", 12), gem("webmock", "", "test", "Gemfile", 16),
		gem("rubocop", "", "development", "Gemfile", 18), gem("puma", "", "runtime", "Gemfile", 19),
	}
	if diff := cmp.Diff(want, f.External); diff != "" {
		t.Errorf("dependencies (-want +got):\n%s", diff)
	}
	var entries, commands []string
	for _, e := range f.EntryPoints {
		entries = append(entries, e.Kind+" "+e.Path)
	}
	for _, c := range f.Commands {
		commands = append(commands, c.Command.Command)
	}
	if diff := cmp.Diff([]string{"library lib/acme/kit.rb", "program exe/kit", "program config.ru"}, entries); diff != "" {
		t.Errorf("entry points (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"bin/setup", "bin/rails db:prepare", "bin/rails server", "bundle exec rspec"}, commands); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]evidence.RubyProject{{Name: "acme-kit", Dir: "."}}, f.Layout.RubyProjects); diff != "" {
		t.Errorf("layout (-want +got):\n%s", diff)
	}
}
