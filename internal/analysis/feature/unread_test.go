package feature

import (
	"slices"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestUnreadCommands holds which libraries of commands are named of which no
// command is found.
func TestUnreadCommands(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		source string
		want   []string
	}{
		"none":                  {"package main\n\nimport \"os\"\n\nfunc main() { os.Exit(1) }\n", nil},
		"found":                 {"package main\n\nimport \"github.com/spf13/cobra\"\n\nvar root = &cobra.Command{Use: \"shop\", Run: run}\n\nfunc run(*cobra.Command, []string) {}\n", nil},
		"computed":              {"package main\n\nimport \"github.com/spf13/cobra\"\n\nfunc main() { build(names()) }\n\nfunc build(list []string) *cobra.Command { return &cobra.Command{Use: list[0]} }\n", []string{"cobra"}},
		"a library without one": {"package main\n\nimport \"github.com/docopt/docopt-go\"\n\nfunc main() { docopt.ParseDoc(usage) }\n", []string{"docopt"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := inputOf(t, []txtar.File{{Name: "go.mod", Data: []byte("module example.com/shop\n")}, {Name: "main.go", Data: []byte(test.source)}})
			if got := Read(in).Unread; !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestCommandsOfFrameworksAreUnread names those of Django and Laravel, which no rule
// reads.
func TestCommandsOfFrameworksAreUnread(t *testing.T) {
	t.Parallel()
	got := Read(inputOf(t, []txtar.File{
		{Name: "app/management/commands/clean.py", Data: []byte("from django.core.management.base import BaseCommand\nclass Command(BaseCommand):\n    pass\n")},
		{Name: "app/Console/Clean.php", Data: []byte("<?php\nnamespace App\\Console;\nuse Illuminate\\Console\\Command;\nclass Clean extends Command {}\n")},
	})).Unread
	if len(got) != 2 || got[0] != "Artisan" || got[1] != "Django commands" {
		t.Errorf("%q", got)
	}
}
