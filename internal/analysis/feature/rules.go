package feature

import (
	"slices"
	"strings"
)

// rule reads what files say in the terms of one framework.
type rule struct {
	framework string   // as people write it: "chi", "Express"
	languages []string // Linguist's names
	// concerns tells cheaply, by imports or names, whether a file can speak of
	// the framework at all. Nil for every file.
	concerns func(*file) bool
	read     func(*scan)
	// strict rules make routes of calls that other frameworks have too: a route
	// counts on a router that no rule of another framework made.
	strict bool
	// readTree reads the whole tree instead, where paths or documents are what
	// tells. It reports whether the tree has anything of the kind.
	readTree func(*model, *rule) bool
}

func (r *rule) speaks(language string) bool { return slices.Contains(r.languages, language) }

// rules are all rules, family by family. Each family is a file.
var rules = slices.Concat(
	goRules, javaRules, kotlinRules, pythonRules, pythonThings, javascriptRules, javascriptThings, clientRules, quartzRules, csharpRules, rubyRules, phpRules, rustRules,
)

// treeRules are those that look at the whole tree. Documents come last: what
// they describe may have been found in the code.
var treeRules = []rule{
	{framework: "Next.js", readTree: readNext},
	{framework: "Nuxt", readTree: readNuxt},
	{framework: "SvelteKit", readTree: readSvelteKit},
	{framework: "Remix", readTree: readRemix},
	{framework: "Prisma", readTree: readPrisma},
	{framework: "SQL", readTree: readMigrations},
	{framework: "gRPC", readTree: readProto},
	{framework: "GraphQL", readTree: readGraphQL},
	{framework: "clap", readTree: readClap},
	{framework: "tRPC", readTree: readTRPC},
	{framework: "oclif", readTree: readOclif},
	{framework: "cron", readTree: readSchedules},
	{framework: "Kubernetes", readTree: readCronJobs},
	{framework: "packages", readTree: readPrograms},
	{framework: "argv", readTree: readNative},
	{framework: "documents of commands", readTree: readCommandDocuments},
	{framework: "OpenAPI", readTree: readOpenAPI},
}

// importing makes a rule's concern of the modules that its files import: a
// module itself, or anything below one (after a slash, dot, or two colons).
func importing(modules ...string) func(*file) bool {
	return func(f *file) bool {
		for i := range f.Facts.Imports {
			for _, m := range modules {
				if below(f.Facts.Imports[i].Path, m) {
					return true
				}
			}
		}
		return false
	}
}

// below reports whether an import path is a module or lies in it.
func below(path, module string) bool {
	rest, ok := strings.CutPrefix(path, module)
	return ok && (rest == "" || strings.ContainsAny(rest[:1], "/.:\\"))
}
