package codeindex_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
)

// railsTests is an application of Rails and its specs.
func railsTests() codeindex.Contents {
	c := codeindex.Contents{Components: []codeindex.Component{{Name: "app", Parent: -1}, {Name: "spec", Parent: -1}}}
	for _, p := range []string{
		"app/controllers/api/users_controller.rb", "app/controllers/users_controller.rb", "app/models/admin/user.rb", "app/models/user.rb", "app/views/users/show.html.erb",
		"app/models/account.rb", "lib/csv/writer.rb", "config/routes.rb",
		"spec/factories/user.rb", "spec/features/user_spec.rb", "spec/lib/csv/writer_spec.rb", "spec/models/account_spec.rb", "spec/models/admin/user_spec.rb", "spec/models/user_spec.rb",
		"spec/rails_helper.rb", "spec/requests/api/users_spec.rb", "spec/requests/sign_in_spec.rb", "spec/requests/users_filter_spec.rb", "spec/requests/users_spec.rb",
		"spec/views/users/show.html.erb_spec.rb",
	} {
		f := codeindex.File{Path: p, Language: "Ruby", Kind: "programming", Component: 0}
		if strings.HasPrefix(p, "spec/") {
			f.Test, f.Component = true, 1
		}
		f.Helper = p == "spec/rails_helper.rb" || p == "spec/factories/user.rb"
		if strings.HasSuffix(p, ".erb") {
			f.Language = "HTML+ERB"
		}
		c.Files = append(c.Files, f)
	}
	slices.SortFunc(c.Files, func(a, b codeindex.File) int { return strings.Compare(a.Path, b.Path) })
	at := func(p string) int32 {
		for i := range c.Files {
			if c.Files[i].Path == p {
				return int32(i)
			}
		}
		panic(p)
	}
	use := func(from, to string, confidence uint8) codeindex.Edge {
		return codeindex.Edge{From: at(from), To: at(to), Weight: 1, Confidence: confidence}
	}
	c.Imports = []codeindex.Edge{
		use("spec/models/user_spec.rb", "app/models/user.rb", 100),
		use("spec/models/account_spec.rb", "app/models/account.rb", 100),
		use("app/models/account.rb", "app/models/user.rb", 90), // has_many :users
		use("app/controllers/users_controller.rb", "app/models/user.rb", 100),
		use("app/controllers/users_controller.rb", "app/views/users/show.html.erb", 90),
		use("spec/factories/user.rb", "app/models/user.rb", 90),
		use("spec/rails_helper.rb", "spec/factories/user.rb", 100),
		use("spec/lib/csv/writer_spec.rb", "spec/rails_helper.rb", 100),
	}
	c.Requests = []codeindex.Edge{use("spec/requests/sign_in_spec.rb", "app/controllers/users_controller.rb", 80)}
	return c
}

func TestTestsToRun(t *testing.T) {
	t.Parallel()
	ix := codeindex.New(railsTests())
	for _, tt := range []struct {
		path string
		want []string
	}{
		{"app/models/user.rb", []string{
			"spec/models/user_spec.rb 1 1.00 imports",
			"spec/models/account_spec.rb 2 0.72 imports",    // by the association
			"spec/requests/sign_in_spec.rb 2 0.64 requests", // of the controller that uses it
			"spec/lib/csv/writer_spec.rb 3 0.05 imports",    // by the helper that all specs have
		}},
		{"app/controllers/users_controller.rb", []string{
			"spec/requests/users_spec.rb 1 0.90 same_name",
			"spec/requests/sign_in_spec.rb 1 0.80 requests",
			"spec/features/user_spec.rb 1 0.60 same_name",
			"spec/requests/users_filter_spec.rb 1 0.50 same_name",
		}},
		{"app/controllers/api/users_controller.rb", []string{"spec/requests/api/users_spec.rb 1 0.90 same_name"}},
		{"app/models/admin/user.rb", []string{"spec/models/admin/user_spec.rb 1 0.90 same_name"}},
		{"lib/csv/writer.rb", []string{"spec/lib/csv/writer_spec.rb 1 0.90 same_name"}},
		{"app/views/users/show.html.erb", []string{
			"spec/views/users/show.html.erb_spec.rb 1 0.90 same_name",
			"spec/requests/sign_in_spec.rb 2 0.58 requests",
		}},
		{"config/routes.rb", nil},
	} {
		answer, err := ix.Impact(codeindex.ImpactQuery{Path: tt.path})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, test := range answer.Tests {
			got = append(got, fmt.Sprintf("%s %d %.2f %s", test.Path, test.Distance, test.Confidence, test.Reason))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", tt.path, diff)
		}
	}
}

