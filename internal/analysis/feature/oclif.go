package feature

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// oclif: a file below commands is a command that is called as its path is, if its
// class extends one. index is the folder itself. Words are written with blanks
// between them, whatever separates them.

func readOclif(m *model, r *rule) bool {
	if !slices.ContainsFunc(m.files, func(f file) bool {
		return f.Facts != nil && !f.Test && !f.Aside && importing("@oclif/core", "@oclif/command")(&f)
	}) {
		return false
	}
	for k := range m.files {
		f := &m.files[k]
		if f.Facts == nil || f.Test || f.Aside || !slices.Contains(javascript, f.Language) {
			continue
		}
		_, below, ok := strings.Cut("/"+f.Path, "/commands/")
		if !ok {
			continue
		}
		d := oclifCommand(f)
		words := strings.Fields(strings.ReplaceAll(strings.TrimSuffix(below, path.Ext(below)), "/", " "))
		if n := len(words); n > 0 && words[n-1] == "index" {
			words = words[:n-1]
		}
		if d == nil || len(words) == 0 {
			continue
		}
		handler := d.Name
		m.at(f, r).command(report.CLICommand{Name: strings.Join(words, " "), Description: docPointer(d.Doc), Handler: &handler}, d.Line)
	}
	return true
}

// oclifCommand is the class of a file that extends a command, nil for none.
func oclifCommand(f *file) *language.Declaration {
	for i := range f.Facts.Declares {
		d := &f.Facts.Declares[i]
		if d.Kind == language.KindType && slices.ContainsFunc(d.Bases, func(base string) bool { return strings.HasSuffix(lastName(base), "Command") }) {
			return d
		}
	}
	return nil
}
