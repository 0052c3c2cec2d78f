package graph

// Use is something outside the tree that files use.
type Use struct {
	Ecosystem string // go, npm, pypi, maven
	// Name is an import path of Go, the name of an npm package, a dotted Python
	// module of at most three names, or a Java package.
	Name string
}

// ExternalUses returns how many files use each thing outside the tree. What
// comes with a language is left out.
func (g *Graph) ExternalUses() map[Use]int {
	uses := make(map[Use]int, len(g.external))
	for u, files := range g.external {
		uses[u] = len(files)
	}
	return uses
}
