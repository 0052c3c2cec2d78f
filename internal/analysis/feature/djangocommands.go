package feature

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// isManagementCommand reports whether Django makes a command of a module: it
// lies in management/commands itself, and its name does not begin with an
// underscore.
func isManagementCommand(f *file) bool {
	return strings.HasSuffix("/"+folderOf(f.Path), "/management/commands") && !strings.HasPrefix(path.Base(f.Path), "_")
}

// readManagementCommand reads the class Command of a module, which is named for
// its file.
func readManagementCommand(s *scan) {
	at := s.typeNamed("Command")
	if at < 0 {
		return
	}
	c := class{s.at, at}
	bases := s.m.fullBases(c, maxBases)
	if !slices.ContainsFunc(bases, func(base string) bool { return strings.HasSuffix(base, "Command") }) {
		return
	}
	d := &s.Facts.Declares[at]
	found := report.CLICommand{Name: fileStem(s.Path), Handler: &d.Name, Description: docPointer(d.Doc)}
	if help := s.m.classField(c, "help", maxBases); help != "" {
		found.Description = &help
	}
	s.command(found, d.Line)
}
