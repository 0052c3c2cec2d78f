package git_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

func commits(t *testing.T, r *git.Repository, ref string, cache git.CommitCache) ([]rampforge.Commit, *git.History) {
	t.Helper()
	c, err := r.Resolve(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	h := r.History(c.Hash, cache)
	var all []rampforge.Commit
	for commit, err := range h.Commits(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, commit)
	}
	return all, h
}

func subjects(t *testing.T, r *git.Repository, ref string) []string {
	t.Helper()
	var all []string
	got, _ := commits(t, r, ref, nil)
	for _, c := range got {
		all = append(all, c.Subject)
	}
	return all
}

func TestHistory(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small+`
-- commit: Empty --
-- delete: README.md --
-- rename: src/two.go => lib/zwei.go --
-- commit: Move --
-- topic.txt --
x
-- commit: Topic --
branch: topic
-- commit: Merge topic --
merge: topic
`)
	got, h := commits(t, open(t, work.Dir), "", nil)
	ada, ben := rampforge.Signature{Name: "Ada Example", Email: "ada@example.com"}, rampforge.Signature{Name: "Ben Example", Email: "ben@example.com"}
	at := func(hour int) time.Time { return gittest.Start.Add(time.Duration(hour) * time.Hour) }
	want := []rampforge.Commit{
		{Hash: work.Hash("main"), Parents: []string{work.Hash("main~1"), work.Hash("topic")}, Author: ada, AuthoredAt: at(5), Subject: "Merge topic"},
		{Hash: work.Hash("topic"), Parents: []string{work.Hash("main~1")}, Author: ada, AuthoredAt: at(4), Subject: "Topic", Changes: []rampforge.Change{{Status: 'A', Path: "topic.txt"}}},
		{Hash: work.Hash("main~1"), Parents: []string{work.Hash("main~2")}, Author: ada, AuthoredAt: at(3), Subject: "Move", Changes: []rampforge.Change{
			{Status: 'D', Path: "README.md"}, {Status: 'R', Path: "lib/zwei.go", OldPath: "src/two.go"},
		}},
		{Hash: work.Hash("main~2"), Parents: []string{work.Hash("v1")}, Author: ada, AuthoredAt: at(2), Subject: "Empty"},
		{Hash: work.Hash("v1"), Parents: []string{work.Hash("v1~1")}, Author: ben, AuthoredAt: at(1), Subject: "Add two", Body: "It was missing.\n\nReviewed-by: Ada Example <ada@example.com>", Changes: []rampforge.Change{{Status: 'A', Path: "src/two.go"}}},
		{Hash: work.Hash("v1~1"), Author: ada, AuthoredAt: at(0), Subject: "Begin", Changes: []rampforge.Change{{Status: 'A', Path: "README.md"}, {Status: 'A', Path: "src/one.go"}}},
	}
	for i := range want {
		want[i].Committer, want[i].CommittedAt = want[i].Author, want[i].AuthoredAt
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if complete, reason := h.Complete(); !complete {
		t.Errorf("incomplete: %s", reason)
	}
}

// TestHistoryAgain reads what grew, was wound back and was forced elsewhere
// with one cache, and each time what a reading without a cache has.
func TestHistoryAgain(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small+`
-- topic.txt --
x
-- commit: Topic --
branch: topic
-- commit: Merge topic --
merge: topic
-- last.txt --
y
-- commit: Last --
`)
	cache := &memory{kept: map[string][]byte{}}
	for _, ref := range []string{"main~2", "main", "main", "topic", "v1", "main~1", "main"} {
		r := open(t, work.Dir)
		cached, _ := commits(t, r, work.Hash(ref), cache)
		plain, _ := commits(t, r, work.Hash(ref), nil)
		byHash := cmpopts.SortSlices(func(a, b rampforge.Commit) bool { return a.Hash < b.Hash })
		if diff := cmp.Diff(plain, cached, byHash); diff != "" {
			t.Errorf("%s (-without +with the cache):\n%s", ref, diff)
		}
	}
	// A list whose first commit the repository does not have is of no use.
	cache.Put("rev-list", append([]byte{1}, make([]byte, 20)...))
	r := open(t, work.Dir)
	cached, _ := commits(t, r, "main", cache)
	plain, _ := commits(t, r, "main", nil)
	if len(cached) != len(plain) {
		t.Errorf("%d commits after a damaged list, want %d", len(cached), len(plain))
	}
}

