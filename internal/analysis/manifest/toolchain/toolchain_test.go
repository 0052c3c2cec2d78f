package toolchain

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
)

func TestTools(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		file, content string
		want          []string
	}{
		{".nvmrc", "\n# comment\n  v22.1.0  \nmore\n", []string{"node v22.1.0 3"}},
		{".nvmrc", "lts/iron\n", []string{"node lts/iron 1"}},
		{".nvmrc", "", nil},
		{".python-version", "3.12\n3.11\n", []string{"python 3.12 1"}},
		{"runtime.txt", "python-3.12.1\n", []string{"python 3.12.1 1"}},
		{"runtime.txt", "nonsense\n", nil},
		{"rust-toolchain", "nightly-2026-01-01\n", []string{"rust nightly-2026-01-01 1"}},
		{"rust-toolchain", "[toolchain]\nchannel = \"1.80\"\n", nil},
		{".tool-versions", "nodejs 22.1.0\n# ruby 3\nterraform 1.9 # pinned\nbad\n", []string{"node 22.1.0 1", "terraform 1.9 3"}},
		{".sdkmanrc", "# x\njava=21-tem\n", []string{"java 21-tem 2"}},
		{"mise.toml", "[tools]\ngo = \"1.26\"\nnode = [\"22\", \"20\"]\npython = {version = \"3.12\"}\nempty = []\n", []string{"go 1.26 2", "node 22 3", "python 3.12 4", "empty  5"}},
		{"rust-toolchain.toml", "[toolchain]\nchannel = \"1.80\"\n", []string{"rust 1.80 2"}},
		{"Cargo.toml", "[package]\nname = \"x\"\n", nil},
		{"global.json", "{\"sdk\": {\n\"version\": \"9.0\"}}", []string{"dotnet 9.0 2"}},
		{"global.json", "{", nil},
		{"tests/.nvmrc", "22\n", nil},
	} {
		f := evidence.NewFindings()
		Read(evidence.NewTree(nil, []evidence.File{{Path: tc.file, Content: []byte(tc.content)}}), f)
		var got []string
		for _, r := range f.Requirements {
			got = append(got, fmt.Sprintf("%s %s %d", r.Tool, r.Version, r.Line))
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", tc.file, tc.content, diff)
		}
	}
}

// TestCustoms knows what every command of the table is for.
func TestCustoms(t *testing.T) {
	t.Parallel()
	for _, c := range customs {
		for _, command := range c.commands {
			if shell.For(command) == shell.Other && customPurposes[command] == shell.Other {
				t.Errorf("nobody knows what %q is for", command)
			}
		}
	}
	f := evidence.NewFindings()
	Read(evidence.NewTree([]string{"mix.exs", "sub/Cargo.toml"}, nil), f)
	if len(f.Commands) != 2 || f.Commands[1].Command.Command != "mix test" || f.Commands[1].Purpose != shell.Test {
		t.Errorf("%+v", f.Commands)
	}
}

// TestCustomsThatNeedMore runs a crate where one has a program, and makes the
// configure script where it is not there.
func TestCustomsThatNeedMore(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		paths []string
		bins  []string
		dir   string
		want  []string
	}{
		{"libraries", []string{"Cargo.toml"}, nil, "lib", []string{"cargo build", "cargo test", "cargo clippy"}},
		{"a program", []string{"Cargo.toml"}, []string{"app/src/main.rs"}, "app", []string{"cargo build", "cargo test", "cargo run", "cargo clippy"}},
		{"an example's program", []string{"Cargo.toml"}, []string{"examples/a/src/main.rs"}, "examples/a", []string{"cargo build", "cargo test", "cargo clippy"}},
		{"no configure script", []string{"configure.ac"}, nil, ".", []string{"autoreconf -fi && ./configure", "make"}},
		{"one in the tree", []string{"configure.ac", "configure"}, nil, ".", nil},
	} {
		f := evidence.NewFindings()
		f.Layout.RustCrates = []evidence.RustCrate{{Dir: tc.dir, Bins: tc.bins}}
		Read(evidence.NewTree(tc.paths, nil), f)
		var got []string
		for _, c := range f.Commands {
			got = append(got, c.Command.Command)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestMiseTasks(t *testing.T) {
	t.Parallel()
	f := evidence.NewFindings()
	Read(evidence.NewTree(nil, []evidence.File{{Path: "mise.toml", Content: []byte("[tasks.lint]\nrun = \"x\"\n[tasks.zzz]\nrun = \"y\"\n")}}), f)
	if len(f.Commands) != 1 || f.Commands[0].Command.Command != "mise run lint" || !f.Targets["mise run zzz"] {
		t.Errorf("%+v, targets %v", f.Commands, f.Targets)
	}
}
