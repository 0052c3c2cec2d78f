package node

import "testing"

// TestLicensesOfTheLock: a lock says them for the packages that its own folder
// and the workspaces below it name, and for nothing that it does not tell.
func TestLicensesOfTheLock(t *testing.T) {
	t.Parallel()
	f := read(map[string]string{
		"package.json":           `{"name": "a", "dependencies": {"left": "^1", "dual": "1", "none": "1", "deep": "1"}}`,
		"apps/web/package.json":  `{"name": "b", "dependencies": {"left": "1", "@x/y": "2"}}`,
		"tools/own/package.json": `{"name": "c", "dependencies": {"left": "1"}}`,
		"/etc/package.json":      `{"name": "d", "dependencies": {"left": "1"}}`,
		"tools/own/package-lock.json": `{"lockfileVersion": 3, "packages": {"": {"license": "MIT"},
			"node_modules/left": {"version": "1.0.0", "license": "ISC"}}}`,
		"package-lock.json": `{"lockfileVersion": 3, "packages": {"": {"license": "MIT"}, "node_modules/left": {"version": "1.2.0", "license": "MIT"},
			"node_modules/dual": {"license": "(MIT OR Apache-2.0)"}, "node_modules/none": {"version": "1"}, "node_modules/left/node_modules/deep": {"license": "GPL-3.0"},
			"node_modules/@x/y": {"license": "BSD-3-Clause"}, "node_modules/odd": {"license": {"type": "MIT"}}}}`,
	})
	got := map[string]string{}
	for _, e := range f.External {
		if e.License != nil {
			got[e.Manifest+" "+e.Name] = *e.License
		} else {
			got[e.Manifest+" "+e.Name] = ""
		}
	}
	for key, want := range map[string]string{
		"package.json left": "MIT", "package.json dual": "(MIT OR Apache-2.0)", "package.json none": "", "package.json deep": "",
		"apps/web/package.json left": "MIT", "apps/web/package.json @x/y": "BSD-3-Clause", "tools/own/package.json left": "ISC",
		"/etc/package.json left": "",
	} {
		if license, ok := got[key]; !ok || license != want {
			t.Errorf("%s: %q (%v), want %q", key, license, ok, want)
		}
	}
}
