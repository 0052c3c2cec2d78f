package history

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
)

const mailmapText = `# people of a made-up project
Ada Stone <ada@stone.example>
<ben@reed.example> <ben@old.example>
Cleo Marsh <cleo@marsh.example> <CLEO@Laptop.example>
Dora Vale <dora@vale.example> Dora <shared@lab.example>
Evan Hill <evan@hill.example> evan h <shared@lab.example>
Shared Account <shared@lab.example>
   Fay Lund   <fay@lund.example>   <fay@old.example> # and a comment
Gus Old <gus@gus.example>
Gus New <gus@gus.example>
<gus@new.example> <gus@gus.example>
No Address <>
Half a line <half@line.example
Just a name
Empty Second <second@empty.example> <>
Hana Ito <hana@ito.example> Hana <hana@ito.example>
`

var mailmapPeople = []string{
	"ada <ADA@stone.example>", "Ben Reed <ben@old.example>", "c <cleo@laptop.example>", "DORA <Shared@Lab.example>", "Evan H <shared@lab.example>",
	"Somebody Else <shared@lab.example>", "fay <fay@old.example>", "Gus <gus@gus.example>", "Half <half@line.example>", "Nobody <>",
	"hana <hana@ito.example>", "Hana Ito <hana@ito.example>", "Stranger <stranger@far.example>", "Müller <ADA@STONE.EXAMPLE>",
}

func TestMailmap(t *testing.T) {
	t.Parallel()
	want := []string{
		"Ada Stone <ADA@stone.example>", "Ben Reed <ben@reed.example>", "Cleo Marsh <cleo@marsh.example>", "Dora Vale <dora@vale.example>", "Evan Hill <evan@hill.example>",
		"Shared Account <Shared@Lab.example>", "Fay Lund <fay@lund.example>", "Gus New <gus@new.example>", "Half <half@line.example>", "Empty Second <second@empty.example>",
		"Hana Ito <hana@ito.example>", "Hana Ito <hana@ito.example>", "Stranger <stranger@far.example>", "Ada Stone <ADA@STONE.EXAMPLE>",
	}
	m := parseMailmap([]byte(mailmapText))
	for i, who := range mailmapPeople {
		p := m.resolve(persona(who))
		equalFold(t, who, want[i], p.Name+" <"+p.Email+">")
	}
}

// TestMailmapLikeGit asks git itself. It keeps the address in a different case
// in some versions, which joins the same people.
func TestMailmapLikeGit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	git := func(stdin string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "HOME="+dir)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %v: %v", args, err)
		}
		return string(out)
	}
	git("", "init", "-q")
	if err := os.WriteFile(filepath.Join(dir, ".mailmap"), []byte(mailmapText), 0o600); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(git(strings.Join(mailmapPeople, "\n")+"\n", "check-mailmap", "--stdin")), "\n")
	if len(lines) != len(mailmapPeople) {
		t.Fatalf("git answered %d lines for %d people", len(lines), len(mailmapPeople))
	}
	m := parseMailmap([]byte(mailmapText))
	for i, who := range mailmapPeople {
		p := m.resolve(persona(who))
		equalFold(t, who, lines[i], p.Name+" <"+p.Email+">")
	}
}

func equalFold(t *testing.T, what, want, got string) {
	t.Helper()
	if !strings.EqualFold(want, got) {
		t.Errorf("%s became %q, want %q", what, got, want)
	}
}

