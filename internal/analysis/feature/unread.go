package feature

import (
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// commandLibrary is a library that programs make their commands with.
type commandLibrary struct {
	name    string // the framework of the commands that are found
	modules []string
}

var commandLibraries = map[string][]commandLibrary{
	"Go": {
		{"cobra", cobraModule}, {"urfave/cli", urfaveModule}, {"ff", []string{"github.com/peterbourgon/ff/v3/ffcli", "github.com/peterbourgon/ff/v2/ffcli", "github.com/peterbourgon/ff/v4"}},
		{"simplecobra", simplecobraModule}, {"google/subcommands", subcommandsModule}, {"mitchellh/cli", factoryModules}, {"kong", kongModule},
		{"kingpin", kingpinModules}, {"docopt", []string{"github.com/docopt/docopt-go"}}, {"mow.cli", []string{"github.com/jawher/mow.cli"}},
	},
	"Python": {{"Click", []string{"click", "rich_click", "asyncclick"}}, {"Typer", []string{"typer"}}, {"docopt", []string{"docopt"}}, {"Fire", []string{"fire"}}, {"Django", []string{"django.core.management.base"}}},
	"PHP":    {{"Laravel", []string{`Illuminate\Console\Command`}}},
	"Rust":   {{"clap", []string{"clap"}}},
	"Java":   {{"picocli", []string{"picocli"}}},
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
			if !slices.Contains(out, l.name) && importing(l.modules...)(f) {
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
