package cargo

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
)

func read(content map[string]string, paths ...string) *evidence.Findings {
	var files []evidence.File
	for name, text := range content {
		files = append(files, evidence.File{Path: name, Content: []byte(text)})
	}
	f := evidence.NewFindings()
	Read(evidence.NewTree(paths, files), f)
	return f
}

func TestWorkspace(t *testing.T) {
	t.Parallel()
	f := read(map[string]string{
		"Cargo.toml": `[workspace]
members = ["core", "tool"]
[workspace.dependencies]
serde = { version = "1", features = ["derive"] }
shop-core = { path = "core" }
`,
		"core/Cargo.toml": `[package]
name = "shop-core"
rust-version = "1.75"
[dependencies]
serde.workspace = true
log = "0.4"
[dev-dependencies]
proptest = "1"
[target.'cfg(unix)'.dependencies]
nix = { version = "0.28", optional = true }
`,
		"tool/Cargo.toml": `[package]
name = "tool"
[lib]
name = "toolbox"
[[bin]]
name = "shop"
path = "src/start.rs"
[dependencies]
shop-core = { workspace = true }
yaml = { package = "serde_yaml", version = "0.9" }
[build-dependencies]
cc = "1"
`,
		"broken/Cargo.toml": "[package\n",
	}, "core/src/lib.rs", "tool/src/lib.rs", "tool/src/start.rs", "tool/src/main.rs", "tool/src/bin/extra.rs", "tool/src/bin/more/main.rs", "tool/src/bin/more/part.rs")
	var got []string
	for _, e := range f.External {
		got = append(got, fmt.Sprintf("%s:%d %s %s %s %v", e.Manifest, e.Line, e.Name, e.Version, e.Scope, e.Imports))
	}
	for _, e := range f.EntryPoints {
		got = append(got, fmt.Sprintf("%s %s %s", e.Kind, e.Name, e.Path))
	}
	for _, r := range f.Requirements {
		got = append(got, r.Tool+" "+r.Version)
	}
	want := []string{
		"core/Cargo.toml:5 serde 1 runtime [serde]", "core/Cargo.toml:6 log 0.4 runtime [log]", "core/Cargo.toml:8 proptest 1 test [proptest]",
		"core/Cargo.toml:10 nix 0.28 optional [nix]", "tool/Cargo.toml:10 serde_yaml 0.9 runtime [yaml]", "tool/Cargo.toml:12 cc 1 development [cc]",
		"library shop-core core/src/lib.rs", "library tool tool/src/lib.rs", "program shop tool/src/start.rs", "program tool tool/src/main.rs",
		"program extra tool/src/bin/extra.rs", "program more tool/src/bin/more/main.rs",
		"rust 1.75",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	crates := []evidence.RustCrate{
		{Name: "shop-core", Dir: "core", Import: "shop_core", Lib: "core/src/lib.rs", Dependencies: map[string]string{"serde": "serde", "log": "log", "proptest": "proptest", "nix": "nix"}},
		{
			Name: "tool", Dir: "tool", Import: "toolbox", Lib: "tool/src/lib.rs", Dependencies: map[string]string{"shop_core": "shop-core", "yaml": "serde_yaml", "cc": "cc"},
			Bins: []string{"tool/src/start.rs", "tool/src/main.rs", "tool/src/bin/extra.rs", "tool/src/bin/more/main.rs"},
		},
	}
	if diff := cmp.Diff(crates, f.Layout.RustCrates); diff != "" {
		t.Errorf("layout (-want +got):\n%s", diff)
	}
}
