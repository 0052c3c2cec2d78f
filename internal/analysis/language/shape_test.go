package language_test

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

func TestPathShape(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"main.go":                           "main.go",
		"a/b/c/main.go":                     "_/main.go",
		"core/src/test/java/a/b/ATest.java": "_/src/test/_/ATest.java",
		"Tests/Unit/a_test.php":             "Tests/_/a_test.php",
		"srv/public/index.php":              "_/public/index.php",
		"src/main.c":                        "_/main.c",
		"ends_/with.py":                     "_/with.py",
		"":                                  "",
	} {
		if got := language.PathShape(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
		if again := language.PathShape(want); again != want {
			t.Errorf("the shape of the shape %q is %q", want, again)
		}
	}
}
