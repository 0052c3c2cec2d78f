package git

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
)

const (
	hashA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	hashB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

func readLog(text string) ([]rampforge.Commit, error) {
	l := logReader{in: bufio.NewReaderSize(strings.NewReader(text), 16), hexLen: 40, people: newNames()}
	var all []rampforge.Commit
	for {
		c, err := l.next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, c)
	}
}

func record(hash, parents, message, changes string) string {
	return hash + "\x00" + parents + "\x00Ada\x00ada@example.com\x001700000000\x00Ben\x00ben@example.com\x001700000001\x00" + message + "\x00" + "\x00" + changes
}

func TestLogReader(t *testing.T) {
	t.Parallel()
	text := record(hashA, hashB, "Subject\n\nBody\n", "\nM\x00go.mod\x00R087\x00old name\x00new\nname\x00C100\x00a\x00b\x00") + record(hashB, "", "", "")
	got, err := readLog(text)
	if err != nil {
		t.Fatal(err)
	}
	ada, ben := rampforge.Signature{Name: "Ada", Email: "ada@example.com"}, rampforge.Signature{Name: "Ben", Email: "ben@example.com"}
	authored, committed := time.Unix(1700000000, 0).UTC(), time.Unix(1700000001, 0).UTC()
	want := []rampforge.Commit{
		{Hash: hashA, Parents: []string{hashB}, Author: ada, AuthoredAt: authored, Committer: ben, CommittedAt: committed, Subject: "Subject", Body: "Body", Changes: []rampforge.Change{
			{Status: 'M', Path: "go.mod"}, {Status: 'R', Path: "new\nname", OldPath: "old name"}, {Status: 'A', Path: "b"},
		}},
		{Hash: hashB, Author: ada, AuthoredAt: authored, Committer: ben, CommittedAt: committed},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLogReaderRefuses(t *testing.T) {
	t.Parallel()
	whole := record(hashA, "", "m", "\nM\x00path\x00")
	for i := 1; i < len(whole); i++ {
		if strings.HasSuffix(whole[:i], "m\x00") || strings.HasSuffix(whole[:i], "m\x00\x00") || strings.HasSuffix(whole[:i], "\x00\x00\n") {
			continue // an end between a commit and its changes is a commit without any; the exit status tells
		}
		if got, err := readLog(whole[:i]); err == nil {
			t.Fatalf("cut after %d bytes it reads as %+v", i, got)
		}
	}
	for name, text := range map[string]string{
		"no hash":    "hello\x00",
		"bad parent": record(hashA, "x", "", ""),
		"bad status": record(hashA, "", "", "\nX\x00path\x00"),
		"long":       record(hashA, "", "", "\nM"+strings.Repeat("0", 10)+"\x00path\x00"),
		"no path":    record(hashA, "", "", "\nM\x00\x00"),
		"huge path":  record(hashA, "", "", "\nM\x00"+strings.Repeat("x", maxToken+10)+"\x00"),
	} {
		if got, err := readLog(text); err == nil {
			t.Errorf("%s reads as %+v", name, got)
		}
	}
}

func TestSplitMessage(t *testing.T) {
	t.Parallel()
	for message, want := range map[string][2]string{
		"":                           {"", ""},
		"one":                        {"one", ""},
		"one\ntwo\n\nbody\n\nmore\n": {"one two", "body\n\nmore"},
		"\n\n one \n  \n\nbody":      {"one", "body"},
		"a\r\n\r\nb\r\n":             {"a", "b"},
		"\xff\n":                     {"\uFFFD", ""},
	} {
		subject, body := splitMessage([]byte(message))
		if subject != want[0] || body != want[1] {
			t.Errorf("%q: %q, %q", message, subject, body)
		}
	}
	subject, body := splitMessage([]byte("s\n\n" + strings.Repeat("é", maxMessage)))
	if subject != "s" || len(body) > maxMessage || strings.ContainsRune(body, '\uFFFD') {
		t.Errorf("a long body has %d bytes", len(body))
	}
}

func TestClampTime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"": 0, "x": 0, "-5": 0, "1700000000": 1700000000, "99999999999999999999999": lastSecond, "-99999999999999999999999": 0, "18446744073709551615": lastSecond} {
		if got := clampTime(text); got.Unix() != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func FuzzLogReader(f *testing.F) {
	f.Add(record(hashA, hashB, "Subject\n\nBody", "\nM\x00a\x00R100\x00b\x00c\x00") + record(hashB, "", "", ""))
	f.Add(record(hashA, hashB+" "+hashA, "\xff\xfe", "\x00\x00\nA\x00\xff\x00"))
	f.Add("\x00\x00\n" + hashA)
	f.Fuzz(func(t *testing.T, text string) {
		got, _ := readLog(text) // an error is fine, a panic is not
		for _, c := range got {
			again, err := DecodeCommit(EncodeCommit(nil, &c))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c, again); diff != "" {
				t.Errorf("encoding changes a commit (-before +after):\n%s", diff)
			}
		}
	})
}

func FuzzDecodeCommit(f *testing.F) {
	c := rampforge.Commit{Hash: hashA, Parents: []string{hashB}, Subject: "s", Changes: []rampforge.Change{{Status: 'R', Path: "a/b", OldPath: "a/c"}, {Status: 'A', Path: "a/d"}}}
	f.Add(EncodeCommit(nil, &c))
	f.Add([]byte{encodingVersion})
	f.Fuzz(func(t *testing.T, encoded []byte) {
		got, err := DecodeCommit(encoded)
		if err != nil {
			return
		}
		if len(got.Parents) > len(encoded) || len(got.Changes) > len(encoded) {
			t.Error("more was decoded than there is")
		}
	})
}

func TestDecodeCommitRefusesDamage(t *testing.T) {
	t.Parallel()
	c := rampforge.Commit{Hash: hashA, Subject: "subject", Changes: []rampforge.Change{{Status: 'A', Path: "a/b"}, {Status: 'A', Path: "a/c"}}}
	encoded := EncodeCommit(nil, &c)
	for i := range encoded {
		if _, err := DecodeCommit(encoded[:i]); err == nil {
			t.Errorf("cut after %d of %d bytes it can be read", i, len(encoded))
		}
	}
	if _, err := DecodeCommit(append(encoded, 0)); err == nil {
		t.Error("with more behind it, it can be read")
	}
	encoded[0]++
	if _, err := DecodeCommit(encoded); err == nil {
		t.Error("another version can be read")
	}
}

func BenchmarkDecodeCommit(b *testing.B) {
	c := rampforge.Commit{Hash: hashA, Parents: []string{hashB}, Author: rampforge.Signature{Name: "Ada Example", Email: "ada@example.com"}, Subject: "internal/git: read the history", Body: strings.Repeat("A sentence of the body. ", 20), AuthoredAt: time.Unix(1, 0), CommittedAt: time.Unix(1, 0)}
	for _, name := range []string{"one", "two", "three", "four", "five"} {
		c.Changes = append(c.Changes, rampforge.Change{Status: 'M', Path: "internal/git/some/folder/" + name + ".go"})
	}
	encoded := EncodeCommit(nil, &c)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeCommit(encoded); err != nil {
			b.Fatal(err)
		}
	}
}
