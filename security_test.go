package rampforge_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	namedFile = regexp.MustCompile("`([a-z][a-z0-9_/]*_test\\.go)`")
	namedTest = regexp.MustCompile("`(Test[A-Za-z0-9]+)`")
)

// TestSecurityDocumentNamesTests reads docs/security.md and looks for each test
// that it names, in the file named before it on the line.
func TestSecurityDocumentNamesTests(t *testing.T) {
	text, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "|") {
			continue
		}
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
	}
	if found < 80 {
		t.Errorf("only %d tests were found in the document: is it read rightly?", found)
	}
}