// TestHistoryOfOddCommits reads what git accepts and people rarely write.
func TestHistoryOfOddCommits(t *testing.T) {
	t.Parallel()
	work := gittest.Init(t)
	commit := func(extra, message, changes string) string {
		return fmt.Sprintf("commit refs/heads/main\n%sdata %d\n%s\n%s\n", extra, len(message), message, changes)
	}
	ada := "committer Ada <ada@example.com> 1700000000 +0000\n"
	work.Import(commit(ada, "", "M 644 inline a\ndata 1\n1\n") +
		commit("author  <> 1700000000 +0000\n"+ada, "\n\n", "M 644 inline \"new\\nline\"\ndata 1\n1\n") +
		commit("author \xe4\xff <x@example.com> 1700000000 +9999\n"+ada, "latin \xe4\n", "M 644 inline \"\\377\"\ndata 1\n1\n") +
		commit("committer Late <late@example.com> 99999999999999 +0000\n", "two\nlines of subject\n\n\n\nbody\n", "") +
		commit(ada, strings.Repeat("x", 200_000), "M 120000 inline a\ndata 1\n1\n") +
		commit(ada+"encoding ISO-8859-1\n", "gr\xfc\xdfe\r\n\r\ncr\r\n", ""))
	got, _ := commits(t, open(t, work.Dir), "", nil)
	type view struct {
		Author, Email, Subject, Body string
		Changes                      []rampforge.Change
	}
	var views []view
	for _, c := range got {
		v := view{c.Author.Name, c.Author.Email, c.Subject, c.Body, c.Changes}
		if len(v.Subject) > 100 {
			v.Subject = fmt.Sprint(len(v.Subject))
		}
		views = append(views, v)
	}
	want := []view{
		{"Ada", "ada@example.com", "grüße", "cr", nil},
		{"Ada", "ada@example.com", "4096", "", []rampforge.Change{{Status: 'T', Path: "a"}}},
		{"Late", "late@example.com", "two lines of subject", "body", nil},
		{"\uFFFD", "x@example.com", "latin \uFFFD", "", []rampforge.Change{{Status: 'A', Path: "\xff"}}},
		{"", "", "", "", []rampforge.Change{{Status: 'A', Path: "new\nline"}}},
		{"Ada", "ada@example.com", "", "", []rampforge.Change{{Status: 'A', Path: "a"}}},
	}
	if diff := cmp.Diff(want, views); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if year := got[2].CommittedAt.Year(); year != 9999 {
		t.Errorf("a date beyond the calendar is in %d", year)
	}
}

func TestHistoryOfAnOctopusAndUnrelatedRoots(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, `
-- a --
a
-- commit: A --
-- b --
b
-- commit: B --
branch: b
orphan: yes
-- c --
c
-- commit: C --
branch: c
orphan: yes
-- commit: All --
merge: b c
`)
	got, _ := commits(t, open(t, work.Dir), "", nil)
	roots := 0
	for _, c := range got {
		if len(c.Parents) == 0 {
			roots++
		}
	}
	if len(got) != 4 || len(got[0].Parents) != 3 || got[0].Changes != nil || roots != 3 {
		t.Errorf("%d commits, %d roots, first %+v", len(got), roots, got[0])
	}
}

// memory is a cache that counts.
type memory struct {
	mu         sync.Mutex
	kept       map[string][]byte
	hits, puts int
}

func (m *memory) Get(hash string) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	encoded, ok := m.kept[hash]
	if ok {
		m.hits++
	}
	return encoded, ok
}

func (m *memory) Put(hash string, encoded []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept[hash] = encoded
	m.puts++
}