// TestIdentities lists who is left of the authors of some commits.
func TestIdentities(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		mailmap string
		authors []string
		want    []string
	}{
		{"one person", "", []string{"Ada Stone", "Ada Stone"}, []string{"Ada Stone"}},
		{"the same address in another case", "", []string{"ada <ada@stone.example>", "Ada Stone <Ada@Stone.Example>", "Ada Stone <ada@stone.example>"}, []string{"Ada Stone"}},
		{"the same full name", "", []string{"Ada Stone <a@x.example>", "ada  stone <b@y.example>", "Ada Stone <c@z.example>"}, []string{"Ada Stone"}},
		{"accents and punctuation", "", []string{"Zoë O'Hara <a@x.example>", "Zoe O Hara <b@y.example>", "Zoë O'Hara <c@x.example>"}, []string{"Zoë O'Hara"}},
		{"one word joins nobody", "", []string{"ada <a@x.example>", "ada <b@y.example>"}, []string{"ada", "ada"}},
		{"initials join nobody", "", []string{"A S <a@x.example>", "A S <b@y.example>"}, []string{"A S", "A S"}},
		{"names that are nobody's", "", []string{"Your Name <a@x.example>", "Your Name <b@y.example>"}, []string{"Your Name", "Your Name"}},
		{"addresses that are nobody's", "", []string{"Ada Stone <root@localhost>", "Ben Reed <root@localhost>", "Cleo Marsh <>", "Dora Vale <>"}, []string{"Ada Stone", "Ben Reed", "Cleo Marsh", "Dora Vale"}},
		{"private addresses", "", []string{"ada <123+ada@users.noreply.github.com>", "ada-s <ada@users.noreply.github.com>", "ada <123+ada@users.noreply.github.com>"}, []string{"ada"}},
		{"private addresses of another host", "", []string{"ada <7-ada@users.noreply.gitlab.com>", "ada <ada@users.noreply.gitlab.com>"}, []string{"ada"}},
		{"an account that was called otherwise", "", []string{"ada <123+ada-s@users.noreply.github.com>", "ada <123+stoneada@users.noreply.github.com>"}, []string{"ada"}},
		{"two accounts of one handle, one after the other", "", []string{"ada <123+adastone@users.noreply.github.com>", "ada <124+adastone@users.noreply.github.com>", "adastone <adastone@x.example>"}, []string{"ada", "ada", "adastone"}},
		{"a handle as the name and before the @", "", []string{"adastone <adastone@x.example>", "adastone <123+AdaStone@users.noreply.github.com>"}, []string{"adastone"}},
		{"a handle as the name, of somebody whose account has a full name", "", []string{"Ada Stone <123+astone@users.noreply.github.com>", "astone <astone@x.example>"}, []string{"astone"}},
		{"a handle with a digit as the name", "", []string{"ada42 <a@x.example>", "Ada Stone <ada42@users.noreply.github.com>"}, []string{"Ada Stone"}},
		{"a first name that is a handle too", "", []string{"stone <a@x.example>", "stone <9+stone@users.noreply.github.com>"}, []string{"stone", "stone"}},
		{"a handle that is a word of somebody's name", "", []string{"stone <stone@x.example>", "Ada Stone <9+stone@users.noreply.github.com>"}, []string{"Ada Stone", "stone"}},
		{"a handle at two hosts", "", []string{"adastone <adastone@x.example>", "a <9+adastone@users.noreply.github.com>", "b <8-adastone@users.noreply.gitlab.com>"}, []string{"a", "adastone", "b"}},
		{"a handle without an account", "", []string{"adastone <adastone@x.example>", "adastone <adastone@y.example>"}, []string{"adastone", "adastone"}},
		{"a handle of three letters", "", []string{"ad1 <ad1@x.example>", "a <9+ad1@users.noreply.github.com>"}, []string{"a", "ad1"}},
		{"address and name in a chain", "", []string{"Ada Stone <a@x.example>", "Ada Stone <b@y.example>", "ada <b@y.example>"}, []string{"Ada Stone"}},
		{"mailmap first", "Ada Stone <ada@stone.example> <nick@x.example>", []string{"nick <nick@x.example>", "Ada Stone <ada@stone.example>"}, []string{"Ada Stone"}},
		{"mailmap parts a shared address", "Ada Stone <ada@stone.example> Ada <us@x.example>\nBen Reed <ben@reed.example> Ben <us@x.example>", []string{"Ada <us@x.example>", "Ben <us@x.example>"}, []string{"Ada Stone", "Ben Reed"}},
		{"the most frequent name", "", []string{"Ada Stone <a@x.example>", "Ada Reed <a@x.example>", "Ada Stone <a@x.example>"}, []string{"Ada Stone"}},
		{"the newest of two", "", []string{"Ada Stone <a@x.example>", "Ada Reed <a@x.example>"}, []string{"Ada Reed"}},
		{"no name", "", []string{"<ada@stone.example>"}, []string{"ada"}},
		{"nobody", "", []string{"<>", "Ada Stone"}, []string{"Ada Stone"}},
		{"bots are apart", "", []string{
			"dependabot[bot] <1+dependabot[bot]@users.noreply.github.com>", "renovate <bot@renovateapp.com>", "GitHub Actions <x@y.example>", "Words (bot) <words@y.example>", "github-actions <actions@github.com>",
			"acme-bot <x@y.example>", "Ada Stone <x@y.example>",
		}, []string{"Ada Stone"}},
		{"a person called Bot", "", []string{"Jan Bot", "Roberta Abbot"}, []string{"Jan Bot", "Roberta Abbot"}},
		{"coding assistants are apart", "", []string{
			"Copilot <198982749+Copilot@users.noreply.github.com>", "copilot <copilot@github.com>", "Copilot Autofix powered by AI <1+Copilot@users.noreply.github.com>",
			"Claude <noreply@anthropic.com>", "Claude Opus 4.6 (1M context) <noreply@anthropic.com>", "Claude Sonnet 4 <x@y.example>", "Claude <2+Claude@users.noreply.github.com>",
			"Cursor <cursoragent@cursor.com>", "Cursor Agent <x@y.example>", "Devin AI <3+devin-ai-integration[bot]@users.noreply.github.com>", "devin-ai-integration <x@y.example>",
			"aider (some-model) <noreply@aider.chat>", "aider (o3-mini) <aider@y.example>", "Codex <codex@openai.com>", "gemini-2.5-pro <x@y.example>", "GPT-5 <x@y.example>",
			"qwen2.5-coder <x@y.example>", "Junie <junie@jetbrains.com>", "Ada Stone <x@y.example>",
		}, []string{"Ada Stone"}},
		{"people who are called like one", "", []string{
			"Claude Example <claude@x.example>", "Claude <claude@y.example>", "Devin Sample <devin@x.example>", "Devin <devin@y.example>", "Jules <jules@x.example>", "Amp Placeholder <amp@x.example>",
			"Ada Stone <ada@anthropic.com>", "Ben Reed <ben@cursor.com>", "Gemini <gemini@x.example>", "Kimi Sample <kimi@x.example>",
		}, []string{"Ada Stone", "Amp Placeholder", "Ben Reed", "Claude", "Claude Example", "Devin", "Devin Sample", "Gemini", "Jules", "Kimi Sample"}},
		{"control characters and broken text", "", []string{"Ada\tSt\x1bone\xff <a@x.example>"}, []string{"Ada St one\uFFFD"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo()
			r.mailmap = tt.mailmap
			for _, a := range tt.authors {
				r.commit(a, "M a.go")
			}
			equal(t, "people", tt.want, names(r.read(t)))
		})
	}
}

