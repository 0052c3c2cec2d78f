// Package gittest builds git repositories for tests, the same bytes each time,
// and serves them over HTTP. It is for tests only and imports nothing of ours.
package gittest

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// Repo is a repository made for one test.
type Repo struct {
	Dir string
	t   testing.TB
}

// Author is who makes a commit that names nobody.
const Author = "Ada Example <ada@example.com>"

// Start is when the first commit of a script is made; each further one is an
// hour later.
var Start = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// Init makes an empty repository with the branch main. The arguments are
// further ones of git init, such as --bare.
func Init(t testing.TB, args ...string) *Repo {
	t.Helper()
	r := &Repo{Dir: filepath.Join(t.TempDir(), "repo"), t: t}
	if err := os.Mkdir(r.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	r.Git(append([]string{"init", "--quiet", "--initial-branch=main", "--template="}, args...)...)
	return r
}

// Build makes a repository from a script in txtar form:
//
//	-- a/file.go --
//	its content in the next commit
//	-- delete: old.go --
//	-- rename: one.go => two.go --
//	-- link: shortcut => a/file.go --
//	-- commit: The subject --
//	author: Ben Example <ben@example.com>
//	date: 2024-03-01T12:00:00Z
//	branch: topic
//	from: main
//	merge: other
//	orphan: yes
//
//	The body of the message.
//	-- tag: v1 --
//	The message of an annotated tag; without one it is a light tag.
//
// Every line below a commit is optional. Branches start where from says, main
// by default; a commit without changes is empty. Nothing is checked out.
func Build(t testing.TB, script string) *Repo {
	t.Helper()
	r := Init(t)
	r.Add(script)
	return r
}

// Add makes the commits of a script on top of those that are there.
func (r *Repo) Add(script string) {
	r.t.Helper()
	s := stream{t: r.t, tips: map[string]string{}, when: Start}
	for line := range strings.Lines(r.Git("for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/heads")) {
		hash, branch, _ := strings.Cut(strings.TrimSpace(line), " ")
		s.tips[branch] = hash
	}
	if len(s.tips) > 0 {
		n := strings.Count(r.Git("rev-list", "--all"), "\n") + 1
		s.when = Start.Add(time.Duration(n) * time.Hour)
	}
	for _, file := range txtar.Parse([]byte(script)).Files {
		s.entry(file)
	}
	if s.changes.Len() > 0 {
		r.t.Fatalf("the script ends with changes that no commit takes up")
	}
	r.Import(s.out.String())
}

// stream turns a script into the input of git fast-import.
type stream struct {
	t       testing.TB
	out     bytes.Buffer
	changes bytes.Buffer
	tips    map[string]string // by branch: a commit's id, or the mark of one that is made
	marks   int
	when    time.Time
	last    string // the tip of the branch that was committed to last
}

func (s *stream) entry(file txtar.File) {
	verb, rest, special := strings.Cut(file.Name, ": ")
	from, to, _ := strings.Cut(rest, " => ")
	switch {
	case special && verb == "commit":
		s.commit(rest, string(file.Data))
	case special && verb == "tag":
		s.tag(rest, string(file.Data))
	case special && verb == "delete":
		fmt.Fprintf(&s.changes, "D %s\n", quote(rest))
	case special && verb == "rename":
		fmt.Fprintf(&s.changes, "R %s %s\n", quote(from), quote(to))
	case special && verb == "link":
		fmt.Fprintf(&s.changes, "M 120000 inline %s\ndata %d\n%s\n", quote(from), len(to), to)
	default:
		fmt.Fprintf(&s.changes, "M 100644 inline %s\ndata %d\n%s\n", quote(file.Name), len(file.Data), file.Data)
	}
}

func (s *stream) commit(subject, text string) {
	header := map[string]string{"author": Author, "branch": "main"}
	body := text
	for body != "" {
		line, rest, _ := strings.Cut(body, "\n")
		name, value, ok := strings.Cut(line, ": ")
		if line == "" || !ok {
			body = rest
			break
		}
		header[name], body = value, rest
	}
	if date := header["date"]; date != "" {
		at, err := time.Parse(time.RFC3339, date)
		if err != nil {
			s.t.Fatalf("commit %q: %v", subject, err)
		}
		s.when = at
	}
	message := subject + "\n"
	if body != "" {
		message += "\n" + body
	}
	branch := header["branch"]
	s.marks++
	fmt.Fprintf(&s.out, "commit refs/heads/%s\nmark :%d\nauthor %s %d +0000\ncommitter %s %d +0000\ndata %d\n%s\n",
		branch, s.marks, header["author"], s.when.Unix(), header["author"], s.when.Unix(), len(message), message)
	s.out.WriteString(s.parents(branch, header))
	s.out.Write(s.changes.Bytes())
	s.out.WriteString("\n")
	s.changes.Reset()
	s.last = fmt.Sprintf(":%d", s.marks)
	s.tips[branch] = s.last
	s.when = s.when.Add(time.Hour)
}

func (s *stream) parents(branch string, header map[string]string) string {
	var lines strings.Builder
	from := header["from"]
	switch {
	case from != "":
	case s.tips[branch] != "":
		from = branch
	case s.tips["main"] != "" && header["orphan"] == "":
		from = "main"
	}
	if from != "" {
		fmt.Fprintf(&lines, "from %s\n", s.tip(from))
	}
	for name := range strings.FieldsSeq(header["merge"]) {
		fmt.Fprintf(&lines, "merge %s\n", s.tip(name))
	}
	return lines.String()
}

func (s *stream) tip(branch string) string {
	s.t.Helper()
	if s.tips[branch] == "" {
		s.t.Fatalf("the script names the branch %q before it exists", branch)
	}
	return s.tips[branch]
}

func (s *stream) tag(name, message string) {
	if message == "" {
		fmt.Fprintf(&s.out, "reset refs/tags/%s\nfrom %s\n\n", name, s.last)
		return
	}
	fmt.Fprintf(&s.out, "tag %s\nfrom %s\ntagger %s %d +0000\ndata %d\n%s\n", name, s.last, Author, s.when.Unix(), len(message), message)
}

// quote writes a path as fast-import reads it, any byte included.
func quote(path string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(path) {
		if c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			fmt.Fprintf(&b, `\%03o`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String() + `"`
}

// Import runs git fast-import on a stream, for what a script cannot say.
func (r *Repo) Import(input string) {
	r.t.Helper()
	r.run(input, "fast-import", "--quiet", "--force", "--date-format=raw-permissive")
}

// Git runs git in the repository and returns what it prints, without the last
// line break.
func (r *Repo) Git(args ...string) string {
	r.t.Helper()
	return r.run("", args...)
}

// Hash returns the commit that a name leads to.
func (r *Repo) Hash(name string) string {
	r.t.Helper()
	return r.Git("rev-parse", "--verify", "--end-of-options", name+"^{commit}")
}

func (r *Repo) run(input string, args ...string) string {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), "git", args...)
	cmd.Dir = r.Dir
	cmd.Env = Environ()
	cmd.Stdin = strings.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n")
}

// Environ is an environment in which git obeys no configuration but the
// repository's own.
func Environ() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.DevNull, "LC_ALL=C", "TZ=UTC",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=Ada Example", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_AUTHOR_DATE=2024-06-01T00:00:00Z",
		"GIT_COMMITTER_NAME=Ada Example", "GIT_COMMITTER_EMAIL=ada@example.com", "GIT_COMMITTER_DATE=2024-06-01T00:00:00Z",
	}
}

