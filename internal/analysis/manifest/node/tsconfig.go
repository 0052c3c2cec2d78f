package node

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
)

// maxExtends bounds the configurations that one is made of.
const maxExtends = 32

func isTSConfig(base string) bool {
	return strings.HasSuffix(base, ".json") && (strings.HasPrefix(base, "tsconfig") || strings.HasPrefix(base, "jsconfig"))
}

// resolution is the part of a configuration that resolves imports. BaseURL is
// a folder of the tree, "" when unset.
type resolution struct {
	baseURL  string
	paths    *syntax.Node
	pathsDir string // what paths are relative to without a base URL
}

// tsReader reads configurations and what they extend.
type tsReader struct {
	tree     *evidence.Tree
	packages map[string]string // name → folder, of the tree's packages
}

// addTSConfigs adds one configuration for every folder that has one. Where a
// folder has several (tsconfig.app.json beside tsconfig.json), what the first
// leaves open comes from the others, in order of name.
func addTSConfigs(t *evidence.Tree, f *evidence.Findings) {
	r := tsReader{tree: t, packages: map[string]string{}}
	for _, p := range f.Layout.NodePackages {
		if _, ok := r.packages[p.Name]; !ok && p.Name != "" {
			r.packages[p.Name] = p.Dir
		}
	}
	files := t.Matching(func(p string) bool { return isTSConfig(path.Base(p)) })
	slices.SortStableFunc(files, func(a, b string) int {
		return strings.Compare(configOrder(a), configOrder(b))
	})
	byDir := map[string]int{}
	for _, file := range files {
		base := path.Base(file)
		made, ok := r.config(file)
		main := base == "tsconfig.json" || base == "jsconfig.json"
		if !ok || !main && made.BaseURL == "" && len(made.Paths) == 0 {
			continue
		}
		i, have := byDir[made.Dir]
		if !have {
			byDir[made.Dir] = len(f.Layout.TSConfigs)
			f.Layout.TSConfigs = append(f.Layout.TSConfigs, made)
			continue
		}
		fill(&f.Layout.TSConfigs[i], made)
	}
}

// configOrder puts the main configuration of a folder first.
func configOrder(file string) string {
	rank := "2"
	switch path.Base(file) {
	case "tsconfig.json":
		rank = "0"
	case "jsconfig.json":
		rank = "1"
	}
	return path.Dir(file) + "\x00" + rank + path.Base(file)
}

// fill takes over what is not set yet.
func fill(c *evidence.TSConfig, from evidence.TSConfig) {
	if c.BaseURL == "" {
		c.BaseURL = from.BaseURL
	}
	for pattern, targets := range from.Paths {
		if _, ok := c.Paths[pattern]; !ok {
			c.Paths[pattern] = targets
		}
	}
}

func (r tsReader) config(file string) (evidence.TSConfig, bool) {
	dir := path.Dir(file)
	var res resolution
	left := maxExtends
	if !r.merge(file, dir, &res, map[string]bool{}, &left) {
		return evidence.TSConfig{}, false
	}
	c := evidence.TSConfig{Dir: dir, BaseURL: res.baseURL, Paths: map[string][]string{}}
	base := res.pathsDir
	if res.baseURL != "" {
		base = res.baseURL
	}
	for _, f := range res.paths.Each() {
		if strings.Count(f.Key, "*") > 1 {
			continue
		}
		var targets []string
		for _, target := range f.Value.Scalars() {
			if joined := joinConfig(base, dir, target.Text); joined != "" && strings.Count(joined, "*") <= 1 {
				targets = append(targets, joined)
			}
		}
		if len(targets) > 0 {
			c.Paths[f.Key] = targets
		}
	}
	return c, true
}

// joinConfig resolves a path of a configuration. ${configDir} stands for the
// folder of the configuration that everything was merged for.
func joinConfig(base, configDir, target string) string {
	if rest, ok := strings.CutPrefix(target, "${configDir}"); ok {
		return evidence.Join(configDir, strings.TrimPrefix(rest, "/"))
	}
	return evidence.Join(base, target)
}

// merge reads what a configuration extends, then the configuration itself:
// the later one wins, field by field. A cycle ends at what was read before.
func (r tsReader) merge(file, configDir string, res *resolution, seen map[string]bool, left *int) bool {
	if seen[file] || *left == 0 {
		return false
	}
	*left--
	seen[file] = true
	defer delete(seen, file)
	doc, err := syntax.JSON(r.tree.Content(file))
	if err != nil || !doc.Is(syntax.Map) {
		return false
	}
	dir := path.Dir(file)
	for _, e := range doc.Get("extends").Scalars() {
		if parent := r.extended(dir, e.Text); parent != "" {
			r.merge(parent, configDir, res, seen, left)
		}
	}
	options := doc.Get("compilerOptions")
	if base := options.Get("baseUrl"); base.Is(syntax.Scalar) {
		res.baseURL = joinConfig(dir, configDir, base.Text)
	}
	if paths := options.Get("paths"); paths.Is(syntax.Map) {
		res.paths, res.pathsDir = paths, dir
	}
	return true
}

// extended finds the kept file that "extends" names: relative, or in a package
// of the tree. "" for what lies outside.
func (r tsReader) extended(dir, name string) string {
	if strings.HasPrefix(name, ".") {
		return r.configFile(evidence.Join(dir, name))
	}
	for pkg := name; pkg != "." && pkg != "/"; pkg = path.Dir(pkg) {
		if at, ok := r.packages[pkg]; ok {
			return r.configFile(path.Join(at, strings.TrimPrefix(name, pkg)))
		}
	}
	return ""
}

func (r tsReader) configFile(file string) string {
	for _, candidate := range []string{file, file + ".json", path.Join(file, "tsconfig.json")} {
		if r.tree.Content(candidate) != nil {
			return candidate
		}
	}
	return ""
}
