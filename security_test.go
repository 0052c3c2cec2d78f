package rampforge_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	namedFile = regexp.MustCompile("`([a-z][a-z0-9_/]*_test\\.go)`")
	namedTest = regexp.MustCompile("`(Test[A-Za-z0-9]+)`")
	anyFile   = regexp.MustCompile("`([A-Za-z.][A-Za-z0-9_./-]*)`")
)

// TestSecurityDocumentNamesTests reads docs/security.md and docs/asvs.md and looks
// for each test that they name, in the file named before it on the line.
func TestSecurityDocumentNamesTests(t *testing.T) {
	for document, least := range map[string]int{"docs/security.md": 50, "docs/asvs.md": 150} {
		found := 0
		for line := range strings.Lines(read(t, document)) {
			if strings.HasPrefix(line, "|") {
				found += checkNamed(t, line)
			}
		}
		if found < least {
			t.Errorf("only %d tests were found in %s: is it read rightly?", found, document)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// checkNamed looks for the tests of one line and returns how many there are.
func checkNamed(t *testing.T, line string) int {
	t.Helper()
	found := 0
	files := namedFile.FindAllStringSubmatchIndex(line, -1)
	for n, file := range files {
		name, end := line[file[2]:file[3]], len(line)
		if n+1 < len(files) {
			end = files[n+1][0]
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Errorf("%s is named and is not there", name)
			continue
		}
		tests := namedTest.FindAllStringSubmatch(line[file[1]:end], -1)
		if len(tests) == 0 {
			t.Errorf("no test of %s is named in %s", name, line)
		}
		for _, test := range tests {
			found++
			if !strings.Contains(string(source), "func "+test[1]+"(") {
				t.Errorf("%s has no %s", name, test[1])
			}
		}
	}
	if len(files) == 0 && namedTest.MatchString(line) {
		t.Errorf("a test is named without its file: %s", line)
	}
	return found
}

// asvs has the numbers of the requirements of level 1 and 2 of OWASP ASVS 5.0.0,
// by section; those of level 3 leave gaps.
var asvs = map[string][]int{
	"1.1": {1, 2}, "1.2": {1, 2, 3, 4, 5, 6, 7, 8, 9}, "1.3": {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, "1.4": {1, 2, 3}, "1.5": {1, 2},
	"2.1": {1, 2, 3}, "2.2": {1, 2, 3}, "2.3": {1, 2, 3, 4}, "2.4": {1},
	"3.2": {1, 2}, "3.3": {1, 2, 3, 4}, "3.4": {1, 2, 3, 4, 5, 6}, "3.5": {1, 2, 3, 4, 5}, "3.7": {1, 2},
	"4.1": {1, 2, 3}, "4.2": {1}, "4.3": {1, 2}, "4.4": {1, 2, 3, 4},
	"5.1": {1}, "5.2": {1, 2, 3}, "5.3": {1, 2}, "5.4": {1, 2, 3},
	"6.1": {1, 2, 3}, "6.2": {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, "6.3": {1, 2, 3, 4}, "6.4": {1, 2, 3, 4}, "6.5": {1, 2, 3, 4, 5}, "6.6": {1, 2, 3}, "6.8": {1, 2, 3, 4},
	"7.1": {1, 2, 3}, "7.2": {1, 2, 3, 4}, "7.3": {1, 2}, "7.4": {1, 2, 3, 4, 5}, "7.5": {1, 2}, "7.6": {1, 2},
	"8.1": {1, 2}, "8.2": {1, 2, 3}, "8.3": {1}, "8.4": {1},
	"9.1": {1, 2, 3}, "9.2": {1, 2, 3, 4},
	"10.1": {1, 2}, "10.2": {1, 2}, "10.3": {1, 2, 3, 4}, "10.4": {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, "10.5": {1, 2, 3, 4, 5}, "10.6": {1, 2}, "10.7": {1, 2, 3},
	"11.1": {1, 2}, "11.2": {1, 2, 3}, "11.3": {1, 2, 3}, "11.4": {1, 2, 3, 4}, "11.5": {1}, "11.6": {1},
	"12.1": {1, 2, 3}, "12.2": {1, 2}, "12.3": {1, 2, 3, 4},
	"13.1": {1}, "13.2": {1, 2, 3, 4, 5}, "13.3": {1, 2}, "13.4": {1, 2, 3, 4, 5},
	"14.1": {1, 2}, "14.2": {1, 2, 3, 4}, "14.3": {1, 2, 3},
	"15.1": {1, 2, 3}, "15.2": {1, 2, 3}, "15.3": {1, 2, 3, 4, 5, 6, 7},
	"16.1": {1}, "16.2": {1, 2, 3, 4, 5}, "16.3": {1, 2, 3, 4}, "16.4": {1, 2, 3}, "16.5": {1, 2, 3},
	"17.1": {1}, "17.2": {1, 2, 3, 4}, "17.3": {1, 2},
}

// asvsStates are the words that docs/asvs.md judges by, in the order of the summary.
var asvsStates = []string{"met", "in part", "not met", "operator", "n/a"}

// TestEveryRequirementIsJudgedOnce holds docs/asvs.md against the numbers of the
// standard, and the summary in docs/security.md against docs/asvs.md.
func TestEveryRequirementIsJudgedOnce(t *testing.T) {
	left := map[string]bool{}
	for section, numbers := range asvs {
		for _, n := range numbers {
			left[fmt.Sprintf("V%s.%d", section, n)] = true
		}
	}
	if len(left) != 253 {
		t.Fatalf("the standard has 253 requirements of level 1 and 2, the table %d", len(left))
	}
	counts := map[string]map[string]int{} // by chapter and state
	for line := range strings.Lines(read(t, "docs/asvs.md")) {
		if !strings.HasPrefix(line, "| V") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 5 {
			t.Errorf("five cells are expected: %s", line)
			continue
		}
		for n := range cells {
			cells[n] = strings.TrimSpace(cells[n])
		}
		number, level, state, shown := cells[0], cells[1], cells[3], cells[4]
		if !left[number] {
			t.Errorf("%s is there twice, or is no requirement of these levels", number)
		}
		delete(left, number)
		if level != "1" && level != "2" || cells[2] == "" || !slices.Contains(asvsStates, state) {
			t.Errorf("%s: level %q, %q, state %q", number, level, cells[2], state)
		}
		checkShown(t, number, state, shown)
		chapter, _, _ := strings.Cut(number, ".")
		if counts[chapter] == nil {
			counts[chapter] = map[string]int{}
		}
		counts[chapter][state]++
	}
	for _, number := range slices.Sorted(maps.Keys(left)) {
		t.Errorf("nothing is said of %s", number)
	}
	summary := read(t, "docs/security.md")
	total := map[string]int{}
	for chapter, of := range counts {
		if row := summaryRow(of); !strings.Contains(summary, "| "+chapter+" ") || !regexp.MustCompile(`(?m)^\| `+chapter+` [^|]*`+regexp.QuoteMeta(row)+`$`).MatchString(summary) {
			t.Errorf("docs/security.md does not count %s%s", chapter, row)
		}
		for state, n := range of {
			total[state] += n
		}
	}
	if row := summaryRow(total); !strings.Contains(summary, "| all "+row+"\n") {
		t.Errorf("docs/security.md does not count all %s", row)
	}
}

func summaryRow(counts map[string]int) string {
	row := "|"
	for _, state := range asvsStates {
		row += fmt.Sprintf(" %d |", counts[state])
	}
	return row
}

// checkShown wants a test for what is met, or a file for what is so by construction or
// written down, and no file that is not there.
func checkShown(t *testing.T, number, state, shown string) {
	t.Helper()
	files := anyFile.FindAllStringSubmatch(shown, -1)
	there := 0
	for _, file := range files {
		if !strings.Contains(file[1], "/") && !slices.Contains([]string{".dockerignore", "compose.team.yaml", "Makefile", "go.sum"}, file[1]) {
			continue // no file: a test, a variable, a command
		}
		if _, err := os.Stat(file[1]); err != nil {
			t.Errorf("%s names %s, which is not there", number, file[1])
			continue
		}
		there++
	}
	tests := len(namedTest.FindAllString(shown, -1))
	said := strings.Contains(shown, "by construction") || strings.Contains(shown, "documented: ")
	if state == "met" && tests == 0 && (there == 0 || !said) {
		t.Errorf("%s is met, and nothing shows it: %s", number, shown)
	}
	if (state == "in part" || state == "not met") && shown == "" {
		t.Errorf("%s does not say what is missing", number)
	}
}

// TestForbiddenImports keeps out of the product what has no place in it: hashes
// and ciphers that are broken, code that is loaded while it runs, and random
// numbers that can be guessed where secrets are made.
func TestForbiddenImports(t *testing.T) {
	forbidden := []string{"crypto/md5", "crypto/sha1", "crypto/des", "crypto/rc4", "crypto/dsa", "plugin", "net/http/cgi", "net/http/fcgi"}
	secrets := []string{"internal/api", "internal/auth", "internal/secret", "internal/store", "internal/telemetry"}
	read := 0
	for _, pkg := range list(t) {
		path := strings.TrimPrefix(pkg.ImportPath, module+"/")
		if isForTests(path) || within(path, "bench") {
			continue
		}
		read++
		for _, imp := range pkg.Imports {
			if slices.Contains(forbidden, imp) {
				t.Errorf("%s imports %s", path, imp)
			}
			if strings.HasPrefix(imp, "math/rand") && slices.ContainsFunc(secrets, func(p string) bool { return within(path, p) }) {
				t.Errorf("%s makes secrets and imports %s", path, imp)
			}
		}
	}
	if read < 50 {
		t.Errorf("only %d packages were read", read)
	}
}

// TestProgramsAreStartedInFewPlaces: each of them gives arguments, and none a line to a shell.
func TestProgramsAreStartedInFewPlaces(t *testing.T) {
	places := []string{"internal/cli", "internal/connector/mcpclient", "internal/git", "internal/inspect/apart"}
	shell := regexp.MustCompile(`exec\.Command(?:Context)?\([^)]*"(?:/bin/)?(?:sh|bash|cmd|powershell)"`)
	for _, pkg := range list(t) {
		path := strings.TrimPrefix(pkg.ImportPath, module+"/")
		if isForTests(path) || within(path, "bench") || !slices.Contains(pkg.Imports, "os/exec") {
			continue
		}
		if !slices.Contains(places, path) {
			t.Errorf("%s starts programs", path)
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") && shell.MatchString(read(t, path+"/"+e.Name())) {
				t.Errorf("%s/%s starts a shell", path, e.Name())
			}
		}
	}
}
