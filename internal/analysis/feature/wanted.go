package feature

import (
	"path"
	"slices"
	"strings"
)

// The bounds of Select.
const maxWanted = 2_000

// Wanted reports whether Read can make use of a file's content. Rules that read
// text by themselves add their files here: documents of APIs and schemas, and
// the settings that prefixes stand in.
func Wanted(file string) bool {
	name := strings.ToLower(path.Base(file))
	switch path.Ext(name) {
	case ".graphql", ".graphqls", ".gql", ".proto", ".prisma":
		return true
	case ".yaml", ".yml", ".json":
		return strings.Contains(name, "openapi") || strings.Contains(name, "swagger") || strings.HasPrefix(name, "api.") || strings.HasPrefix(name, "routes.") ||
			strings.HasPrefix(name, "application") || name == "vercel.json" || underConfig(file) || mayBeCronJob(file) || isCommandDocument(file)
	case ".properties":
		return strings.HasPrefix(name, "application")
	}
	return name == "crontab" || strings.HasSuffix(name, ".cron") || name == "routes" || isMigration(file) && path.Ext(name) == ".sql"
}

// IsAPIDocument reports whether a file is named as a document of OpenAPI is: it
// counts where it lies among the documentation too, though not among examples.
func IsAPIDocument(file string) bool {
	name := strings.ToLower(path.Base(file))
	if !strings.Contains(name, "openapi") && !strings.Contains(name, "swagger") {
		return false
	}
	for part := range strings.SplitSeq(strings.ToLower(folderOf(file)), "/") {
		switch part {
		case "example", "examples", "sample", "samples", "demo", "test", "tests", "fixtures":
			return false
		}
	}
	return true
}

// underConfig reports whether a file is one of Symfony's routes.
func underConfig(file string) bool { return strings.Contains("/"+file, "/config/routes/") }

// Select chooses the files of a tree whose content Read is to be given, those
// nearest to the root first.
func Select(paths []string) []string {
	var out []string
	for _, p := range paths {
		if Wanted(p) {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int {
		if d := strings.Count(a, "/") - strings.Count(b, "/"); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return out[:min(len(out), maxWanted)]
}
