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

// TestCommandsOfFrameworksAreUnread names those of Django and Laravel where no
// command has a name.
func TestCommandsOfFrameworksAreUnread(t *testing.T) {
	t.Parallel()
	got := Read(inputOf(t, []txtar.File{
		{Name: "app/commands/clean.py", Data: []byte("from django.core.management.base import BaseCommand\nclass Command(BaseCommand):\n    pass\n")},
		{Name: "app/Console/Clean.php", Data: []byte("<?php\nnamespace App\\Console;\nuse Illuminate\\Console\\Command;\nclass Clean extends Command {}\n")},
	})).Unread
	if !slices.Equal(got, []string{"Django", "Laravel"}) {
		t.Errorf("%q", got)
	}
}

// TestClapThatReadsSettings names clap only where commands are made with it.
func TestClapThatReadsSettings(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][]string{
		"use clap::Parser;\n#[derive(clap::Parser)]\npub struct Config {\n    #[clap(long, env)]\n    url: String,\n}\n": nil,
		"use clap::Command;\nfn main() { let c = base().subcommand(extra()); }\n":                                        {"clap"},
	} {
		in := inputOf(t, []txtar.File{{Name: "Cargo.toml", Data: []byte("[package]\nname = \"shop\"\n")}, {Name: "src/main.rs", Data: []byte(source)}})
		if got := Read(in).Unread; !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", source, got, want)
		}
	}
}

// TestDescriptionsOfCommands holds what commands of frameworks say of
// themselves: whole, whatever stands in it, or cut at its end.
func TestDescriptionsOfCommands(t *testing.T) {
	t.Parallel()
	found := Read(inputOf(t, []txtar.File{
		{Name: "app/management/commands/clean.py", Data: []byte("from django.core.management.base import BaseCommand\nclass Command(BaseCommand):\n    help = 'Deletes \"old\" orders = those of last year'\n")},
		{Name: "app/management/commands/count.py", Data: []byte("from django.core.management.base import BaseCommand\nclass Command(BaseCommand):\n    \"\"\"Counts orders.\"\"\"\n")},
		{Name: "app/Console/Send.php", Data: []byte("<?php\nnamespace App\\Console;\nuse Illuminate\\Console\\Command;\nclass Send extends Command {\n  protected $signature = 'mail:send {--to= : Whom}';\n  protected ?string $description = 'Send \"all\" mails = everything';\n}\n")},
		{Name: "app/Console/Role.php", Data: []byte("<?php\nnamespace App\\Console;\nuse Illuminate\\Console\\Command;\n#[AsCommand(name: 'role:set')]\nclass Role extends Command {\n  protected $description = 'Set a user\\'s role';\n}\n")},
		{Name: "routes/console.php", Data: []byte("<?php\nuse Illuminate\\Support\\Facades\\Artisan;\nArtisan::command('inspire', fn () => 1)->purpose('A quote');\n")},
	})).Commands
	want := map[string]string{
		"clean": "Deletes \"old\" orders = those of last year", "count": "Counts orders.", "mail:send": "Send \"all\" mails = everything", "inspire": "A quote", "role:set": "Set a user's role",
	}
	if len(found) != len(want) {
		t.Fatalf("%d commands, want %d", len(found), len(want))
	}
	for _, c := range found {
		if c.Description == nil || *c.Description != want[c.Name] {
			t.Errorf("%s: %s, want %q", c.Name, orDash(c.Description), want[c.Name])
		}
	}
}