func TestTrailers(t *testing.T) {
	t.Parallel()
	body := "Why it is so: it was.\n\nCo-authored-by: Ada Stone <ada@stone.example>\nco-authored-BY:Ben Reed <ben@reed.example>\r\nCo-authored-by: nobody\n" +
		"Signed-off-by: Cleo Marsh <cleo@marsh.example>\nReviewed-By: Cleo Marsh <cleo@marsh.example>\nReviewed-on: Dee Fox <dee@fox.example>\n"
	var got []string
	for _, t := range trailers(body) {
		got = append(got, trailerNames[t.kind]+" "+t.person.Name+" "+t.person.Email)
	}
	equal(t, "trailers", []string{
		"Co-authored-by Ada Stone ada@stone.example", "Co-authored-by Ben Reed ben@reed.example",
		"Signed-off-by Cleo Marsh cleo@marsh.example", "Reviewed-by Cleo Marsh cleo@marsh.example",
	}, got)
	if trailerNames[trailerCoauthored] != "Co-authored-by" || trailerNames[trailerReviewed] != "Reviewed-by" || trailerNames[trailerAcked] != "Acked-by" || trailerNames[trailerApproved] != "Approved-by" {
		t.Error("a kind of trailer is not where its name is")
	}
	if n := len(trailers(strings.Repeat("Co-authored-by: A <a@b>\n", 1000))); n != maxTrailers {
		t.Errorf("%d trailers of a message made to hurt, want %d", n, maxTrailers)
	}
}

// FuzzPeople checks that no text of a commit or a .mailmap breaks anything, and
// that names come out fit for a line.
func FuzzPeople(f *testing.F) {
	f.Add(mailmapText, "Ada Stone", "ada@stone.example", "Co-authored-by: Ben Reed <ben@reed.example>")
	f.Add("<>\n<<>>\n<a> <b> <c>", "\x00\xff", "+@users.noreply.", "co-authored-by:<")
	f.Fuzz(func(t *testing.T, mailmap, name, email, body string) {
		for _, l := range trailers(body) {
			_ = trailerNames[l.kind]
		}
		h, err := Read(t.Context(), sequence([]rampforge.Commit{{Hash: "1", Author: rampforge.Signature{Name: name, Email: email}, Body: body}}), ReadOptions{Mailmap: []byte(mailmap)})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range h.people {
			if strings.ContainsAny(p.name, "\n\r\t\x00\x1b") || strings.ToValidUTF8(p.name, "") != p.name {
				t.Errorf("name %q", p.name)
			}
		}
	})
}
