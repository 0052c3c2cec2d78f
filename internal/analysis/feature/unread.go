package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// commandLibrary is a library that programs make their commands with.
type commandLibrary struct {
	name    string // the framework of the commands that are found
	modules []string
	makes   func(f *file) bool // whether a file that imports it makes commands, nil for all
}

var commandLibraries = map[string][]commandLibrary{
	"Go": {
		{"cobra", cobraModule, nil}, {"urfave/cli", urfaveModule, nil}, {"ff", []string{"github.com/peterbourgon/ff/v3/ffcli", "github.com/peterbourgon/ff/v2/ffcli", "github.com/peterbourgon/ff/v4"}, nil},
		{"simplecobra", simplecobraModule, nil}, {"google/subcommands", subcommandsModule, nil}, {"mitchellh/cli", factoryModules, nil}, {"kong", kongModule, nil},
		{"kingpin", kingpinModules, nil}, {"docopt", []string{"github.com/docopt/docopt-go"}, nil}, {"mow.cli", []string{"github.com/jawher/mow.cli"}, nil},
	},
	"Python": {{"Click", []string{"click", "rich_click", "asyncclick"}, nil}, {"Typer", []string{"typer"}, nil}, {"docopt", []string{"docopt"}, nil}, {"Fire", []string{"fire"}, nil}, {"Django", []string{"django.core.management.base"}, nil}},
	"PHP":    {{"Laravel", []string{`Illuminate\Console\Command`}, nil}},
	"Rust":   {{name: "clap", modules: []string{"clap"}, makes: makesClap}},
	"Java":   {{"picocli", []string{"picocli"}, nil}},
}

// makesClap reports whether a file makes commands with clap: most programs only
// read their settings with it.
func makesClap(f *file) bool {
	derives := func(a language.Annotation) bool {
		return a.Name == "derive" && slices.ContainsFunc(a.Args, func(arg language.Argument) bool {
			return lastName(strings.ReplaceAll(arg.Text, "::", ".")) == "Subcommand"
		})
	}
	return slices.ContainsFunc(f.Facts.Annotations, derives) || slices.ContainsFunc(f.Facts.Calls, func(c language.Call) bool {
		return c.Name == "subcommand" || c.Name == "subcommands"
	})
}

// unread lists the libraries of commands that the product imports and with which
// no command was found: that nothing is listed then does not say that there is
// nothing.
func (m *model) unread() []string {
	var out []string
	for i := range m.files {
		f := &m.files[i]
		if f.Facts == nil || f.Test || f.Aside {
			continue
		}
		for _, l := range commandLibraries[f.Language] {
			if !slices.Contains(out, l.name) && importing(l.modules...)(f) && (l.makes == nil || l.makes(f)) {
				out = append(out, l.name)
			}
		}
	}
	out = slices.DeleteFunc(out, func(name string) bool {
		return slices.ContainsFunc(m.out.Commands, func(c report.CLICommand) bool { return c.Framework == name })
	})
	// Commands of simplecobra are commands of cobra.
	if slices.ContainsFunc(m.out.Commands, func(c report.CLICommand) bool { return c.Framework == "simplecobra" }) {
		out = slices.DeleteFunc(out, func(name string) bool { return name == "cobra" })
	}
	slices.Sort(out)
	return out
}