// Unpack takes the objects of a pack apart into the repository.
func (r *Repo) Unpack(pack []byte) {
	r.t.Helper()
	r.run(string(pack), "unpack-objects", "-q")
}

// Pack writes a pack of objects, given by their ids, and begins its name with
// base.
func (r *Repo) Pack(base, objects string) {
	r.t.Helper()
	r.run(objects, "pack-objects", "-q", base)
}

// Object writes an object of any content, also one that git would never write,
// and returns its id. Kind is blob, tree or commit.
func (r *Repo) Object(kind, content string) string {
	r.t.Helper()
	return r.run(content, "hash-object", "-w", "-t", kind, "--literally", "--stdin")
}

// Entry is a line of a tree object: the name is taken as it is.
func Entry(mode, name, id string) string {
	raw, err := hex.DecodeString(id)
	if err != nil {
		panic(err) // of our own tests
	}
	return mode + " " + name + "\x00" + string(raw)
}

// CommitTree commits a tree on main and returns the commit's id.
func (r *Repo) CommitTree(tree string, parents ...string) string {
	r.t.Helper()
	text := "tree " + tree + "\n"
	var textSb286 strings.Builder
	for _, p := range parents {
		textSb286.WriteString("parent " + p + "\n")
	}
	text += textSb286.String()
	who := fmt.Sprintf("%s %d +0000\n", Author, Start.Unix())
	commit := r.Object("commit", text+"author "+who+"committer "+who+"\nA commit\n")
	r.Git("update-ref", "refs/heads/main", commit)
	return commit
}
