package node

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
)

func TestExports(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		exports string
		want    map[string]string
	}{
		"one file":                  {`"./a.js"`, map[string]string{".": "a.js"}},
		"conditions of the package": {`{"require": "./a.cjs", "import": "./a.mjs"}`, map[string]string{".": "a.mjs"}},
		"default before require":    {`{"require": "./a.cjs", "default": "./a.js"}`, map[string]string{".": "a.js"}},
		"types last":                {`{".": {"types": "./a.d.ts", "require": "./a.cjs"}}`, map[string]string{".": "a.cjs"}},
		"types when nothing else":   {`{".": {"types": "./a.d.ts"}}`, map[string]string{".": "a.d.ts"}},
		"a condition nobody knows":  {`{".": {"workerd": "./a.js"}}`, map[string]string{".": "a.js"}},
		"nested":                    {`{".": {"node": {"import": "./n.mjs"}, "import": {"types": "./t.d.ts", "default": "./d.mjs"}}}`, map[string]string{".": "d.mjs"}},
		"the first of a list":       {`{".": [{"import": null}, "./b.js", "./c.js"]}`, map[string]string{".": "b.js"}},
		"patterns":                  {`{"./*": "./src/*.js", "./x/*.css": "./x/*.css"}`, map[string]string{"./*": "src/*.js", "./x/*.css": "x/*.css"}},
		"closed by null":            {`{"./a": "./a.js", "./b": null}`, map[string]string{"./a": "a.js"}},
		"out of the package":        {`{"./a": "../a.js", "./b": "/b.js"}`, map[string]string{}},
		"nothing":                   {`null`, map[string]string{}},
		"what is no target":         {`{".": 1, "./a": true}`, map[string]string{}},
		"deeper than anybody nests": {strings.Repeat(`{"import":`, 40) + `"./a.js"` + strings.Repeat("}", 40), map[string]string{}},
	} {
		doc, err := syntax.JSON([]byte(tc.exports))
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(tc.want, exports(doc)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestManager tells the package manager by the files around a package.
func TestManager(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"npm by default", map[string]string{"package.json": `{"scripts": {"build": "x", "test": "y"}}`}, []string{"npm install", "npm run build", "npm test"}},
		{"npm with a lock", map[string]string{"package.json": `{"scripts": {"start": "x"}}`, "package-lock.json": ""}, []string{"npm ci", "npm start"}},
		{"yarn", map[string]string{"package.json": `{"scripts": {"build": "x", "test": "y"}}`, "yarn.lock": ""}, []string{"yarn install", "yarn build", "yarn test"}},
		{"pnpm", map[string]string{"package.json": `{"scripts": {"build": "x"}}`, "pnpm-lock.yaml": "", "yarn.lock": ""}, []string{"pnpm install", "pnpm run build"}},
		{"bun runs its own tests by another name", map[string]string{"package.json": `{"scripts": {"test": "x"}}`, "bun.lock": ""}, []string{"bun install", "bun run test"}},
		{"the field wins", map[string]string{"package.json": `{"packageManager": "yarn@4.1.0", "scripts": {"build": "x"}}`, "package-lock.json": ""}, []string{"yarn install", "yarn build"}},
		{"a member of a workspace", map[string]string{"yarn.lock": "", "web/package.json": `{"scripts": {"build": "x"}}`}, []string{"cd web && yarn build"}},
		{"an application beside others", map[string]string{"web/package.json": `{"scripts": {"build": "x"}}`, "web/pnpm-lock.yaml": ""}, []string{"cd web && pnpm install", "cd web && pnpm run build"}},
		{"hooks run by themselves", map[string]string{"package.json": `{"scripts": {"prebuild": "a", "build": "b", "postbuild": "c", "prepare": "husky"}}`}, []string{"npm install", "npm run build"}},
		{"no tests yet", map[string]string{"package.json": `{"scripts": {"test": "echo \"Error: no test specified\" && exit 1", "lint": ""}}`}, []string{"npm install"}},
		{"names that need quoting", map[string]string{"package.json": `{"scripts": {"test $(x)": "a", "test;b": "c"}}`}, []string{"npm install"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := read(tc.files)
			var got []string
			for _, c := range f.Commands {
				got = append(got, c.Command.Command)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func read(content map[string]string) *evidence.Findings {
	var files []evidence.File
	for name, text := range content {
		files = append(files, evidence.File{Path: name, Content: []byte(text)})
	}
	f := evidence.NewFindings()
	Read(evidence.NewTree(nil, files), f)
	return f
}

// TestPurposeByContent reads what a script does when its name says nothing.
func TestPurposeByContent(t *testing.T) {
	t.Parallel()
	for script, want := range map[[2]string]shell.Purpose{
		{"ts", "tsc --noEmit"}: shell.Lint, {"go", "vite"}: shell.Run, {"unit", "jest"}: shell.Test, {"zzz", "frobnicate"}: shell.Other,
		{"release", "vitest && npm publish"}: shell.Other, {"test", "frobnicate"}: shell.Test,
	} {
		if got, _ := (pkg{}).purpose(script[0], script[1]); got != want {
			t.Errorf("%v is %v, want %v", script, got, want)
		}
	}
}

// TestSourceOf finds the source of what a build writes.
func TestSourceOf(t *testing.T) {
	t.Parallel()
	tree := evidence.NewTree([]string{"p/src/index.ts", "p/src/cli.mts", "p/bin/x.js", "p/lib/index.js", "p/src/node/deep.ts", "top.js"}, nil)
	for target, want := range map[string]string{
		"./bin/x.js": "p/bin/x.js", "bin/x": "p/bin/x.js", "lib": "p/lib/index.js", "dist/index.js": "p/src/index.ts", "dist/index.d.ts": "p/src/index.ts", "dist/cli.mjs": "p/src/cli.mts",
		"dist/esm/index.js": "p/src/index.ts", "dist/node/deep.js": "p/src/node/deep.ts", "other/index.js": "", "../top.js": "", "": "", "dist/gone.js": "",
	} {
		if got := sourceOf(tree, "p", target); got != want {
			t.Errorf("%q comes from %q, want %q", target, got, want)
		}
	}
}

func TestScriptFile(t *testing.T) {
	t.Parallel()
	tree := evidence.NewTree([]string{"server.js", "src/app.ts", "tsconfig.json", "server/tsconfig.json", "server/index.ts", "hook.js", "config.json", "gone.json"}, nil)
	for script, want := range map[string]string{
		"node server.js": "server.js", "NODE_ENV=x node --inspect ./server": "server.js", "nodemon src/app.ts": "src/app.ts", "tsx watch src/app.ts": "src/app.ts",
		"vite": "", "node": "", "node gone.js": "",
		"ts-node --project server/tsconfig.json server/index.ts start": "server/index.ts", "node -r ./hook.js server.js": "server.js", "node --strange config.json server.js": "server.js",
		"nodemon --watch src --exec \"ts-node src/app.ts\"": "src/app.ts", "node --watch server.js": "server.js", "node gone.js server.js": "", "node config.json": "", "node --version && vite": "",
		"node --env-file=.env gone.js server.js": "",
	} {
		if got := scriptFile(tree, ".", script); got != want {
			t.Errorf("%q starts %q, want %q", script, got, want)
		}
	}
}

// TestFrameworkEntries finds programs that no script names by their files.
func TestFrameworkEntries(t *testing.T) {
	t.Parallel()
	const nest = `{"scripts": {"dev": "nest start --watch"}}`
	const nx = `{"name": "shop", "projectType": "application", "targets": {"build": {"options": {"main": "apps/shop/src/main.ts"}}}}`
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"Nest by default", map[string]string{"package.json": nest, "src/main.ts": ""}, []string{"src/main.ts program script dev"}},
		{"Nest as its file says", map[string]string{"api/package.json": nest, "api/nest-cli.json": `{"sourceRoot": "lib", "entryFile": "boot/start"}`, "api/lib/boot/start.ts": "", "api/src/main.ts": ""}, []string{"api/lib/boot/start.ts program script dev"}},
		{"Nest without the file that it starts", map[string]string{"package.json": nest, "nest-cli.json": `{"sourceRoot": "../x"}`, "src/main.ts": ""}, nil},
		{"Nest with several programs", map[string]string{"package.json": `{"scripts": {"start": "nest start", "start:dev": "nest start --watch", "worker": "nest start mail"}}`, "nest-cli.json": `{"sourceRoot": "apps/web/src", "projects": {"mail": {"sourceRoot": "apps/mail/src"}}}`, "apps/web/src/main.ts": "", "apps/mail/src/main.ts": ""}, []string{"apps/web/src/main.ts program script start", "apps/mail/src/main.ts program script worker"}},
		{"no Nest", map[string]string{"package.json": `{"scripts": {"build": "nest build"}}`, "src/main.ts": ""}, nil},
		{"an application of Nx", map[string]string{"apps/shop/project.json": nx, "apps/shop/src/main.ts": ""}, []string{"apps/shop/src/main.ts program shop"}},
		{"a workspace of Nx in a folder", map[string]string{"web/nx.json": "", "web/apps/shop/project.json": nx, "web/apps/shop/src/main.ts": ""}, []string{"web/apps/shop/src/main.ts program shop"}},
		{"a library of Nx", map[string]string{"apps/shop/project.json": strings.Replace(nx, "application", "library", 1), "apps/shop/src/main.ts": ""}, nil},
		{"another tool's project.json", map[string]string{"project.json": `{"projectType": ["x"], "targets": []}`, "src/main.ts": ""}, nil},
	} {
		var got []string
		for _, e := range read(tc.files).EntryPoints {
			got = append(got, e.Path+" "+e.Kind+" "+e.Name)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestInTree(t *testing.T) {
	t.Parallel()
	tree := evidence.NewTree([]string{"lib/package.json", "a.tgz"}, nil)
	for version, want := range map[string]bool{
		"workspace:*": true, "file:lib": true, "link:./lib": true, "file:a.tgz": true, "file:../outside": false, "file:gone": false,
		"^1.0": false, "npm:x@1": false, "git+ssh://git@example.org/x": false, "./lib": true, "https://example.org/x.tgz": false,
	} {
		if got := (pkg{dir: "."}).inTree(version, tree); got != want {
			t.Errorf("%q in the tree: %v", version, got)
		}
	}
}