// TestTestsOfManyControllers counts what a folder of controllers costs: four
// times as many cost about four times as much, and not sixteen times.
func TestTestsOfManyControllers(t *testing.T) { //nolint:paralleltest // allocations are counted
	cost := func(n int, controller string) float64 {
		var c codeindex.Contents
		for i := range n {
			for _, p := range []string{fmt.Sprintf(controller, i), fmt.Sprintf("spec/requests/the_accounts_of_our_customers_%05d_spec.rb", i)} {
				c.Files = append(c.Files, codeindex.File{Path: p, Language: "Ruby", Kind: "programming", Component: -1, Test: strings.HasPrefix(p, "spec/")})
			}
		}
		slices.SortFunc(c.Files, func(a, b codeindex.File) int { return strings.Compare(a.Path, b.Path) })
		ix := codeindex.New(c)
		return testing.AllocsPerRun(1, func() {
			answer, err := ix.Impact(codeindex.ImpactQuery{Path: "app"})
			if err != nil || answer.TestTotal != n {
				t.Fatalf("%v, %d tests of %d", err, answer.TestTotal, n)
			}
		})
	}
	for _, controller := range []string{
		"app/controllers/the_accounts_of_our_customers_%05d_controller.rb", // each has its test
		"app/%05d/controllers/the_accounts_controller.rb",                  // each has all of them
	} {
		if few, many := cost(200, controller), cost(800, controller); many > 8*few {
			t.Errorf("%s: 200 files cost %g allocations, 800 cost %g", controller, few, many)
		}
	}
}

// TestTestsByMirroredFolders tells files of the same name apart by the folders
// that say what they are about.
func TestTestsByMirroredFolders(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file, test string
		want       float64 // 0 for none
	}{
		{"src/main/java/shop/Cart.java", "src/test/java/shop/CartTest.java", 0.9},
		{"src/main/java/shop/Cart.java", "src/test/java/stock/CartTest.java", 0},
		{"packages/a/src/index.ts", "packages/a/test/index.spec.tsx", 0.9},
		{"packages/a/src/index.ts", "packages/b/test/index.spec.tsx", 0},
		{"shop/cart.py", "tests/shop/test_cart.py", 0.9},
		{"src/web/shop/cart.py", "tests/shop/test_cart.py", 0.8},
		{"app/Models/Cart.php", "tests/Unit/Models/CartTest.php", 0.9},
		{"web/cart.py", "web/cart.test.js", 0},
	} {
		language := map[string]string{"java": "Java", "ts": "TypeScript", "tsx": "TSX", "py": "Python", "php": "PHP", "js": "JavaScript"}
		var c codeindex.Contents
		for _, p := range []string{tt.file, tt.test} {
			c.Files = append(c.Files, codeindex.File{Path: p, Language: language[p[strings.LastIndexByte(p, '.')+1:]], Component: -1, Test: p == tt.test})
		}
		slices.SortFunc(c.Files, func(a, b codeindex.File) int { return strings.Compare(a.Path, b.Path) })
		answer, err := codeindex.New(c).Impact(codeindex.ImpactQuery{Path: tt.file})
		if err != nil {
			t.Fatal(err)
		}
		got := 0.0
		if len(answer.Tests) > 0 {
			got = answer.Tests[0].Confidence
		}
		if got != tt.want {
			t.Errorf("%s of %s: %v, want %v", tt.test, tt.file, got, tt.want)
		}
	}
}

// TestTestsOfFilesOfOneName asks about a folder of very many files that are all
// called the same, with a test for each: held against each other in pairs, they
// would take minutes.
func TestTestsOfFilesOfOneName(t *testing.T) {
	t.Parallel()
	const many = 40_000
	var c codeindex.Contents
	for i := range many {
		c.Files = append(c.Files,
			codeindex.File{Path: fmt.Sprintf("src/part%05d/index.ts", i), Language: "TypeScript", Kind: "programming", Component: -1},
			codeindex.File{Path: fmt.Sprintf("test/x/part%05d/index.test.ts", i), Language: "TypeScript", Kind: "programming", Component: -1, Test: true})
	}
	slices.SortFunc(c.Files, func(a, b codeindex.File) int { return strings.Compare(a.Path, b.Path) })
	ix := codeindex.New(c)
	type answer struct {
		impact *codeindex.Impact
		err    error
	}
	done := make(chan answer, 1)
	go func() {
		impact, err := ix.Impact(codeindex.ImpactQuery{Path: "src"})
		done <- answer{impact, err}
	}()
	select {
	case got := <-done:
		if got.err != nil {
			t.Fatal(got.err)
		}
		want := codeindex.Test{Path: "test/x/part00000/index.test.ts", Distance: 1, Confidence: 0.8, Reason: "same_name"}
		if diff := cmp.Diff(want, got.impact.Tests[0]); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	case <-time.After(time.Minute):
		t.Fatal("no answer within a minute")
	}
}