func TestHistoryReadsWhatIsNew(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	cache := &memory{kept: map[string][]byte{}}
	first, _ := commits(t, open(t, work.Dir), "", cache)
	if cache.hits != 0 || cache.puts != 3 {
		t.Errorf("%d hits, %d puts at first; two commits and a list have to be put", cache.hits, cache.puts)
	}
	work.Add("-- new --\n-- commit: New --\n")
	second, _ := commits(t, open(t, work.Dir), "", cache)
	if cache.hits != 3 || cache.puts != 5 {
		t.Errorf("%d hits, %d puts after one more commit", cache.hits, cache.puts)
	}
	if diff := cmp.Diff(first, second[1:]); diff != "" {
		t.Errorf("what was kept reads otherwise (-first +second):\n%s", diff)
	}
	cache.kept[work.Hash("main")] = []byte("damaged")
	cache.kept[work.Hash("v1")] = cache.kept[work.Hash("v1~1")] // of another commit
	third, _ := commits(t, open(t, work.Dir), "", cache)
	if diff := cmp.Diff(second, third); diff != "" {
		t.Errorf("a damaged cache changes the history (-second +third):\n%s", diff)
	}
}

// TestHistoryOfManyChunks checks the order and the count when several
// processes share the work, and that ending early is clean.
func TestHistoryOfManyChunks(t *testing.T) {
	t.Parallel()
	var stream strings.Builder
	const n = 4200
	for i := range n {
		fmt.Fprintf(&stream, "commit refs/heads/main\ncommitter Ada <ada@example.com> %d +0000\ndata <<.\n%d\n.\nM 644 inline f%d\ndata <<.\n%d\n.\n\n", 1700000000+i, i, i%7, i)
	}
	work := gittest.Init(t)
	work.Import(stream.String())
	r := open(t, work.Dir)
	got, _ := commits(t, r, "", nil)
	if len(got) != n {
		t.Fatalf("%d commits, want %d", len(got), n)
	}
	for i, c := range got {
		if c.Subject != fmt.Sprint(n-1-i) || len(c.Changes) != 1 {
			t.Fatalf("commit %d is %q with %v", i, c.Subject, c.Changes)
		}
	}
	seen := 0
	for _, err := range r.History(work.Hash("main"), nil).Commits(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; seen == 10 {
			break
		}
	}
}

func TestHistoryOfAShallowClone(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	dir := filepath.Join(t.TempDir(), "shallow")
	work.Git("clone", "--quiet", "--depth=1", "file://"+work.Dir, dir)
	cache := &memory{kept: map[string][]byte{}}
	mirror, err := git.Fetch(t.Context(), filepath.Join(t.TempDir(), "m.git"), git.Remote{Path: dir}, git.Limits{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer mirror.Close()
	for _, r := range []*git.Repository{open(t, dir), mirror} {
		got, h := commits(t, r, "", cache)
		if len(got) != 1 || got[0].Changes != nil {
			t.Errorf("a shallow clone has %+v", got)
		}
		if complete, reason := h.Complete(); complete || reason != "the clone is shallow" {
			t.Errorf("complete %t: %q", complete, reason)
		}
	}
	head := work.Hash("main")
	if lines, err := mirror.History(head, cache).Lines(t.Context(), []string{head}); lines != nil || err != nil {
		t.Errorf("lines of a shallow clone: %v, %v", lines, err)
	}
	if cache.puts != 0 {
		t.Error("what a shallow clone shows was kept for other clones")
	}
}

// TestHistoryOfAPartialClone fetches nothing, and says what it could not see.
func TestHistoryOfAPartialClone(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("a line that stays\n", 50)
	work := gittest.Build(t, "-- old --\n"+content+"-- same --\nsame\n-- commit: One --\n"+
		"-- delete: old --\n-- new --\n"+content+"and one more\n-- rename: same => moved --\n-- commit: Two --\n")
	work.Git("config", "uploadpack.allowFilter", "true")
	dir := filepath.Join(t.TempDir(), "partial.git")
	work.Git("clone", "--quiet", "--bare", "--filter=blob:none", "file://"+work.Dir, dir)

	whole, _ := commits(t, open(t, work.Dir), "", nil)
	if diff := cmp.Diff([]rampforge.Change{{Status: 'R', Path: "moved", OldPath: "same"}, {Status: 'R', Path: "new", OldPath: "old"}}, whole[0].Changes); diff != "" {
		t.Errorf("the whole clone (-want +got):\n%s", diff)
	}
	r := open(t, dir)
	cache := &memory{kept: map[string][]byte{}}
	partial, h := commits(t, r, "", cache)
	want := []rampforge.Change{{Status: 'R', Path: "moved", OldPath: "same"}, {Status: 'A', Path: "new"}, {Status: 'D', Path: "old"}}
	if diff := cmp.Diff(want, partial[0].Changes); diff != "" {
		t.Errorf("the partial clone (-want +got):\n%s", diff)
	}
	if complete, reason := h.Complete(); complete || !strings.Contains(reason, "lacks files of one commit") {
		t.Errorf("complete %t: %q", complete, reason)
	}
	if cache.puts != 2 {
		t.Errorf("%d values were kept, want the list and the one commit that is known in full", cache.puts)
	}
	if lines, err := h.Lines(t.Context(), []string{work.Hash("main")}); lines != nil || err != nil {
		t.Errorf("lines without contents: %v, %v", lines, err)
	}
	tree, err := r.Tree(t.Context(), work.Hash("main"))
	if err != nil || tree.Files()[0].Size != -1 {
		t.Fatalf("the tree is %+v, %v", tree, err)
	}
	if err := tree.Blobs(t.Context(), []string{tree.Files()[0].Blob}, func(_ string, content []byte) error {
		if content != nil {
			t.Error("a blob that is not there has content")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// TestLines counts what is added and deleted, and counts it once.
func TestLines(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("a line that stays\n", 50)
	work := gittest.Build(t, "-- a\tb --\n1\n2\n3\n-- old --\n"+content+"-- commit: One --\n"+
		"-- a\tb --\n1\ntwo\n3\n4\n-- delete: old --\n-- new --\n"+content+"and one more\n-- commit: Two --\n"+
		"-- large --\n"+strings.Repeat("0123456789abcde\n", 1<<17)+"-- commit: Three --\n")
	work.Git("config", "core.bigFileThreshold", "9g") // it has no say
	r, cache := open(t, work.Dir), &memory{kept: map[string][]byte{}}
	hashes := strings.Fields(work.Git("rev-list", "--reverse", "main"))
	h := r.History(hashes[2], cache)
	for range 2 {
		got, err := h.Lines(t.Context(), []string{hashes[1], hashes[0], hashes[2]})
		if diff := cmp.Diff([]int64{4, 53, 0}, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	if cache.puts != 3 || cache.hits != 3 {
		t.Errorf("%d kept, %d found", cache.puts, cache.hits)
	}
	if _, err := h.Lines(t.Context(), []string{"--output=x"}); git.Reason(err) != git.ReasonRefNotFound {
		t.Errorf("no hash: %v", err)
	}
	if _, err := h.Lines(t.Context(), []string{strings.Repeat("1", 40)}); err == nil {
		t.Error("a commit that is not there has lines")
	}
}

// TestHistoryWithALostCommit must never be a short history.
func TestHistoryWithALostCommit(t *testing.T) {
	t.Parallel()
	for name, object := range map[string]string{"commit": "main~1", "root": "main~2", "tree": "main~1:src", "root tree": "main~2^{tree}"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			work := gittest.Build(t, small+"-- src/three.go --\npackage src\n-- commit: Three --\n")
			head := work.Hash("main")
			damage(t, work, work.Git("rev-parse", object), nil)
			var last error
			n := 0
			for _, err := range open(t, work.Dir).History(head, nil).Commits(t.Context()) {
				last = err
				n++
			}
			wantReason(t, last, git.ReasonCorrupt, "lacks objects")
			if n > 3 {
				t.Errorf("%d results", n)
			}
		})
	}
}
